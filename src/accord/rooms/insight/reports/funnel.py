"""The funnel: how many leads came how far, where they stand, and how they left."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from accord.kernel.instants import from_micros
from accord.kernel.intervals import Rate, wilson
from accord.kernel.survival import StageTime, time_in_stage
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules, usual
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.models.usual import LEAD
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Flags, Floats, Texts, each
from accord.rooms.insight.fates import DAY
from accord.rooms.insight.made import Passages
from accord.rooms.insight.onward import Expected, Onward
from accord.rooms.insight.questions import CannotAsk, Question, ordered
from accord.rooms.insight.reports.frame import Cell, Report, Told


@dataclass(frozen=True)
class Stage:
    """`entered` leads that reached or passed the stage; `now` those that stand in it and are open (won: that are won).

    `from_previous` is the share so far of those that entered the stage before, `expected` the share of them that comes
    here in the end; `days` the usual time spent in the stage. `stalled` of those of `now` stand there longer than 95 in
    100 of those that moved on; None where it is not known what is usual, and as of an earlier time.
    """

    stage: str
    entered: int
    now: int
    from_previous: Rate | None
    days: StageTime | None = None
    expected: Expected | None = None
    stalled: int | None = None


@dataclass(frozen=True)
class Passage:
    """The counts of one funnel. entered = here + won + exits, and what that leaves is `unaccounted`."""

    stages: list[Stage]
    won: int
    entered: int
    here: int
    exits: Mapping[str, int]
    unaccounted: int
    early: int


@dataclass(frozen=True)
class Group(Passage):
    value: str | None
    label: str


@dataclass(frozen=True)
class Funnel(Passage):
    """The funnel of all leads asked for, and of each group where it is split."""

    by: str | None
    groups: list[Group]
    told: Told


def answer(generation: Generation, question: Question) -> Funnel:
    found, watched = passages.leads(generation, question), passages.watched_until(generation, question)
    called = passages.called(passages.written(found), question.by) if question.by else {}
    return Funnel(
        **_passage(found, stage_days(generation, question, found), watched, _stalled(generation, question, found)),
        by=question.by.name if question.by else None,
        groups=_groups(found, called, watched) if question.by else [],
        told=Told.by(generation, question),
    )


def lines(funnel: Funnel) -> list[dict[str, Any]]:
    parts: list[tuple[str, Passage]] = [("", funnel), *((group.label, group) for group in funnel.groups)]
    return [_line(label, stage) for label, part in parts for stage in part.stages]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The leads behind a cell. Measures: leads, won, early; entered and now, of a stage; exits, of an exit; short, of a
    stage to which they did not come from the one before it; waiting, those of them that may still; stalled, of an open
    stage.
    """
    found = passages.leads(generation, question)
    if cell.measure == rules.STALLED and cell.stage in rules.OPEN:
        found = found.of(_long(generation, question, found))
        cell = replace(cell, measure="now")
    return [int(lead) for lead in found.leads[_measured(found, cell) & cell.chosen(found.groups)]]


@dataclass(frozen=True, eq=False)
class Spells(Columns):
    """One entry a stay in an open stage: its days, and whether it was left."""

    stages: Texts
    days: Floats
    left: Flags


def stage_days(generation: Generation, question: Question, found: Passages) -> dict[str, StageTime]:
    """The usual time in each stage. Who is still there, or was joined to another lead, is censored on that day.

    A stage that a lead left at the instant at which it came was skipped, and tells nothing.
    """
    watched = passages.watched_until(generation, question)
    steps, _whose = passages.all_of(generation, question).steps_of(found, lambda made: made.stood)
    left = (steps.until < known.FOREVER) & ~steps.following.are(rules.JOINED)
    spells = Spells(steps.stages, (np.minimum(steps.until, watched) - steps.since) / DAY, left)
    parts = list(spells.parts(spells.stages))
    times = each(lambda part: time_in_stage(part[1].days, part[1].left), parts)
    return {stage: time for (stage, _of), time in zip(parts, times, strict=True) if stage}


