"""Velocity: how long leads stay in each stage, and how long they take from one stage to the next.

The period is that in which a stay or a way began, whenever the lead entered; what still runs is followed until the
moment that is asked about.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext_lazy as _

from accord.kernel.instants import from_micros, to_micros
from accord.kernel.intervals import FEW, Difference, difference, little
from accord.kernel.survival import Quantile, Survival, aalen_johansen, kaplan_meier
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.columns import at_once
from accord.rooms.insight.fates import DAY
from accord.rooms.insight.questions import CannotAsk, Question, midnight, ordered
from accord.rooms.insight.reports.cohorts import Share
from accord.rooms.insight.reports.frame import Cell, Report, Told
from accord.rooms.insight.spans import GONE, JOINED, LEFT, RUNNING, WAYS, Leads, Spans, Stays, leads

OfGroup = Mapping[str | None, Spans]
REACHED, ENDED = 1, 2  # how a way ends: its goal and any exit compete


@dataclass(frozen=True)
class Stay:
    """Stays in a stage that began in the period: each has left it, was joined to another lead, or still runs.

    `median`, `p75` and `p90`: days by which a half, three quarters, nine tenths have left (Kaplan-Meier, the joined
    and those that run censored), each with its 95 % limits.
    """

    stage: str
    stays: int
    left: int
    joined: int
    running: int
    median: Quantile
    p75: Quantile
    p90: Quantile
    too_early: bool


@dataclass(frozen=True)
class Change:
    """Against the stays of as many days before: days that the median is longer now, with the 95 % interval.

    `days` is None where either median, or one of its limits, is not known yet.
    """

    stays: int
    median: Quantile
    days: Difference | None
    within_chance: bool | None


@dataclass(frozen=True)
class Balance:
    """Little's law over the period: what was there at a time, against what came a day times the days of what went.

    `went` are the stays that ended in the period, whenever they began. `alarm`: they differ by more than a fifth.
    None where nobody went.
    """

    there: float
    came_a_day: float
    went: int
    mean_days: float | None
    expected: float | None
    deviation: float | None
    alarm: bool
    too_early: bool


@dataclass(frozen=True)
class OfStage(Stay):
    change: Change | None
    balance: Balance | None


@dataclass(frozen=True)
class Way:
    """From one stage to another, by when leads first came as far: they reached it, are gone by an exit, were joined
    to another lead, or are open. `skipped` passed both at one instant, and are not among the `begun`.

    `share` is the share that reaches it within the time that any were followed; exits compete with it
    (Aalen-Johansen). `quarter` and `half`: days by which a quarter, a half of that share had. What is still open may
    add to it, and then later.
    """

    way: str
    start: str
    end: str
    begun: int
    reached: int
    gone: int
    joined: int
    open: int
    skipped: int
    share: Share | None
    quarter: Quantile
    half: Quantile
    too_early: bool


@dataclass(frozen=True)
class Group:
    value: str | None
    label: str
    stays: int
    stages: list[Stay]
    ways: list[Way]


@dataclass(frozen=True)
class Velocity:
    """`before` is the first day that the period is compared with, in ISO 8601; None without a first day of its own."""

    by: str | None
    before: str | None
    stages: list[OfStage]
    ways: list[Way]
    groups: list[Group]
    told: Told


@dataclass(frozen=True)
class Period:
    """Instants in microseconds: from `start` on, before `end`; the time before it begins at `before`."""

    start: int | None
    end: int | None
    before: int | None
    watched: int

    @classmethod
    def of(cls, generation: Generation, question: Question) -> "Period":
        moment = question.moment(generation)
        start, end = (to_micros(one) if one else None for one in (question.start, question.end))
        before = None if start is None else _before(question, min(end or moment, moment))
        return cls(start, end, before, passages.watched_until(generation, question))

    def window(self, stays: Stays) -> tuple[int, int] | None:
        """What of it was watched, from the first stay on; None where nothing was."""
        first = self.start if self.start is not None else int(stays.since.min(initial=self.watched))
        last = min(self.end or self.watched, self.watched)
        return (first, last) if first < last else None


def answer(generation: Generation, question: Question) -> Velocity:
    found, period = leads(generation, question), Period.of(generation, question)
    window = period.window(found.stays)
    ways, skipped = _begun(found.ways, period), _begun(found.skipped, period)
    there = dict(found.stays.parts(found.stays.stages))
    none = found.stays.of(slice(0))
    begun = found.stays.begun(period.start, period.end)
    stages, of_ways, groups = at_once(
        [partial(_stage, there.get(stage, none), stage, period, window) for stage in rules.OPEN],
        [partial(_way, name, ways[name], skipped[name]) for name in WAYS],
        _groups(found, begun, ways, skipped) if question.by else [],
    )
    return Velocity(
        by=question.by.name if question.by else None,
        before=_day(period.before, question.zone),
        stages=stages,
        ways=of_ways,
        groups=_in_order(groups),
        told=Told.by(generation, question),
    )


def lines(velocity: Velocity) -> list[dict[str, Any]]:
    """One line a stage or way, of all and of each group; what a line has not is empty."""
    whole = [_stay_line("", stage) | _more(stage) for stage in velocity.stages]
    whole += [_way_line("", way) for way in velocity.ways]
    for group in velocity.groups:
        whole += [_stay_line(group.label, stage) for stage in group.stages]
        whole += [_way_line(group.label, way) for way in group.ways]
    names = dict.fromkeys(name for line in whole for name in line)
    return [{name: line.get(name) for name in names} for line in whole]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The leads behind a cell, one for each time. The cell's `stage` is a stage, or a way such as mql-sal.

    Of a stage: stays, left, joined, running; before, of the days before; went, that ended in the period. Of a way:
    begun, reached, gone, joined, open, skipped.
    """
    found, period = leads(generation, question), Period.of(generation, question)
    measured = _measured_stays(found.stays, period) if cell.stage in rules.OPEN else _measured_ways(found, period, cell)
    if cell.measure not in measured:
        raise CannotAsk(_("Velocity has no such number."))
    spans = measured[cell.measure]
    if isinstance(spans, Stays):
        spans = spans.of(spans.stages.are(cell.stage))
    return [int(lead) for lead in np.sort(spans.of(cell.chosen(spans.groups)).leads)]


