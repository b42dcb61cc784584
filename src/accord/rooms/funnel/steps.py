"""What the judge decides of many leads, written together: each step costs a row, not a statement."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from accord.kernel import bulk, fields, ledger, traits
from accord.kernel.instants import stored
from accord.kernel.ledger import LedgerRow, Rows
from accord.kernel.traits import Given
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import pool_owner
from accord.rooms.funnel import facts, rules
from accord.rooms.funnel.models import Lead, Qualification, Transition
from accord.rooms.people.models import Contact

MARKETING = "marketing"
LEAD_COLUMNS = ("id", "contact_id", "entry", "stage", "owner_id", "opened_at", "stage_since")


@dataclass(frozen=True)
class _Step:
    """A lead goes from a stage (None: it opens) to another, because the rule of a version said so at that time."""

    lead: Lead
    before: str | None
    to: str
    version: int
    at: datetime


@dataclass(frozen=True)
class _Met:
    """A lead met the definition of a version in a segment of its passage."""

    lead: Lead
    segment: int
    version: int
    at: datetime


@dataclass
class Steps:
    """The leads change in memory as soon as they are told to; `write` makes it so."""

    opened: list[Lead] = field(default_factory=list)
    taken: list[_Step | _Met] = field(default_factory=list)
    met: dict[tuple[int, int], _Met] = field(default_factory=dict)
    earlier: list[tuple[int, int, datetime]] = field(default_factory=list)
    qualified: dict[tuple[int | None, int], datetime] = field(default_factory=dict)
    cached: bool = False

    @classmethod
    def of(cls, leads: Iterable[int]) -> "Steps":
        known = Qualification.objects.filter(lead__in=list(leads)).values_list("lead_id", "segment", "at")
        return cls(qualified={(lead, segment): at for lead, segment, at in known})

    def open(self, contact: Contact, *, rule: Version, at: datetime) -> Lead:
        lead = Lead(contact=contact, entry=MARKETING, stage=rules.INQUIRY, opened_at=at, stage_since=at)
        self.opened.append(lead)
        self.taken.append(_Step(lead, None, rules.INQUIRY, rule.pk, at))
        return lead

    def advance(self, lead: Lead, target: str, *, rule: Version, at: datetime) -> None:
        """Nothing where the lead is no longer before that stage."""
        if lead.stage in rules.MOVES[f"to_{target}"].sources:
            at = max(at, lead.stage_since)
            self.taken.append(_Step(lead, lead.stage, target, rule.pk, at))
            lead.stage, lead.stage_since = target, at

    def qualify(self, lead: Lead, segment: int, *, rule: Version, at: datetime) -> bool:
        """Once in a segment; what was judged before an older fact was looked at stands where it belongs."""
        key = (id(lead), segment)
        known = self.qualified.get((lead.pk, segment))
        if known is not None and at < known:
            self.earlier.append((lead.pk, segment, at))
        if known is not None or key in self.met:
            return False
        self.met[key] = _Met(lead, segment, rule.pk, at)
        self.taken.append(self.met[key])
        return True

    def write(self, at: datetime) -> None:
        with ledger.write(at) as writing:
            self._insert(at)
            self._update()
            owned = self._owned(writing.at)
            for step in self.taken:
                if step.lead.pk is not None:
                    told, rows = _told(step)
                    if isinstance(told, facts.LeadOpened) and step.lead.owner_id:
                        rows.append(traits.rows(owned[step.lead.pk]))
                    writing.record(told, rows, occurred_at=step.at, then=self._cached(owned))
            for lead, segment, instant in self.earlier:
                Qualification.objects.filter(lead=lead, segment=segment, at__gt=instant).update(at=instant)

    def _insert(self, at: datetime) -> None:
        """Whom somebody else has opened a passage for meanwhile, theirs stands: it is a fact, and is judged anew."""
        pool, vendor = pool_owner(at), connection.vendor
        ids = bulk.reserve(Lead, len(self.opened)) if self.opened else []
        rows = []
        for pk, lead in zip(ids, self.opened, strict=True):
            lead.pk, lead.owner = pk, pool
            times = stored(lead.opened_at, vendor), stored(lead.stage_since, vendor)
            rows.append((pk, lead.contact_id, lead.entry, lead.stage, lead.owner_id, *times))
        bulk.values(Lead, LEAD_COLUMNS, rows, "ON CONFLICT DO NOTHING")
        there = {pk for (pk,) in bulk.look_up(Lead, "id", ids, ["id"])}
        for lead in self.opened:
            if lead.pk not in there:
                lead.pk = None
        met = [
            (one.lead.pk, one.lead.contact_id, one.version, stored(one.at, vendor), one.segment, "")
            for one in self.met.values()
            if one.lead.pk is not None
        ]
        bulk.values(Qualification, ("lead_id", "contact_id", "version_id", "at", "segment", "doubtful"), met)

    def _update(self) -> None:
        new = {lead.pk for lead in self.opened}
        moved = {step.lead.pk: step.lead for step in self.taken if isinstance(step, _Step) and step.before}
        rows = [
            (lead.stage, stored(lead.stage_since, connection.vendor), pk)
            for pk, lead in moved.items()
            if pk is not None and pk not in new
        ]
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE lead SET stage = %s, stage_since = %s WHERE id = %s", rows)

    def _owned(self, at: datetime) -> dict[int, list[Given]]:
        """Rows of people are reached through the owner of the open passage: who holds it holds the contact."""
        of_lead, of_contact = fields.of("lead")["owner"], fields.of("contact")["owner"]
        return {
            lead.pk: [
                Given(record, field, fields.value(field, lead.owner_id), at)
                for record, field in ((lead.pk, of_lead), (lead.contact_id, of_contact))
            ]
            for lead in self.opened
            if lead.pk is not None and lead.owner_id
        }

    def _cached(self, owned: Mapping[int, Sequence[Given]]) -> Callable[[int], None] | None:
        """Once, when the rows are written."""
        if self.cached:
            return None
        self.cached = True
        return lambda _fact: traits.cache(
            [one for given in owned.values() for one in given if one.field.kind != "lead"]
        )


def _told(step: _Step | _Met) -> tuple[Any, list[LedgerRow | Rows]]:
    lead = step.lead
    if isinstance(step, _Met):
        at = step.at.isoformat()
        return facts.LeadQualified(lead=lead.pk, contact=lead.contact_id, version=step.version, at=at), []
    row = Transition(
        lead_id=lead.pk, contact_id=lead.contact_id, move=f"to_{step.to}" if step.before else rules.ENTERED,
        entry=None if step.before else lead.entry, from_stage=step.before, to_stage=step.to, owner_id=lead.owner_id,
        version_id=step.version, reason=rules.BY_RULE, occurred_at=step.at,
    )  # fmt: skip
    if step.before:
        return facts.LeadMoved(lead=lead.pk, contact=lead.contact_id, move=row.move, stage=step.to), [row]
    return facts.LeadOpened(lead=lead.pk, contact=lead.contact_id, entry=lead.entry, version=step.version), [row]
