"""Files of what happened to contacts' passages: entered, returned, won, lost, disqualified, recycled."""

from datetime import datetime

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel import bulk
from accord.kernel.imports.kinds import Batch, Kind, Plan, Row, Written
from accord.kernel.imports.maps import Target
from accord.kernel.ledger import Writing
from accord.rooms.agreement.queries import pool_owner
from accord.rooms.funnel import rules
from accord.rooms.funnel.imports.passages import Passages
from accord.rooms.funnel.models import Lead
from accord.rooms.people.imports import people


def targets() -> list[Target]:
    return [
        Target("contact", _("Contact"), "text", True),
        Target("move", _("What happened"), "text", True),
        Target("occurred_at", _("When"), "date", True),
        Target("recorded_at", _("Known since"), "date", False),
        Target("reason", _("Reason"), "text", False, 200),
    ]


def plan(batch: Batch) -> Plan:
    made = Plan()
    for row in batch.rows:
        move = row.get("move", "")
        if not row.get("contact") or not row.get("occurred_at"):
            made.reject(row, _("The row needs a contact and the time when it happened."))
        elif move not in rules.HISTORY_MOVES:
            known = ", ".join(rules.HISTORY_MOVES)
            made.reject(row, format_lazy(_("There is no move “{move}”: use {known}."), move=move, known=known))
        else:
            made.created.append(row)
    made.apply = lambda writing: _apply(writing, made.created, batch)
    return made


def _apply(writing: Writing, rows: list[Row], batch: Batch) -> Written:
    written = Written()
    contacts = people.ensure_contacts([(row.cells["contact"], batch.happened(row)) for row in rows], batch, written)
    passages = Passages.of(contacts.values(), batch)
    pool = pool_owner(batch.at)
    ids = iter(bulk.reserve(Lead, sum(row.cells["move"] == rules.ENTERED for row in rows)))
    for row in sorted(rows, key=lambda row: _when(row, batch)):
        contact = contacts[row.cells["contact"]]
        written.records[row.key] = contact
        if row.cells["move"] != rules.ENTERED:
            _moved(row, contact, passages)
        elif passages.open_of(contact):
            passages.says_entered(contact, row)
        else:
            passages.enter(next(ids), contact, row, "import", pool.pk if pool else None)
    passages.write(written)
    return written


def _when(row: Row, batch: Batch) -> tuple[datetime, datetime]:
    """Moves take effect when they are recorded, whatever the order of the rows; of those at one instant it decides."""
    happened = batch.happened(row)
    return batch.learnt(row, happened)[0] or batch.at, happened


def _moved(row: Row, contact: int, passages: Passages) -> None:
    move, reason = row.cells["move"], row.get("reason", "")
    to = rules.ENGAGED if move == rules.RETURNED else move
    passage = passages.open_of(contact)
    if passage:
        passages.move(passage, row, move, to, passages.batch.happened(row), reason=reason)
    else:
        passages.moves_base(contact, row, move, to, reason)


KIND = Kind("transitions", _("What happened to leads"), targets, plan, field_kinds=("lead", "contact"))
