"""Flow: by day and stage what was there, what came in, what went out and what was there after.

That it adds up is checked, not assumed: what stands in a stage is counted at each midnight by who was there, apart
from the counts of those that came and went.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext_lazy as _

from accord.kernel.instants import from_micros, to_micros
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Flags, Numbers, Texts
from accord.rooms.insight.made import Steps, places
from accord.rooms.insight.questions import CannotAsk, Question, midnight
from accord.rooms.insight.reports.frame import Cell, Report, Told

USUAL, MOST = 14, 400  # days
STAGES = (*rules.STAGES, *rules.EXITS)
ENTERED, FORWARD, BACK = "entered", "forward", "back"
ON, RETURNED, ENDED = "on", "returned", "ended"
CAME, WENT = (ENTERED, FORWARD, BACK), (ON, RETURNED, ENDED)

Words = npt.NDArray[Any]  # few enough to be objects


@dataclass(frozen=True)
class Balance:
    """before + came_in - went_out = after; what that leaves over is the `difference`.

    `entered` anew, `forward` from a stage before it, `back` from one behind it or from an exit, make up what came in;
    `on` to a further stage, `returned` to one before it or reopened, `ended` by a win or an exit, what went out.
    A stage that a lead reaches and leaves at the same instant has both.
    """

    before: int
    came_in: int
    entered: int
    forward: int
    back: int
    went_out: int
    on: int
    returned: int
    ended: int
    after: int
    difference: int


@dataclass(frozen=True)
class OfStage(Balance):
    stage: str


@dataclass(frozen=True)
class OfDay(OfStage):
    """`day` in ISO 8601, one of the house's zone."""

    day: str


@dataclass(frozen=True)
class Flow:
    """`came` leads entered, `left` reached an end, `reopened` came back from one; `stages` is of all days together."""

    first: str
    last: str
    zone: str
    came: int
    left: int
    reopened: int
    open_before: int
    open_after: int
    adds_up: bool
    stages: list[OfStage]
    days: list[OfDay]
    told: Told


@dataclass(frozen=True, eq=False)
class Stays:
    """Stays in a stage, those alike counted together as `many`: on which of the days each began and ended.

    The first day shown is 0; what was before it is -1, what comes after the last one the number of days.
    """

    stage: Numbers  # its place in STAGES
    came: Words
    went: Words
    since: Numbers
    until: Numbers
    many: Numbers


@dataclass(frozen=True, eq=False)
class Moved(Columns):
    """Steps as they are between two instants, with how each came into its stage and how it went."""

    leads: Numbers
    stages: Texts
    came: Texts
    went: Texts
    since: Numbers
    until: Numbers

    @property
    def times(self) -> tuple[Numbers, Numbers]:
        return self.since, self.until


def answer(generation: Generation, question: Question) -> Flow:
    days = shown(question, question.moment(generation))
    counts = tally(_stays(generation, question, starts(days, question.zone)), len(days))
    whole = [OfStage(**_over(counts, place, 0, len(days)), stage=stage) for place, stage in enumerate(STAGES)]
    by_day = [
        OfDay(**_over(counts, place, at, at + 1), stage=stage, day=day.isoformat())
        for at, day in enumerate(days)
        for place, stage in enumerate(STAGES)
    ]
    going = [one for one in whole if one.stage in rules.OPEN]
    ended = [one for one in whole if one.stage in rules.ENDS]
    return Flow(
        first=days[0].isoformat(),
        last=days[-1].isoformat(),
        zone=question.zone,
        came=sum(one.entered for one in whole),
        left=sum(one.ended for one in going) + sum(one.entered for one in ended),
        reopened=sum(one.returned for one in ended),
        open_before=sum(one.before for one in going),
        open_after=sum(one.after for one in going),
        adds_up=not any(one.difference for one in by_day),
        stages=whole,
        days=by_day,
        told=Told.by(generation, question),
    )


