"""Values of fields in words: references by name, days and numbers as the reader writes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accord.kernel import fields, traits
from accord.kernel.fields import Field
from accord.kernel.instants import MICROSECOND
from accord.kernel.text import spelt
from accord.kernel.traits import Trait
from accord.rooms.team.models import Member
from accord.web.lists import cells
from accord.web.lists.columns import Column, of_field
from accord.web.lists.conditions import midnight


@dataclass(frozen=True)
class Shown:
    """One value of a field, with both its times and who said so."""

    field: Field
    text: str
    trait: Trait | None
    by: Member | None = None
    to: int | None = None

    @property
    def later(self) -> bool:
        """It was true before we knew it."""
        return bool(self.trait) and self.trait.recorded_at - self.trait.occurred_at > timedelta(days=1)  # type: ignore[union-attr]


@dataclass(frozen=True)
class Words:
    """What values are shown with: the fields of a kind, and the names of what they refer to."""

    fields: Mapping[str, Field]
    names: Mapping[tuple[str, int], str]
    members: Mapping[int, Member]
    currency: str = ""

    def of(self, trait: Trait) -> Shown:
        known = self.fields[trait.field]
        to = int(trait.number) if known.refers_to and trait.number is not None else None
        return Shown(known, self._text(known, trait), trait, self.members.get(trait.by_id or 0), to)

    def _text(self, known: Field, trait: Trait) -> str:
        if known.refers_to:
            return "" if trait.number is None else self.names.get((known.refers_to, int(trait.number)), "")
        value: Any = trait.text if known.type != fields.MONEY or trait.number is None else int(trait.number)
        said = cells.shown(_column(known), value, self)
        return spelt(said) if known.type == fields.TEXT and not known.searched else said


def words_for(kind: str, traits_shown: Iterable[Trait], currency: str = "") -> Words:
    """Gather the names that these traits refer to. A query for each kind of record they refer to."""
    known = fields.of(kind)
    shown = [t for t in traits_shown if t.field in known]
    wanted: dict[str, set[int]] = {}
    for trait in shown:
        if (to := known[trait.field].refers_to) and trait.number is not None:
            wanted.setdefault(to, set()).add(int(trait.number))
    found = {to: fields.table_of(to)._default_manager.in_bulk(pks) for to, pks in wanted.items()}
    names = {(to, pk): str(row) for to, rows in found.items() for pk, row in rows.items()}
    members = Member.objects.in_bulk({t.by_id for t in shown if t.by_id})
    return Words(known, names, members, currency)


def now(kind: str, record: int, currency: str = "") -> list[Shown]:
    """Every field of the record with its present value; those without one too."""
    latest: dict[str, Trait] = {}
    for trait in traits.history(kind, record):
        latest.setdefault(trait.field, trait)
    words = words_for(kind, latest.values(), currency)
    shown = {slug: f for slug, f in words.fields.items() if slug != "trashed"}
    return [words.of(latest[slug]) if slug in latest else Shown(f, "", None) for slug, f in shown.items()]


def history(kind: str, record: int, slug: str, currency: str = "") -> list[Shown]:
    """Every value that a field of the record has had and that stands, newest first."""
    kept = [trait for trait in traits.history(kind, record) if trait.field == slug]
    words = words_for(kind, kept, currency)
    return [words.of(trait) for trait in kept]


def known(kind: str, record: int, as_of: datetime, known_at: datetime, currency: str = "") -> list[Shown]:
    """What was known of the record at one instant about another."""
    then = traits.known(kind, record, as_of, known_at)
    words = words_for(kind, then.values(), currency)
    return [words.of(trait) for slug, trait in then.items() if slug != "trashed" and trait.text is not None]


def end_of(day: Any) -> datetime:
    """The last instant of a day in the reader's zone."""
    return midnight(day + timedelta(days=1)) - MICROSECOND


def _column(known: Field) -> Column:
    return of_field(known, fields.table_of(known.kind))
