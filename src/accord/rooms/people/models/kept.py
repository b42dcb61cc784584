"""Records that are changed by their form, go to the trash and come back: each a fact, each findable by its words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F

from accord.kernel import fields, ledger, search, traits
from accord.kernel.instants import InstantField
from accord.rooms.people.models.races import guard


@dataclass(frozen=True)
class Told:
    """The facts by which a kind of record is told of; each takes the record's id."""

    created: Callable[[int], Any]
    trashed: Callable[[int], Any]
    restored: Callable[[int], Any]


class Kept(models.Model):
    kind: ClassVar[str]
    told: ClassVar[Told]

    version = models.PositiveIntegerField(default=0)
    created_at = InstantField()
    trashed_at = InstantField(null=True)

    class Meta:
        abstract = True

    def edit(self, values: Mapping[str, Any], *, seen: int, by: int | None, at: datetime) -> None:
        """Set fields. Raises LostRace where somebody else has changed the record since version `seen`."""
        with ledger.write(at, by) as writing:
            guard(self._row().filter(version=seen).update(version=F("version") + 1))
            traits.put(writing, self.kind, self.pk, values, at)
            self._follow(values, by, at)
        self.refresh_from_db()

    def trash(self, *, by: int | None, at: datetime) -> None:
        with ledger.write(at, by) as writing:
            if self._row().filter(trashed_at=None).update(trashed_at=at):
                search.drop(self.kind, [self.pk])
                writing.record(self.told.trashed(self.pk))
                traits.put(writing, self.kind, self.pk, {"trashed": True}, at)

    def restore(self, *, by: int | None, at: datetime) -> None:
        with ledger.write(at, by) as writing:
            if self._row().filter(trashed_at__isnull=False).update(trashed_at=None):
                writing.record(self.told.restored(self.pk), then=self._find)
                traits.put(writing, self.kind, self.pk, {"trashed": False}, at)

    def _follow(self, values: Mapping[str, Any], by: int | None, at: datetime) -> None:
        """What else comes of these values, in the same transaction."""

    def _row(self) -> models.QuerySet:
        return type(self)._default_manager.filter(pk=self.pk)

    def _first_found(self, _fact: int) -> None:
        search.put_many(self.kind, fields.words_of(self.kind, [self.pk]), fresh=True)

    def _find(self, _fact: int) -> None:
        search.put_many(self.kind, fields.words_of(self.kind, [self.pk]))