def lines(flow: Flow) -> list[dict[str, Any]]:
    return [{"day": one.day, "stage": one.stage, **_counts(one)} for one in flow.days]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The leads behind a cell, one for each time that they did it. The day is the cell's `cohort`: none is all days.

    Measures of a stage: those of Balance. Of all: came, left, reopened, open_before, open_after.
    """
    made, days = _steps(generation, question), shown(question, question.moment(generation))
    bounds = starts(_chosen(days, cell.cohort), question.zone)
    first, end = bounds[0], bounds[-1]
    if cell.stage:
        made = made.of(made.stages.are(cell.stage))
    if cell.measure == "difference" and cell.stage in STAGES:
        return _differing(made, first, end)
    wanted = _of_stage(made, first, end) if cell.stage in STAGES else _of_all(made, first, end)
    if cell.measure not in wanted or (cell.stage and cell.stage not in STAGES):
        raise CannotAsk(_("The flow has no such number."))
    return [int(lead) for lead in np.sort(made.leads[wanted[cell.measure]])]


def shown(question: Question, moment: int) -> list[date]:
    """The days that were asked for, none that had not begun at the moment. Raises CannotAsk."""
    zone = ZoneInfo(question.zone)
    today = from_micros(moment - 1).astimezone(zone).date().toordinal()
    last = min(question.end.astimezone(zone).date().toordinal() - 1, today) if question.end else today
    first = question.start.astimezone(zone).date().toordinal() if question.start else last - USUAL + 1
    if first > last:
        raise CannotAsk(_("No day that has begun lies in this time: choose an earlier first day."))
    if last - first >= MOST:
        raise CannotAsk(_("These are more than %(most)s days: choose fewer.") % {"most": MOST})
    return [date.fromordinal(day) for day in range(first, last + 1)]


def starts(days: Sequence[date], zone: str) -> list[int]:
    """The instants at which each of these days begins, and the one after them."""
    following = [*days, date.fromordinal(days[-1].toordinal() + 1)]
    return [to_micros(midnight(day, zone)) for day in following]


def tally(stays: Stays, days: int) -> dict[str, Numbers]:
    """Counts by stage and day. `stock` has one day more: at the midnight before each, and after the last."""
    counts = {kind: np.zeros((len(STAGES), days), dtype=np.int64) for kind in (*CAME, *WENT)}
    for kinds, named, at in ((CAME, stays.came, stays.since), (WENT, stays.went, stays.until)):
        for kind in kinds:
            those = (named == kind) & (at >= 0) & (at < days)
            np.add.at(counts[kind], (stays.stage[those], at[those]), stays.many[those])
    stock = np.zeros((len(STAGES), days + 1), dtype=np.int64)
    for night in range(days + 1):
        there = (stays.since < night) & (stays.until >= night)
        np.add.at(stock[:, night], stays.stage[there], stays.many[there])
    return {**counts, "stock": stock}


def day_of(instants: Numbers, bounds: Sequence[int]) -> Numbers:
    """On which of the days that begin at these bounds each lies, -1 before them; the last bound ends them."""
    return np.searchsorted(bounds, instants, side="right") - 1


def _steps(generation: Generation, question: Question) -> Moved:
    """The steps of the leads that the viewer sees and that are not in the trash, whenever they entered."""
    found = passages.leads(generation, replace(question, start=None, end=None, by=None))
    steps, whose = passages.all_of(generation, question).steps_of(found)
    return _moved(steps, found.leads[whose])


def _moved(steps: Steps, leads: Numbers) -> Moved:
    """How each step came into its stage, and how it went."""
    before, there, after = (places(of) for of in (steps.previous, steps.stages, steps.following))
    ended, was_ended, then_ended = (of.are(*rules.ENDS) for of in (steps.stages, steps.previous, steps.following))
    came = [(steps.previous.are(None), ENTERED), (ended, FORWARD), (was_ended | (there <= before), BACK)]
    went = [(steps.following.are(None), ""), (then_ended, ENDED), (ended | (after <= there), RETURNED)]
    return Moved(leads, steps.stages, Texts.chosen(came, FORWARD), Texts.chosen(went, ON), steps.since, steps.until)


def _stays(generation: Generation, question: Question, bounds: Sequence[int]) -> Stays:
    made = _steps(generation, question)
    made = made.of((made.since < bounds[-1]) & (made.until >= bounds[0]))
    came, went, stages = (made.came.names, made.went.names, made.stages.names)
    columns = made.stages.codes, made.came.codes, made.went.codes, *(day_of(at, bounds) + 1 for at in made.times)
    sizes = len(stages), len(came), len(went), len(bounds) + 1, len(bounds) + 1
    alike, many = np.unique(np.ravel_multi_index(columns, sizes), return_counts=True)
    stage, how, on, since, until = np.unravel_index(alike, sizes)
    place = np.array([STAGES.index(name) for name in stages], dtype=np.int64)
    return Stays(place[stage], np.array(came)[how], np.array(went)[on], since - 1, until - 1, many)


def _over(counts: Mapping[str, Numbers], place: int, first: int, end: int) -> dict[str, int]:
    """The balance of a stage over the days from `first` up to `end`, which is not one of them."""
    kinds = {kind: int(counts[kind][place, first:end].sum()) for kind in (*CAME, *WENT)}
    before, after = int(counts["stock"][place, first]), int(counts["stock"][place, end])
    came_in, went_out = sum(kinds[kind] for kind in CAME), sum(kinds[kind] for kind in WENT)
    sums = {"before": before, "came_in": came_in, "went_out": went_out, "after": after}
    return {**kinds, **sums, "difference": before + came_in - went_out - after}


def _counts(of: Balance) -> dict[str, int]:
    return {name: getattr(of, name) for name in Balance.__dataclass_fields__}


def _chosen(days: Sequence[date], day: str | None) -> Sequence[date]:
    chosen = [one for one in days if day is None or one.isoformat() == day]
    if not chosen:
        raise CannotAsk(_("The flow has no such number."))
    return chosen


def _of_stage(made: Moved, first: int, end: int) -> dict[str, Flags]:
    came = (made.since >= first) & (made.since < end)
    went = (made.until >= first) & (made.until < end)
    return {
        "before": (made.since < first) & (made.until >= first),
        "after": (made.since < end) & (made.until >= end),
        "came_in": came,
        "went_out": went,
        **{kind: came & made.came.are(kind) for kind in CAME},
        **{kind: went & made.went.are(kind) for kind in WENT},
    }


def _of_all(made: Moved, first: int, end: int) -> dict[str, Flags]:
    of, going = _of_stage(made, first, end), made.stages.are(*rules.OPEN)
    return {
        "came": of[ENTERED],
        "left": (of[ENDED] & going) | (of[ENTERED] & ~going),
        "reopened": of[RETURNED] & ~going,
        "open_before": of["before"] & going,
        "open_after": of["after"] & going,
    }


def _differing(made: Moved, first: int, end: int) -> list[int]:
    """Leads whose own stay in a stage does not add up."""
    of = {name: said.astype(np.int64) for name, said in _of_stage(made, first, end).items()}
    leads, whose = np.unique(made.leads, return_inverse=True)
    over = np.bincount(whose, of["before"] + of["came_in"] - of["went_out"] - of["after"], leads.size)
    return [int(lead) for lead in leads[over != 0]]


FLOW = Report("flow", _("Flow"), ("from", "to", "only", "as-of"), answer, lines, records)
