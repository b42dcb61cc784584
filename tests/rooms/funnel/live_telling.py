"""A world of the plain reading, told to a house as it happens, and as the house's ledger then holds it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from accord.kernel import clock, fields, journal, ledger, traits
from accord.kernel.imports.revert import ImportReverted
from accord.kernel.instants import to_micros
from accord.kernel.ledger import Retraction
from accord.kernel.traits import Trait
from accord.rooms.campaigns.models import Campaign
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.content.models import Asset
from accord.rooms.funnel import facts, rules
from accord.rooms.funnel.models import AlreadyMoved, Lead, Transition
from accord.rooms.people.models import Company, Contact, Identity, Link
from tests.rooms.scoring import worlds
from tests.rooms.scoring.plain_known import World
from tests.rooms.scoring.plain_rules import EPOCH

COLUMNS = ("identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties")
KINDS = ("attributes", "touches", "traits", "links", "verdicts", "transitions", "retractions")
NAMED = {"asset": Asset, "campaign": Campaign}
TABLES = {"touches": Touch, "traits": Trait, "links": Link, "verdicts": Verdict}


def when(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def learnt(row: Any) -> int:
    return row.occurred_at if row.recorded_at is None else row.recorded_at


class Telling:
    """Tells the rows of a world one after the other, in the order in which they became known."""

    def __init__(self, world: World, drain: Callable[[], object] = journal.drain) -> None:
        self.world, self.drain = world, drain
        self.told = World(types=dict(world.types))
        self.places: dict[tuple[str, int], tuple[int, list[int]]] = {}  # place in the world -> place as told, row ids
        self.touches: dict[str, int] = {}

    def begin(self, at: datetime) -> None:
        """Whom and what the rows speak of is there before any of them."""
        rows = (*self.world.touches, *self.world.traits, *self.world.links, *self.world.transitions)
        people = [one.external_id for one in self.world.contacts] + [row.contact for row in rows]
        with clock.moved_to(at):
            self.contacts = {
                name: Contact.create({}, by=None, at=at, external_id=name)
                for name in dict.fromkeys(filter(None, people))
            }
            employers = [row.company for row in self.world.traits]
            employers += [row.value for row in self.world.traits if row.field == "contact.company"]
            self.companies = {
                name: Company.create({}, by=None, at=at, external_id=name)
                for name in dict.fromkeys(filter(None, employers))
            }
            named = dict.fromkeys((row.of, row.external_id) for row in self.world.attributes)
            self.named = {(of, name): NAMED[of].create({"name": name}, by=None, at=at) for of, name in named}
        self.told.contacts += [replace(one, fields={}) for one in self.world.contacts]

    def tell(self, random: Random, most: int) -> None:
        """All rows; the journal is drained after stretches of up to `most` of them."""
        rows = [(learnt(row), kind, place) for kind in KINDS for place, row in enumerate(getattr(self.world, kind))]
        left = random.randint(1, most)
        for at, kind, place in sorted(rows, key=lambda row: (row[0], KINDS.index(row[1]), row[2])):
            with clock.moved_to(when(at)):
                self.row(kind, place)
                left -= 1
                if not left:
                    self.drain()
                    left = random.randint(1, most)
        self.drain()

    def row(self, kind: str, place: int) -> None:
        row = getattr(self.world, kind)[place]
        rows = getattr(self, f"_{kind}")(row)
        if rows is None:
            return
        said = getattr(self.told, kind)
        self.places[kind, place] = len(said), rows
        at = to_micros(ledger.latest() or clock.now())
        said.append(replace(self._as_told(kind, row), recorded_at=at))

    def _as_told(self, kind: str, row: Any) -> Any:
        if kind == "retractions":
            return replace(row, index=self.places[row.kind, row.index][0])
        return row

    def _touches(self, row: Any) -> list[int] | None:
        if row.external_id in self.touches:
            return None
        by_name = ("user", row.contact) if row.contact else ("anonymous", row.anonymous_id)
        cells = (
            Identity.of(*by_name).pk, row.kind, when(row.occurred_at), bool(row.machine), row.asset or None,
            row.campaign or None, row.channel or None, dict(row.properties),
        )  # fmt: skip
        Touch.take(Touch.rows(COLUMNS, [cells]), source="told", at=clock.now())
        self.touches[row.external_id] = Touch.objects.latest("id").pk
        return [self.touches[row.external_id]]

    def _links(self, row: Any) -> list[int]:
        contact = self.contacts[row.contact].pk if row.contact else None
        Identity.of("anonymous", row.anonymous_id).link(contact, by=None, at=clock.now())
        return [Link.objects.latest("id").pk]

    def _verdicts(self, row: Any) -> list[int] | None:
        if row.external_id not in self.touches:
            return None
        Verdict.give([self.touches[row.external_id]], machine=row.machine, source="told", at=clock.now())
        return [Verdict.objects.latest("id").pk]

    def _attributes(self, row: Any) -> list[int]:
        return self._put(row.of, self.named[row.of, row.external_id].pk, {row.name: row.value}, row.occurred_at)

    def _traits(self, row: Any) -> list[int] | None:
        kind, _, slug = row.field.partition(".")
        if (kind == "company" and not row.company) or not _holdable(kind, slug, row.value):
            return None
        contact = self.contacts[row.contact].pk
        with ledger.write(clock.now()) as writing:
            before = Trait.objects.order_by("-id").values_list("id", flat=True).first() or 0
            if row.company:
                given = {"company": self.companies[row.company].pk}
                traits.put(writing, "contact", contact, given, when(row.occurred_at))
            if row.field == "contact.company":
                given = {slug: self.companies[row.value].pk if row.value else None}
            else:
                given = {slug: row.value}
            record = self.companies[row.company].pk if kind == "company" else contact
            traits.put(writing, kind, record, given, when(row.occurred_at))
        return list(Trait.objects.filter(pk__gt=before).values_list("id", flat=True))

    def _put(self, kind: str, record: int, values: Mapping[str, Any], at: int) -> list[int]:
        with ledger.write(clock.now()) as writing:
            traits.put(writing, kind, record, values, when(at))
        return [Trait.objects.latest("id").pk]

    def _retractions(self, row: Any) -> list[int] | None:
        if (row.kind, row.index) not in self.places:
            return None
        model, (_place, rows) = TABLES[row.kind], self.places[row.kind, row.index]
        taken = [Retraction(table=model._meta.db_table, row_id=pk, reason="told") for pk in rows]
        with ledger.write(clock.now()) as writing:
            writing.record(ImportReverted(file=0), taken)
        for kind, record in Trait.objects.filter(pk__in=rows if model is Trait else []).values_list("kind", "record"):
            traits.refresh(kind, [record])
        return list(rows)

    # Passages

    def _transitions(self, row: Any) -> list[int] | None:
        """People move what is open; what they could not do is told as a file tells it."""
        contact = self.contacts[row.contact]
        if not Lead.objects.open().filter(contact=contact).exists():
            self.drain()  # nobody moves a passage that nobody sees
        lead = Lead.objects.open().filter(contact=contact).first()
        if row.move == rules.ENTERED and not lead:
            Lead.open(contact, entry="import", by=None, at=when(row.occurred_at))
        elif not (lead and row.move != rules.ENTERED and self._moved(lead, row)):
            self._as_a_file_says(contact, lead, row)
        return [Transition.objects.latest("id").pk]

    def _moved(self, lead: Lead, row: Any) -> bool:
        try:
            lead.move(row.move, by=None, at=when(row.occurred_at), reason=row.reason or "told")
        except AlreadyMoved:
            return False
        return True

    def _as_a_file_says(self, contact: Contact, lead: Lead | None, row: Any) -> None:
        moved = Transition(
            contact_id=contact.pk, move=row.move, occurred_at=when(row.occurred_at), reason=row.reason,
            to_stage=rules.ENGAGED if row.move == rules.RETURNED else row.move,
            entry="import" if row.move == rules.ENTERED else None,
        )  # fmt: skip
        if lead and row.move == rules.RETURNED:
            moved.lead_id, moved.from_stage = lead.pk, lead.stage
            Lead.objects.filter(pk=lead.pk).update(stage=rules.ENGAGED, stage_since=when(row.occurred_at))
        with ledger.write(clock.now()) as writing:
            said = facts.LeadMoved(lead=lead.pk if lead else 0, contact=contact.pk, move=row.move, stage=moved.to_stage)
            writing.record(said, [moved])


def _holdable(kind: str, slug: str, text: str) -> bool:
    if (kind, slug) == ("contact", "company"):
        return True
    try:
        fields.value(fields.of(kind)[slug], text)
    except ValueError:
        return False
    return True


def own_fields(at: datetime) -> None:
    for name, of_type in worlds.TYPES.items():
        kind, _, slug = name.partition(".")
        fields.add(kind, slug, at, type=of_type)
