"""The rows of the outside contract, and what of them is known when: the plainest reading of the agreement's text.

All instants are integers: microseconds since 1970 UTC. The place of a row in its list is its order of writing.
"""

import math
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from unicodedata import normalize

DAY = 86_400_000_000
JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
NUMBERS = {"contact.budget": "number", "company.employees": "number", "company.revenue": "number"}


@dataclass(frozen=True)
class Contact:
    external_id: str
    fields: Mapping[str, str] = field(default_factory=dict)
    created_at: int = 0


@dataclass(frozen=True)
class Touch:
    external_id: str
    kind: str
    occurred_at: int
    contact: str = ""
    anonymous_id: str = ""
    recorded_at: int | None = None
    machine: bool | None = None
    asset: str = ""
    campaign: str = ""
    channel: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trait:
    contact: str
    field: str
    value: str
    occurred_at: int
    recorded_at: int | None = None
    company: str = ""


@dataclass(frozen=True)
class Link:
    anonymous_id: str
    contact: str
    recorded_at: int


@dataclass(frozen=True)
class Verdict:
    external_id: str
    machine: bool
    recorded_at: int


@dataclass(frozen=True)
class Transition:
    contact: str
    move: str
    occurred_at: int
    recorded_at: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Attribute:
    """A value of a field of an asset or a campaign; no file of the contract can say it."""

    of: str
    external_id: str
    name: str
    value: str
    occurred_at: int
    recorded_at: int


@dataclass(frozen=True)
class Retraction:
    """Row `index` of the list `kind` (touches, traits, links, verdicts, transitions) is taken back."""

    kind: str
    index: int
    recorded_at: int


@dataclass
class World:
    contacts: list[Contact] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)
    traits: list[Trait] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    retractions: list[Retraction] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)  # custom fields: "contact.renewal": "date"; absent: text


class Row(NamedTuple):
    """A row as the ledger holds it: in force from when it was recorded until it is taken back."""

    order: int
    occurred_at: int
    recorded_at: int
    retracted_at: float
    said: Any

    def stands(self, k: int) -> bool:
        return self.recorded_at <= k < self.retracted_at

    def instants(self) -> set[int]:
        return {self.recorded_at} | ({int(self.retracted_at)} if self.retracted_at < math.inf else set())


def normalised(text: str) -> str:
    return normalize("NFKC", text).casefold().strip()


def held(kind: str, text: str) -> float | str:
    """The value as its type holds it. Raises ValueError where it cannot."""
    if kind == "number":
        if not JSON_NUMBER.fullmatch(text.strip()):
            raise ValueError(text)
        return float(text.strip())
    if kind == "date":
        return date.fromisoformat(text.strip()).isoformat()
    return normalised(text)


def newest(rows: Iterable[Row], k: int) -> Any:
    """What the newest of the rows that stand at `k` says; of equally new ones, the later written."""
    standing = [row for row in rows if row.stands(k)]
    return max(standing, key=lambda row: (row.recorded_at, row.order)).said if standing else None


