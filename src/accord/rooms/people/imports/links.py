"""Files of links: from when on an anonymous visitor was known to be a contact, or to be nobody's."""

from django.utils.translation import gettext_lazy as _

from accord.kernel.imports.kinds import Batch, Kind, Plan, Row, Written
from accord.kernel.imports.maps import Target
from accord.kernel.ledger import Rows, Writing
from accord.rooms.people.imports import people
from accord.rooms.people.models import Link
from accord.rooms.people.models.identity import ANONYMOUS


def targets() -> list[Target]:
    return [
        Target("anonymous_id", _("Anonymous id"), "text", True),
        Target("contact", _("Contact"), "text", False),
        Target("recorded_at", _("Known since"), "date", False),
    ]


def plan(batch: Batch) -> Plan:
    made = Plan()
    for row in batch.rows:
        if not row.get("anonymous_id"):
            made.reject(row, _("The row has no anonymous id."))
        elif batch.history and not row.get("recorded_at"):
            made.reject(row, _("History needs the time since when the link was known."))
        else:
            made.created.append(row)
    made.apply = lambda writing: _apply(writing, made.created, batch)
    return made


def _apply(writing: Writing, rows: list[Row], batch: Batch) -> Written:
    written = Written()
    named = [(row.cells["contact"], row.get("recorded_at") or batch.at) for row in rows if row.get("contact")]
    contacts = people.ensure_contacts(named, batch, written)
    identities = people.identity_ids(ANONYMOUS, [row.cells["anonymous_id"] for row in rows])
    links = []
    for row in rows:
        identity, contact = identities[row.cells["anonymous_id"]], contacts.get(row.get("contact", ""))
        written.records[row.key] = identity
        links.append((identity, contact, row.get("recorded_at") if batch.history else None))
    written.rows.append(Rows(Link, ["identity_id", "contact_id", "recorded_at"], links))
    return written


KIND = Kind("links", _("Links of visitors to contacts"), targets, plan)
