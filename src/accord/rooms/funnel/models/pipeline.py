from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import translation

from accord.kernel import ledger
from accord.kernel.fields import slug_of
from accord.kernel.instants import InstantField
from accord.kernel.text import normalise
from accord.rooms.funnel import facts, rules
from accord.rooms.funnel.fields import PIPELINE_NAMES

LONGEST = 60


class AlreadyStage(Exception):
    """A stage of the pipeline is called so; the argument is that stage."""


class LastStage(Exception):
    """A pipeline without a stage would have no place for a new deal."""


class UnknownStage(ValueError):
    """No stage of the pipeline is called so; the argument is what was said."""


class PipelineStage(models.Model):
    """A stage that open deals stand in. One without a name is called as it ships, in the reader's language.

    Deals hold its `key`, which never changes.
    """

    key = models.CharField(max_length=LONGEST, unique=True)
    name = models.CharField(max_length=LONGEST, blank=True)
    place = models.PositiveIntegerField()
    retired_at = InstantField(null=True)

    class Meta:
        db_table = "pipeline_stage"

    def __str__(self) -> str:
        return self.name or str(PIPELINE_NAMES.get(self.key, self.key))

    @classmethod
    def every(cls) -> "list[PipelineStage]":
        """Those that are retired as well, in their order. A house begins with those that ship."""
        if rows := list(PipelineStage.objects.order_by("place", "id")):
            return rows
        shipped = [PipelineStage(key=key, place=place) for place, key in enumerate(rules.PIPELINE)]
        PipelineStage.objects.bulk_create(shipped, ignore_conflicts=True)
        return list(PipelineStage.objects.order_by("place", "id"))

    @classmethod
    def standing(cls) -> "list[PipelineStage]":
        return [stage for stage in cls.every() if stage.retired_at is None]

    @classmethod
    def first(cls) -> str:
        return cls.standing()[0].key

    @classmethod
    def add(cls, name: str, *, by: int | None, at: datetime) -> "PipelineStage":
        """After all others; one that was retired stands again. Raises AlreadyStage where one is called so."""
        name = name.strip()
        with ledger.write(at, by) as writing:
            every = cls.every()
            if there := _named(every, name):
                if there.retired_at is None:
                    raise AlreadyStage(there)
                PipelineStage.objects.filter(pk=there.pk).update(retired_at=None)
                stage = PipelineStage.objects.get(pk=there.pk)
            else:
                key = _free_key(name, {one.key for one in every})
                stage = PipelineStage.objects.create(key=key, name=name, place=max(one.place for one in every) + 1)
            writing.record(facts.PipelineStageAdded(stage=stage.pk))
        return stage

    def rename(self, name: str, *, by: int | None, at: datetime) -> None:
        """Without a name a shipped one is called as it ships. Raises AlreadyStage."""
        name = name.strip()
        with ledger.write(at, by) as writing:
            if name and (there := _named(PipelineStage.every(), name)) and there.pk != self.pk:
                raise AlreadyStage(there)
            if PipelineStage.objects.filter(pk=self.pk).exclude(name=name).update(name=name):
                writing.record(facts.PipelineStageRenamed(stage=self.pk))
        self.refresh_from_db()

    def retire(self, *, by: int | None, at: datetime) -> None:
        """No deal comes here any more; those that stand here are shown until they move. Raises LastStage."""
        with ledger.write(at, by) as writing:
            ids = [stage.pk for stage in PipelineStage.objects.select_for_update().filter(retired_at=None)]
            if ids == [self.pk]:
                raise LastStage
            if PipelineStage.objects.filter(pk=self.pk, retired_at=None).update(retired_at=at):
                writing.record(facts.PipelineStageRetired(stage=self.pk))
        self.refresh_from_db()

    @classmethod
    def arrange(cls, keys: Sequence[str], *, by: int | None, at: datetime) -> None:
        """In this order; those that are not named stand after them, as they stood."""
        with ledger.write(at, by) as writing:
            every = cls.every()
            wanted = {key: place for place, key in enumerate(keys)}
            ordered = sorted(every, key=lambda one: (wanted.get(one.key, len(wanted)), one.place, one.pk))
            moved = [(stage.pk, place) for place, stage in enumerate(ordered) if stage.place != place]
            for pk, place in moved:
                PipelineStage.objects.filter(pk=pk).update(place=place)
            if moved:
                writing.record(facts.PipelineArranged(house=1))


def stage_names() -> Mapping[str, str]:
    """How each stage is called, in its order, retired ones last."""
    every = PipelineStage.every()
    return {stage.key: str(stage) for stage in sorted(every, key=lambda one: one.retired_at is not None)}


def known_as(texts: Iterable[str]) -> dict[str, str]:
    """By text the key of the stage that it names, by key or name; a text that names none is kept as it came."""
    every = PipelineStage.every()
    return {text: found.key if (found := _named(every, text)) else text.strip()[:LONGEST] for text in texts}


def _named(every: Iterable[PipelineStage], text: str) -> PipelineStage | None:
    sought = normalise(text)
    return next((stage for stage in every if sought in _words(stage)), None)


def _words(stage: PipelineStage) -> set[str]:
    """A shipped stage answers to its name in every language in which it ships."""
    called = [stage.key, stage.key.replace("_", " "), stage.name]
    if shipped := PIPELINE_NAMES.get(stage.key):
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                called.append(str(shipped))
    return {normalise(word) for word in called if word}


def _free_key(name: str, taken: set[str]) -> str:
    begin = slug_of(name)[: LONGEST - 4] or "stage"
    return next(key for n in range(1, 10**4) if (key := begin if n == 1 else f"{begin}_{n}") not in taken)
