"""Of which contacts something became known: every row of the ledger is looked at once, in the order of its table."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accord.kernel import bulk
from accord.kernel.ledger import Fact, LedgerRow, Retraction
from accord.kernel.traits import Trait
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.people.fields import UNASKED
from accord.rooms.people.models import Link
from accord.rooms.scoring.models import Mark
from accord.rooms.scoring.staff import Staff, first_stored

STRETCH = 20_000  # rows of a table that are looked at in one go
TABLES: tuple[type[LedgerRow], ...] = (Touch, Link, Verdict, Trait, Retraction)


@dataclass
class Found:
    """Since when each contact has to be judged, and how far the tables were looked at."""

    instants: dict[int, datetime] = field(default_factory=dict)
    marks: dict[str, tuple[int, int]] = field(default_factory=dict)  # table -> before, after
    staff: Staff = field(default_factory=lambda: Staff((0, 0)))
    more: bool = False

    def add(self, contact: int | None, at: datetime) -> None:
        if contact and (contact not in self.instants or at < self.instants[contact]):
            self.instants[contact] = at


def look(moved: Iterable[Fact]) -> Found:
    """`moved` are facts about passages that name their contact. History, which was known before, is passed over.

    So is what the judge opened, which it has judged, and what moves no base.
    """
    found = Found()
    for fact in moved:
        if not fact.payload.get("version") and not str(fact.payload.get("move", "")).startswith("to_"):
            found.add(fact.contact_id, fact.recorded_at)
    marks = dict.fromkeys(TABLES, 0) | _marks()
    found.staff = Staff((marks[Trait], marks[Retraction]))
    rows = _new(marks, found)
    _touches(rows[Touch], found)
    _links(rows[Link], found)
    _verdicts(rows[Verdict], found)
    _values(rows[Trait], found)
    for row in rows[Retraction]:
        _retracted(row, found)
    return found


def moved_on(found: Found) -> bool:
    """Keep how far was looked; false where somebody else looked meanwhile."""
    for table, (before, after) in found.marks.items():
        Mark.objects.get_or_create(table=table)
        if not Mark.objects.filter(table=table, last=before).update(last=after):
            return False
    return True


def _marks() -> dict[type[LedgerRow], int]:
    names = {model._meta.db_table: model for model in TABLES}
    return {names[table]: last for table, last in Mark.objects.values_list("table", "last")}


def _new(marks: Mapping[type[LedgerRow], int], found: Found) -> dict[type[LedgerRow], list]:
    """What was stored since, of all tables up to the same instant: no contact is judged before its oldest news."""
    rows = {
        model: list(model._default_manager.filter(pk__gt=last).order_by("pk")[:STRETCH])
        for model, last in marks.items()
    }
    full = [its[-1].stored_at for its in rows.values() if len(its) == STRETCH]
    found.more = bool(full)
    kept = {model: [row for row in its if not full or row.stored_at <= min(full)] for model, its in rows.items()}
    found.marks = {model._meta.db_table: (marks[model], its[-1].pk) for model, its in kept.items() if its}
    # What a file told of the past was known before it was stored, and counts as judged.
    return {model: [row for row in its if row.recorded_at == row.stored_at] for model, its in kept.items()}


def _touches(rows: Sequence[Touch], found: Found) -> None:
    whose = _whose({row.identity_id for row in rows})
    for row in rows:
        for contact in whose.get(row.identity_id, ()):
            found.add(contact, row.recorded_at)


def _links(rows: Sequence[Link], found: Found) -> None:
    """Whoever gains an identity, and whoever had it before."""
    whose = _whose({row.identity_id for row in rows})
    for row in rows:
        for contact in whose.get(row.identity_id, ()):
            found.add(contact, row.recorded_at)


def _verdicts(rows: Sequence[Verdict], found: Found) -> None:
    identities = dict(Touch.objects.filter(pk__in={row.touch_id for row in rows}).values_list("id", "identity_id"))
    whose = _whose(identities.values())
    for row in rows:
        for contact in whose.get(identities[row.touch_id], ()):
            found.add(contact, row.recorded_at)


def _whose(identities: Iterable[int]) -> dict[int, set[int]]:
    """Whoever has or had an identity: it may have changed hands since."""
    found: dict[int, set[int]] = {}
    for identity, contact in bulk.look_up(Link, "identity_id", set(identities), ["identity_id", "contact_id"]):
        if contact:
            found.setdefault(identity, set()).add(contact)
    return found


def _values(rows: Sequence[Trait], found: Found) -> None:
    companies: dict[int, datetime] = {}
    for row in rows:
        if row.field in UNASKED.get(row.kind, ()):
            continue
        if row.kind == "contact":
            found.add(row.record, row.recorded_at)
        elif row.kind == "company":
            companies.setdefault(row.record, row.recorded_at)
    for contact, company in found.staff.of(companies):
        found.add(contact, companies[company])


def _retracted(row: Retraction, found: Found) -> None:
    """What a taken-back row or fact had said, of whom."""
    for model in (Touch, Link, Verdict, Trait):
        for contact in _concerned(model, _said(model, row), found.staff):
            found.add(contact, row.recorded_at)


def _said(model: type[LedgerRow], row: Retraction) -> list:
    rows = model._default_manager
    if row.row_id is not None:
        return list(rows.filter(pk__in=[row.row_id])) if row.table == model._meta.db_table else []
    fact = Fact.objects.filter(pk=row.retracted_fact_id or 0).first()
    if fact is None:
        return []
    low, high = (first_stored(model, fact.stored_at, after=after) for after in (False, True))
    return list(rows.filter(pk__gte=low, pk__lt=high, fact_id=fact.pk))


def _concerned(model: type[LedgerRow], rows: Collection, staff: Staff) -> set[int]:
    if model is Trait:
        contacts = {row.record for row in rows if row.kind == "contact"}
        companies = {row.record for row in rows if row.kind == "company"}
        return contacts | {contact for contact, _company in staff.of(companies)}
    if model is Verdict:
        rows = list(Touch.objects.filter(pk__in={row.touch_id for row in rows}))
    return set().union(*_whose({row.identity_id for row in rows}).values())