def _stalled(generation: Generation, question: Question, found: Passages) -> dict[str, int]:
    """By stage, as the marks of lists have it: by what was published last. Three queries."""
    if question.as_of:
        return {}
    usuals = usual.of(LEAD)
    counts = found.of(_long(generation, question, found)).stages.counts()
    return {stage: counts.get(stage, 0) for stage in rules.OPEN if usuals.days(stage)}


def _long(generation: Generation, question: Question, found: Passages) -> Flags:
    at = from_micros(question.moment(generation))
    marked = usual.overdue(Lead.objects.all(), at, mark=rules.STALLED).values_list("pk", flat=True)
    return found.among(np.fromiter(marked.iterator(), dtype=np.int64))


def _counts(of: Passages) -> dict[str, int]:
    now = of.stages.counts()
    entered = {f"entered_{stage}": int((of.furthest >= place).sum()) for stage, place in rules.PLACE.items()}
    return {**entered, **{f"now_{stage}": now.get(stage, 0) for stage in (*rules.STAGES, *rules.EXITS)}}


def _passage(
    of: Passages, days: Mapping[str, StageTime], watched: int, stalled: Mapping[str, int] | None = None
) -> dict[str, Any]:
    counts, ahead = _counts(of), Onward(of, watched)
    here = sum(counts[f"now_{stage}"] for stage in rules.OPEN)
    exits = {exit: counts[f"now_{exit}"] for exit in rules.EXITS}
    won = counts[f"now_{rules.WON}"]
    return {
        "stages": each(lambda place: _stage(counts, place, days, ahead, stalled or {}), range(len(rules.STAGES))),
        "won": won,
        "entered": of.size,
        "here": here,
        "exits": exits,
        "unaccounted": of.size - here - won - sum(exits.values()),
        "early": int(of.early.sum()),
    }


def _stage(
    counts: Mapping[str, Any], place: int, days: Mapping[str, StageTime], ahead: Onward, stalled: Mapping[str, int]
) -> Stage:
    stage, entered = rules.STAGES[place], counts[f"entered_{rules.STAGES[place]}"]
    before = counts[f"entered_{rules.STAGES[place - 1]}"] if place else None
    rate = None if before is None else wilson(entered, before)
    expected = ahead.expected(place) if place else None
    return Stage(stage, entered, counts[f"now_{stage}"], rate, days.get(stage), expected, stalled.get(stage))


def _groups(found: Passages, called: Mapping[str | None, str], watched: int) -> list[Group]:
    parts = sorted(found.parts(found.groups), key=lambda part: ordered(part[0], part[1].size))
    return [Group(**_passage(of, {}, watched), value=value, label=called[value]) for value, of in parts]


def _line(label: str, stage: Stage) -> dict[str, Any]:
    rate = stage.from_previous
    return {
        "group": label,
        "stage": stage.stage,
        "entered": stage.entered,
        "now": stage.now,
        "rate": rate and rate.rate,
        "low": rate and rate.low,
        "high": rate and rate.high,
        "stays": stage.days and stage.days.entered,
        "median_days": stage.days and stage.days.median,
        "p75_days": stage.days and stage.days.p75,
        "expected": stage.expected and stage.expected.rate,
        "expected_low": stage.expected and stage.expected.low,
        "expected_high": stage.expected and stage.expected.high,
        "waiting": stage.expected and stage.expected.waiting,
        "stalled": stage.stalled,
    }


def _measured(found: Passages, cell: Cell) -> Flags:
    if cell.measure == "leads":
        return np.ones(found.size, dtype=bool)
    if cell.measure == "entered" and cell.stage in rules.PLACE:
        return found.furthest >= rules.PLACE[cell.stage]
    if cell.measure in ("short", "waiting") and rules.PLACE.get(cell.stage or "", 0):
        short = found.furthest == rules.PLACE[cell.stage or ""] - 1
        return short if cell.measure == "short" else short & found.stages.are(*rules.OPEN)
    if cell.measure in ("now", "exits") and cell.stage in (*rules.STAGES, *rules.EXITS):
        return found.stages.are(cell.stage)
    if cell.measure == "won":
        return found.stages.are(rules.WON)
    if cell.measure == "early":
        return found.early
    raise CannotAsk(_("The funnel has no such number."))


FUNNEL = Report("funnel", _("Funnel"), ("from", "to", "by", "only", "as-of"), answer, lines, records)