def _measured_stays(stays: Stays, period: Period) -> dict[str, Spans]:
    begun, window = stays.begun(period.start, period.end), period.window(stays)
    measured: dict[str, Spans] = {
        "stays": begun,
        "left": begun.of(begun.ends == LEFT),
        "joined": begun.of(begun.ends == JOINED),
        "running": begun.of(begun.ends == RUNNING),
        "went": _went(stays, window) if window else begun.of(begun.leads < 0),
    }
    return measured if period.before is None else measured | {"before": stays.begun(period.before, period.start)}


def _measured_ways(found: Leads, period: Period, cell: Cell) -> dict[str, Spans]:
    if cell.stage not in WAYS:
        return {}
    begun = found.ways[cell.stage].begun(period.start, period.end)
    ends = {"reached": LEFT, "gone": GONE, "joined": JOINED, "open": RUNNING}
    of_end = {name: begun.of(begun.ends == end) for name, end in ends.items()}
    return {"begun": begun, "skipped": found.skipped[cell.stage].begun(period.start, period.end), **of_end}


def _stage(there: Stays, stage: str, period: Period, window: tuple[int, int] | None) -> OfStage:
    begun = there.begun(period.start, period.end)
    told = _stay(stage, begun)
    before = None if period.before is None else there.begun(period.before, period.start)
    return OfStage(
        **vars(told),
        change=None if before is None else _change(told, before),
        balance=_balance(there, begun.size, window) if window else None,
    )


def _stay(stage: str, begun: Spans) -> Stay:
    curve = _curve(begun)
    median, p75, p90 = (curve.quantile_with_limits(p) for p in (0.5, 0.75, 0.9))
    left, joined, running = (begun.many(end) for end in (LEFT, JOINED, RUNNING))
    return Stay(stage, begun.size, left, joined, running, median, p75, p90, too_early=begun.size < FEW)


def _curve(spans: Spans) -> Survival:
    return kaplan_meier(_days(spans), spans.ends == LEFT)


def _days(spans: Spans) -> npt.NDArray[np.float64]:
    return (spans.until - spans.since) / DAY


def _change(now: Stay, before: Spans) -> Change:
    median = _curve(before).quantile_with_limits(0.5)
    known = _known(now.median), _known(median)
    found = difference(known[0], known[1]) if known[0] and known[1] else None
    return Change(before.size, median, found, found.within_chance if found else None)


def _known(of: Quantile) -> tuple[float, float, float] | None:
    if of.at is None or of.low is None or of.high is None:
        return None
    return of.at, of.low, of.high


def _balance(there: Stays, came: int, window: tuple[int, int]) -> Balance:
    """`came` are those that began in the period, and so in the window."""
    went, days = _went(there, window), (window[1] - window[0]) / DAY
    stock = there.there(*window)
    early = min(came, went.size) < FEW
    if not went.size:
        return Balance(stock, came / days, 0, None, None, None, alarm=False, too_early=early)
    mean = float(_days(went).mean())
    law = little(came / days, mean, stock)
    alarm = law.alarm and not early
    return Balance(stock, came / days, went.size, mean, law.expected, law.deviation, alarm=alarm, too_early=early)


def _went(stays: Stays, window: tuple[int, int]) -> Stays:
    ended = (stays.ends != RUNNING) & (stays.until >= window[0]) & (stays.until < window[1])
    return stays.of(ended)


def _begun(spans: Mapping[str, Spans], period: Period) -> dict[str, Spans]:
    return {name: of.begun(period.start, period.end) for name, of in spans.items()}