class Known:
    """A world, asked what is known of whom at which instant."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.types = NUMBERS | world.types
        self.retracted: dict[tuple[str, int], int] = {}
        for taken in world.retractions:
            place = taken.kind, taken.index
            self.retracted[place] = min(taken.recorded_at, self.retracted.get(place, taken.recorded_at))
        self.links: dict[str, list[Row]] = self.grouped("links", world.links, "anonymous_id")
        self.verdicts: dict[str, list[Row]] = self.grouped("verdicts", world.verdicts, "external_id")
        self.moves: dict[str, list[Row]] = self.grouped("transitions", world.transitions, "contact")
        self.values: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        self.contacts: set[str] = {one.external_id for one in world.contacts}
        self.read_values()
        self.touches: list[Row] = self.read_touches()
        self.contacts |= {contact for contact in [one.contact for one in world.links] + list(self.moves) if contact}
        self.states = {touch.order: self.stretches(touch) for touch in self.touches}
        self.companies: dict[tuple[str, int, int], str | None] = {}
        self.index()

    def row(self, kind: str, order: int, said: Any) -> Row:
        """With --history a missing `recorded_at` is `occurred_at`; nothing happens after it was recorded."""
        occurred = getattr(said, "occurred_at", said.recorded_at)
        recorded = occurred if said.recorded_at is None else said.recorded_at
        return Row(order, min(occurred, recorded), recorded, self.retracted.get((kind, order), math.inf), said)

    def grouped(self, kind: str, rows: list[Any], by: str) -> dict[str, list[Row]]:
        groups: dict[str, list[Row]] = defaultdict(list)
        for order, said in enumerate(rows):
            groups[getattr(said, by)].append(self.row(kind, order, said))
        return groups

    def read_touches(self) -> list[Row]:
        """A second row with the same external id changes nothing."""
        first: dict[str, Row] = {}
        for order, touch in enumerate(self.world.touches):
            if touch.external_id not in first:
                first[touch.external_id] = self.row("touches", order, touch)
                self.contacts |= {touch.contact} if touch.contact else set()
        return list(first.values())

    def read_values(self) -> None:
        known: set[str] = set()
        for one in self.world.contacts:
            if one.external_id not in known:
                known.add(one.external_id)
                for name, text in one.fields.items():
                    row = Row(-1, one.created_at, one.created_at, math.inf, text)
                    self.keep("contact", one.external_id, f"contact.{name}", row)
        for order, trait in enumerate(self.world.traits):
            self.read_trait(self.row("traits", order, trait))
        for order, said in enumerate(self.world.attributes):
            row = self.row("attributes", order, said)._replace(said=said.value)
            self.keep(said.of, said.external_id, f"{said.of}.{said.name}", row)

    def read_trait(self, row: Row) -> None:
        """`company` sets contact.company with the same two times. A value that cannot be held rejects its row."""
        trait: Trait = row.said
        kind = trait.field.partition(".")[0]
        if (kind == "company" and not trait.company) or not self.holdable(trait.field, trait.value):
            return
        if trait.company:
            self.keep("contact", trait.contact, "contact.company", row._replace(said=trait.company))
        record = trait.company if kind == "company" else trait.contact
        self.keep(kind, record, trait.field, row._replace(said=trait.value))
        self.contacts.add(trait.contact)

    def holdable(self, name: str, text: str) -> bool:
        try:
            return not text.strip() or held(self.types.get(name, "text"), text) is not None
        except ValueError:
            return False

    def keep(self, kind: str, record: str, name: str, row: Row) -> None:
        self.values[kind, record, name].append(row)

    def index(self) -> None:
        self.ever: dict[str, list[Row]] = defaultdict(list)
        for touch in self.touches:
            for contact in {contact for _, contact in self.states[touch.order] if contact}:
                self.ever[contact].append(touch)
        self.staff: dict[str, set[str]] = defaultdict(set)
        for (kind, record, name), rows in self.values.items():
            if (kind, name) == ("contact", "contact.company"):
                for row in rows:
                    self.staff[row.said].add(record)

    # Touches

    def owner(self, touch: Row, k: int) -> str | None:
        """Of whom the touch is known at `k`: the newest link of its identity decides, or the contact it names."""
        if not touch.stands(k):
            return None
        if touch.said.contact:
            return touch.said.contact
        link = newest(self.links[touch.said.anonymous_id], k)
        return link.contact or None if link else None

    def human(self, touch: Row, k: int) -> bool:
        verdict = newest(self.verdicts[touch.said.external_id], k)
        return not (verdict.machine if verdict else touch.said.machine)

    def counts_for(self, touch: Row, k: int) -> str | None:
        return self.owner(touch, k) if self.human(touch, k) else None

    def stretches(self, touch: Row) -> list[tuple[int, str | None]]:
        """From which instant the touch counts for whom: `counts_for` at every instant that could change it."""
        rows = [touch, *self.links[touch.said.anonymous_id], *self.verdicts[touch.said.external_id]]
        found: list[tuple[int, str | None]] = []
        before = None
        for instant in sorted(set().union(*(row.instants() for row in rows))):
            now = self.counts_for(touch, instant)
            if now != before:
                found.append((instant, now))
            before = now
        return found

    def counts(self, touch: Row, contact: str, t: int, k: int) -> bool:
        place = bisect_right(self.states[touch.order], k, key=lambda state: state[0])
        return place > 0 and self.states[touch.order][place - 1][1] == contact and touch.occurred_at <= t

    def touches_of(self, contact: str, t: int, k: int) -> list[Row]:
        return [touch for touch in self.ever[contact] if self.counts(touch, contact, t, k)]

    # Values

    def raw(self, kind: str, record: str, name: str, t: int, k: int) -> str | None:
        rows = [row for row in self.values.get((kind, record, name), ()) if row.stands(k) and row.occurred_at <= t]
        if not rows:
            return None
        said = max(rows, key=lambda row: (row.occurred_at, row.recorded_at, row.order)).said
        return said if said.strip() else None

    def company(self, contact: str, t: int, k: int) -> str | None:
        asked = contact, t, k
        if asked not in self.companies:
            self.companies[asked] = self.raw("contact", contact, "contact.company", t, k)
        return self.companies[asked]

    def colleagues(self, contact: str, t: int, k: int) -> list[str]:
        """All contacts of the same company at (t, k), the contact among them; alone where its company is unknown."""
        company = self.company(contact, t, k)
        if company is None:
            return [contact]
        return [other for other in sorted(self.staff[company]) if self.company(other, t, k) == company]

    def value(self, contact: str, name: str, t: int, k: int) -> float | str | None:
        kind = name.partition(".")[0]
        record = self.company(contact, t, k) if kind == "company" else contact
        return None if record is None else self.attribute(kind, record, name, t, k)

    def attribute(self, kind: str, record: str, name: str, t: int, k: int) -> float | str | None:
        said = self.raw(kind, record, name, t, k)
        return None if said is None else held(self.types.get(name, "text"), said)
