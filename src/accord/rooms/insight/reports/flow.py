"""Flow: by day and stage what was there, what came in, what went out and what was there after.

That it adds up is checked, not assumed: what stands in a stage is counted at each midnight by who was there, apart
from the counts of those that came and went.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext_lazy as _
from ibis import Table as Rows
from ibis import Value

from accord.kernel.instants import from_micros, to_micros
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.fates import DAY
from accord.rooms.insight.questions import CannotAsk, Question, midnight
from accord.rooms.insight.reports.frame import Cell, Report, Told

USUAL, MOST = 14, 400  # days
STAGES = (*rules.STAGES, *rules.EXITS)
ENTERED, FORWARD, BACK = "entered", "forward", "back"
ON, RETURNED, ENDED = "on", "returned", "ended"
CAME, WENT = (ENTERED, FORWARD, BACK), (ON, RETURNED, ENDED)

Numbers = npt.NDArray[np.int64]


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
    came: npt.NDArray[Any]
    went: npt.NDArray[Any]
    since: Numbers
    until: Numbers
    many: Numbers


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
    if cell.measure == "difference" and cell.stage in STAGES:
        return _ids(_differing(made.filter(made.stage == cell.stage), first, end))
    wanted = _of_stage(made, first, end) if cell.stage in STAGES else _of_all(made, first, end)
    if cell.measure not in wanted or (cell.stage and cell.stage not in STAGES):
        raise CannotAsk(_("The flow has no such number."))
    of_stage = [made.stage == cell.stage] if cell.stage else []
    return _ids(made.filter(wanted[cell.measure], *of_stage))


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


def day_of(instant: Value, bounds: Sequence[int]) -> Value:
    """On which of the days that begin at these bounds an instant lies, -1 before them; the last bound ends them.

    Reckoned from the start of each run of whole days, which a day of 23 or 25 hours ends: no join, no zone.
    """
    days = len(bounds) - 1
    branches = [(instant < bounds[0], _int(-1)), (instant >= bounds[-1], _int(days))]
    for first, last in reversed(list(_runs(bounds))):
        within = _int(first) + (instant - _int(bounds[first])) // _int(DAY)
        branches.append((instant >= bounds[first], ibis.least(within, _int(last))))
    return ibis.cases(*branches, else_=_int(-1))


def _runs(bounds: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last day of each run: all but its last day have 24 hours."""
    first, end = 0, len(bounds) - 2
    for day in range(end + 1):
        if day == end or bounds[day + 1] - bounds[day] != DAY:
            yield first, day
            first = day + 1


def _steps(generation: Generation, question: Question) -> Rows:
    """The steps of the leads that the viewer sees and that are not in the trash, whenever they entered."""
    moment = question.moment(generation)
    leads = passages.asked(generation, replace(question, start=None, end=None, by=None))
    return _named(passages.steps(generation, moment, moment).semi_join(leads, "lead_id"))


def _named(made: Rows) -> Rows:
    """How each step came into its stage, and how it went."""
    came = ibis.cases(
        (made.previous.isnull(), ENTERED),
        (made.stage.isin(rules.ENDS), FORWARD),
        (made.previous.isin(rules.ENDS), BACK),
        (passages.place(made.stage) <= passages.place(made.previous), BACK),
        else_=FORWARD,
    )
    went = ibis.cases(
        (made.next_stage.isnull(), ""),
        (made.next_stage.isin(rules.ENDS), ENDED),
        (made.stage.isin(rules.ENDS), RETURNED),
        (passages.place(made.next_stage) <= passages.place(made.stage), RETURNED),
        else_=ON,
    )
    return made.mutate(came=came, went=went)


def _stays(generation: Generation, question: Question, bounds: Sequence[int]) -> Stays:
    made = _steps(generation, question)
    made = made.filter(made.since < bounds[-1], made.until >= bounds[0])
    placed = made.select("stage", "came", "went", first=day_of(made.since, bounds), last=day_of(made.until, bounds))
    alike = placed.group_by("stage", "came", "went", "first", "last").aggregate(many=placed.count()).to_pyarrow()
    columns = {name: alike[name].to_numpy(zero_copy_only=False) for name in alike.column_names}
    place = {stage: at for at, stage in enumerate(STAGES)}
    return Stays(
        stage=np.array([place[stage] for stage in columns["stage"]], dtype=np.int64),
        came=columns["came"],
        went=columns["went"],
        since=columns["first"].astype(np.int64),
        until=columns["last"].astype(np.int64),
        many=columns["many"].astype(np.int64),
    )


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


def _of_stage(made: Rows, first: int, end: int) -> dict[str, Value]:
    came = (made.since >= first) & (made.since < end)
    went = (made.until >= first) & (made.until < end)
    return {
        "before": (made.since < first) & (made.until >= first),
        "after": (made.since < end) & (made.until >= end),
        "came_in": came,
        "went_out": went,
        **{kind: came & (made.came == kind) for kind in CAME},
        **{kind: went & (made.went == kind) for kind in WENT},
    }


def _of_all(made: Rows, first: int, end: int) -> dict[str, Value]:
    of, going = _of_stage(made, first, end), made.stage.isin(rules.OPEN)
    return {
        "came": of[ENTERED],
        "left": (of[ENDED] & going) | (of[ENTERED] & ~going),
        "reopened": of[RETURNED] & ~going,
        "open_before": of["before"] & going,
        "open_after": of["after"] & going,
    }


def _differing(made: Rows, first: int, end: int) -> Rows:
    """Leads whose own stay in a stage does not add up."""
    of = {name: said.cast("int64") for name, said in _of_stage(made, first, end).items()}
    over = made.select("lead_id", over=of["before"] + of["came_in"] - of["went_out"] - of["after"])
    summed = over.group_by("lead_id").aggregate(over=over.over.sum())
    return summed.filter(summed.over != 0)


def _ids(rows: Rows) -> list[int]:
    return [int(lead) for lead in rows.select("lead_id").order_by("lead_id").to_pyarrow()["lead_id"].to_pylist()]


def _int(value: int) -> Value:
    return ibis.literal(value, "int64")


FLOW = Report("flow", _("Flow"), ("from", "to", "only", "as-of"), answer, lines, records)