def _way(name: str, begun: Spans, skipped: Spans) -> Way:
    codes = np.select([begun.ends == LEFT, begun.ends == GONE], [REACHED, ENDED], 0)
    curves = aalen_johansen(_days(begun), codes, (REACHED, ENDED))
    share = Share(curves.at(REACHED, curves.last), *curves.band(REACHED, curves.last)) if begun.size else None
    return Way(
        name,
        *WAYS[name],
        begun=begun.size,
        reached=begun.many(LEFT),
        gone=begun.many(GONE),
        joined=begun.many(JOINED),
        open=begun.many(RUNNING),
        skipped=skipped.size,
        share=share,
        quarter=curves.time_of_share(REACHED, 0.25),
        half=curves.time_of_share(REACHED, 0.5),
        too_early=begun.size < FEW,
    )


def _groups(
    found: Leads, stays: Stays, ways: Mapping[str, Spans], skipped: Mapping[str, Spans]
) -> list[Callable[[], Group]]:
    """Of what began in the period: put in the order of groups once, however many there are."""
    asked = [stays], ways.values(), skipped.values()
    (mine,), begun, passed_over = at_once(*([partial(_parts, of) for of in those] for those in asked))
    of_ways = list(zip(ways, begun, passed_over, strict=True))
    none = stays.of(slice(0))
    return [partial(_group, value, label, mine.get(value, none), of_ways) for value, label in found.called.items()]


def _in_order(groups: Sequence[Group]) -> list[Group]:
    """Those of which anything began."""
    present = [group for group in groups if group.stays or any(way.begun or way.skipped for way in group.ways)]
    return sorted(present, key=lambda group: ordered(group.value, group.stays))


def _parts(of: Spans) -> OfGroup:
    return dict(of.parts(of.groups))


def _group(value: str | None, label: str, mine: Stays, ways: Iterable[tuple[str, OfGroup, OfGroup]]) -> Group:
    there, none = dict(mine.parts(mine.stages)), mine.of(slice(0))
    stages = [_stay(stage, there.get(stage, none)) for stage in rules.OPEN]
    found = [_way(name, begun.get(value, none), skipped.get(value, none)) for name, begun, skipped in ways]
    return Group(value, label, mine.size, stages, found)


def _before(question: Question, last: int) -> int:
    """The first instant of as many days as there are from the first one to `last`, before these."""
    zone = ZoneInfo(question.zone)
    first = (question.start or from_micros(last)).astimezone(zone).date()
    days = (from_micros(last - 1).astimezone(zone).date() - first).days + 1
    return to_micros(midnight(first - timedelta(days=max(days, 1)), question.zone))


def _day(instant: int | None, zone: str) -> str | None:
    return None if instant is None else from_micros(instant).astimezone(ZoneInfo(zone)).date().isoformat()


def _stay_line(group: str, stay: Stay) -> dict[str, Any]:
    counts = {"begun": stay.stays, "done": stay.left, "gone": None, "joined": stay.joined, "running": stay.running}
    times = _times({"quarter": None, "median": stay.median, "p75": stay.p75, "p90": stay.p90})
    return {"group": group, "kind": "stage", "of": stay.stage, **counts, **times, "too_early": stay.too_early}


def _way_line(group: str, way: Way) -> dict[str, Any]:
    counts = {"begun": way.begun, "done": way.reached, "gone": way.gone, "joined": way.joined, "running": way.open}
    times = _times({"quarter": way.quarter, "median": way.half, "p75": None, "p90": None})
    share = asdict(way.share) if way.share else {}
    shares = {f"share_{name}": value for name, value in share.items()}
    line = {"group": group, "kind": "way", "of": way.way, **counts, **times, "too_early": way.too_early}
    return line | {"skipped": way.skipped} | shares


def _times(named: Mapping[str, Quantile | None]) -> dict[str, float | None]:
    parts: Iterable[tuple[str, Quantile | None]] = named.items()
    return {
        f"{name}_{part}" if part != "at" else name: getattr(of, part) if of else None
        for name, of in parts
        for part in ("at", "low", "high")
    }


def _more(stage: OfStage) -> dict[str, Any]:
    change, balance = stage.change, stage.balance
    days = change.days if change else None
    return {
        "begun_before": change and change.stays,
        "median_before": change and change.median.at,
        "longer": days and days.value,
        "longer_low": days and days.low,
        "longer_high": days and days.high,
        "there": balance and balance.there,
        "came_a_day": balance and balance.came_a_day,
        "went": balance and balance.went,
        "mean_days": balance and balance.mean_days,
        "expected": balance and balance.expected,
        "deviation": balance and balance.deviation,
        "alarm": balance and balance.alarm,
    }


VELOCITY = Report("velocity", _("Velocity"), ("from", "to", "by", "only", "as-of"), answer, lines, records)
