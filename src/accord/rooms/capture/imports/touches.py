"""Files of touches: what a contact or an anonymous visitor did, when, and since when we knew."""

from django.utils.translation import gettext_lazy as _

from accord.kernel import bulk
from accord.kernel.imports.kinds import Batch, Kind, Plan, Row, Written
from accord.kernel.imports.maps import Target
from accord.kernel.imports.values import parse_bool
from accord.kernel.instants import BEGINNING
from accord.kernel.ledger import Rows, Writing
from accord.rooms.capture import named
from accord.rooms.capture.models import Touch
from accord.rooms.people.imports import people
from accord.rooms.people.models import Link
from accord.rooms.people.models.identity import ANONYMOUS, USER

COLUMNS = ["identity_id", "kind", "occurred_at", "recorded_at", "machine", "asset", "campaign", "channel", "properties"]


def targets() -> list[Target]:
    return [
        Target("external_id", _("External id"), "text", False),
        Target("contact", _("Contact"), "text", False),
        Target("anonymous_id", _("Anonymous id"), "text", False),
        Target("kind", _("Kind of touch"), "text", True, 60),
        Target("occurred_at", _("Happened at"), "date", True),
        Target("recorded_at", _("Known since"), "date", False),
        Target("machine", _("Made by a machine"), "text", False),
        Target("asset", _("Content"), "text", False),
        Target("campaign", _("Campaign"), "text", False),
        Target("channel", _("Channel"), "text", False, 60),
    ]


def plan(batch: Batch) -> Plan:
    made = Plan()
    for row in batch.rows:
        if reason := _wrong(row):
            made.reject(row, reason)
        elif row.record:
            made.unchanged.append(row)  # a touch is never edited
        else:
            made.created.append(row)
    made.apply = lambda writing: _apply(writing, made.created, batch)
    return made


def _wrong(row: Row):
    if bool(row.get("contact")) == bool(row.get("anonymous_id")):
        return _("A touch belongs to a contact or to an anonymous id: fill in exactly one of them.")
    if not row.get("kind") or not row.get("occurred_at"):
        return _("A touch needs its kind and the time when it happened.")
    try:
        parse_bool(row.get("machine", "false"))
    except ValueError as wrong:
        return wrong
    return None


def _apply(writing: Writing, rows: list[Row], batch: Batch) -> Written:
    written = Written()
    met = [(row.cells["contact"], batch.happened(row)) for row in rows if row.get("contact")]
    contacts = people.ensure_contacts(met, batch, written)
    users = people.identity_ids(USER, contacts)
    anonymous = people.identity_ids(ANONYMOUS, [row.cells["anonymous_id"] for row in rows if row.get("anonymous_id")])
    written.rows.append(_own_links(users, contacts))
    named.by_import(writing, [(row.get("asset"), row.get("campaign")) for row in rows], written)
    values = []
    for row in rows:
        identity = users[row.cells["contact"]] if row.get("contact") else anonymous[row.cells["anonymous_id"]]
        values.append((identity, *_touch(row, batch)))
    written.rows.append(Touch.rows(COLUMNS, values))
    written.then.append(lambda: _name(rows, written))
    return written


def _name(rows: list[Row], written: Written) -> None:
    """Ledger ids are drawn under the ledger's lock, so which touch a row became is known only afterwards."""
    written.records.update(zip((row.key for row in rows), bulk.last_ids(Touch, len(rows)), strict=True))


def _own_links(users: dict[str, int], contacts: dict[str, int]) -> Rows:
    """A contact's own external id is linked from the beginning, once."""
    free = people.unowned(users.values())
    rows = [(identity, contacts[external], BEGINNING) for external, identity in users.items() if identity in free]
    return Rows(Link, ["identity_id", "contact_id", "recorded_at"], rows)


def _touch(row: Row, batch: Batch) -> tuple:
    occurred = batch.happened(row)
    learnt, _asserted = batch.learnt(row, occurred)
    properties = {t.removeprefix("property."): text for t, text in row.cells.items() if t.startswith("property.")}
    machine = parse_bool(row.get("machine", "false"))
    names = (row.get("asset"), row.get("campaign"), row.get("channel"))
    return (row.cells["kind"].strip(), occurred, learnt, machine, *names, properties)


KIND = Kind("touches", _("Touches"), targets, plan, lambda row: row.get("external_id"), "property")
