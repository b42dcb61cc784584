"""Records that touches name by a text: found by its normalised form, and made by themselves when it is new."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, Self, cast

from django.db import connection, models

from accord.kernel import bulk, fields, ledger, search, traits
from accord.kernel.imports.kinds import Undo
from accord.kernel.instants import stored
from accord.kernel.ledger import Writing
from accord.kernel.text import normalise
from accord.kernel.traits import Given
from accord.rooms.people.fields import NAMES
from accord.rooms.people.models import AlreadyThere, Kept
from accord.rooms.team.models import Member

LONGEST = 255
MOST_BY_EVENTS = 2000  # of each kind: whoever holds a public write key must not fill the house with records
COLUMNS = ("id", "key", "name", "name_norm", "sort_key", "by_event", "version", "created_at")


@lru_cache(10_000)  # touches say the same few names over and over
def key_of(name: str) -> str:
    """What touches name a record by: normalised, with single spaces; empty for a text that names nothing."""
    return " ".join(normalise(name).split())[:LONGEST]


def _by_key(names: Iterable[str | None]) -> dict[str, str]:
    """Of several spellings the first one counts."""
    found: dict[str, str] = {}
    for name in names:
        if name and (key := key_of(name)):
            found.setdefault(key, name.strip()[:LONGEST].rstrip())
    return found


@dataclass(frozen=True)
class Met:
    """Records that were named: all that are there now, and those of them that have just been made."""

    known: frozenset[int]
    made: frozenset[int] = frozenset()


class NamedQuerySet(models.QuerySet):
    def visible_to(self, member: Member) -> Self:
        """Whoever sees the whole house sees these; a partner none."""
        return self if member.scope == "all" else self.none()

    def here(self) -> Self:
        return self.filter(trashed_at=None)


class Named(Kept):
    """`key` is what touches name it by and never changes; `name` is how the house calls it."""

    key = models.CharField(max_length=LONGEST, unique=True)
    name = models.CharField(max_length=LONGEST, blank=True)
    name_norm = models.CharField(max_length=LONGEST, blank=True, db_index=True)
    sort_key = models.CharField(max_length=LONGEST, blank=True)
    by_event = models.BooleanField(default=False)  # made because an event named it
    owner = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    objects = NamedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name or self.key

    @classmethod
    def create(cls, values: Mapping[str, Any], *, by: int | None, at: datetime) -> Self:
        """Keep a new record, which touches name by its first name. Raises AlreadyThere where that is taken."""
        key = key_of(values["name"])
        with ledger.write(at, by) as writing:
            if cls._default_manager.filter(key=key).exists():
                raise AlreadyThere(key)
            columns = traits.columns(cls.kind, values)
            record = cls(key=key, created_at=at, **columns)
            record.save(force_insert=True)
            writing.record(cls.told.created(record.pk), then=record._first_found)
            traits.put(writing, cls.kind, record.pk, values, at, new=True)
        return record

    @classmethod
    def meet(cls, writing: Writing, names: Iterable[str | None], *, by_events: bool = False) -> Met:
        """Whatever these texts name is there: what is new is made. By one look-up, where all of it is known.

        Events make at most `MOST_BY_EVENTS` records and leave the trash alone; others take out of it what they name.
        """
        wanted = _by_key(names)
        rows = bulk.look_up(cls, "key", wanted, ("key", "id", "trashed_at"))
        known = frozenset(pk for _key, pk, _trashed in rows)
        if not by_events:
            cls._take_back([pk for _key, pk, trashed in rows if trashed is not None], writing)
        there = {key for key, _pk, _trashed in rows}
        new = {key: name for key, name in wanted.items() if key not in there}
        if new and by_events:
            new = dict(islice(new.items(), cls._room()))
        made = frozenset(cls._make(writing, new, by_events) if new else ())
        return Met(known | made, made)

    @classmethod
    def called(cls, writing: Writing, name: str) -> Self:
        """The record that a text names, new where nothing is called so. Raises DoesNotExist where it names nothing."""
        cls.meet(writing, [name])
        return cast("Self", cls._default_manager.get(key=key_of(name)))

    @classmethod
    def _room(cls) -> int:
        return max(0, MOST_BY_EVENTS - cls._default_manager.filter(by_event=True).count())

    @classmethod
    def _make(cls, writing: Writing, new: Mapping[str, str], by_event: bool) -> list[int]:
        at = stored(writing.at, connection.vendor)
        ids = bulk.reserve(cls, len(new))
        derived = {key: tuple(derive(name) for derive in NAMES.values()) for key, name in new.items()}
        rows = [(pk, key, new[key], *derived[key], by_event, 0, at) for pk, key in zip(ids, new, strict=True)]
        bulk.values(cls, COLUMNS, rows, "ON CONFLICT (key) DO NOTHING")
        # Whoever was faster has made some of them meanwhile: theirs stand.
        own = {pk for (pk,) in bulk.look_up(cls, "id", ids, ("id",))}
        made = {pk: new[key] for pk, key in zip(ids, new, strict=True) if pk in own}
        cls._tell(writing, made)
        return list(made)

    @classmethod
    def _tell(cls, writing: Writing, made: Mapping[int, str]) -> None:
        field = fields.of(cls.kind)["name"]
        for pk, name in made.items():
            given = Given(pk, field, fields.value(field, name), writing.at)
            writing.record(cls.told.created(pk), [traits.rows([given], writing.by)])
        search.put_many(cls.kind, [(pk, (name,)) for pk, name in made.items()], fresh=True)

    @classmethod
    def _take_back(cls, trashed: Sequence[int], writing: Writing) -> None:
        for record in cls._default_manager.filter(pk__in=trashed):
            record.restore(by=writing.by, at=writing.at)

    @classmethod
    def words(cls, records: Sequence[int]) -> list[tuple[int, Sequence[str | None]]]:
        """By which words records are found."""
        found: list[tuple[int, Sequence[str | None]]] = []
        for chunk in traits.chunked(records):
            rows = cls._default_manager.filter(pk__in=chunk).values_list("pk", "name")
            found.extend((pk, [name]) for pk, name in rows)
        return found

    @classmethod
    def undoing(cls) -> Undo:
        """A reverted import takes along what it had made, unless somebody has written on it since."""

        def remove(records: Sequence[int], at: datetime) -> None:
            rows = cls._default_manager.filter(pk__in=records, trashed_at=None, version=0)
            going = list(rows.values_list("pk", flat=True))
            rows.update(trashed_at=at)
            search.drop(cls.kind, going)

        return Undo(cls.kind, remove)
