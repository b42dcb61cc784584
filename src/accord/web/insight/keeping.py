"""Promises kept as their page shows them: both sides with their weeks, each promise, groups, and what is counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.kernel.survival import Quantile
from accord.rooms.agreement.words import called
from accord.rooms.insight.questions import MODE_NAMES, PROMISE, SIDE_NAMES, UNKNOWN, labels
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.sla import Counted, Group, Promised, Side, Sla, Tally
from accord.rooms.promises import rules
from accord.rooms.promises.models import Clock
from accord.web.insight import drawing, figures
from accord.web.insight.asking import FROM, TO, Asked
from accord.web.insight.drawing import Trend
from accord.web.insight.figures import FEW, Figure
from accord.web.insight.flowing import Number
from accord.web.records.clocks import counted, span
from accord.web.shell import wording

NUMBERS = ("due", "kept", "broken", "late", "open", "void", "excused")
WEEKS_SHOWN = 26
TITLES: dict[str, Promise] = {
    "clocks": gettext_lazy("Promises that were to be kept"),
    "due": gettext_lazy("Promises that were due"),
    "kept": gettext_lazy("Promises that were kept"),
    "broken": gettext_lazy("Promises that were broken"),
    "late": gettext_lazy("Promises past their time"),
    "open": gettext_lazy("Promises that are open"),
    "void": gettext_lazy("Promises with nothing to measure"),
    "excused": gettext_lazy("Broken promises that were excused"),
}


STATES: dict[str, Promise] = {
    rules.RUNNING: gettext_lazy("Running"),
    rules.KEPT: gettext_lazy("Kept"),
    rules.BROKEN: gettext_lazy("Broken"),
    rules.VOID: gettext_lazy("Nothing to measure"),
}


@dataclass(frozen=True)
class ClockRow:
    """A clock in a list: what was promised, and how it stands now."""

    clock: Clock
    label: str
    state: Promise


@dataclass(frozen=True)
class Line:
    """A tally as a row of a table; each number opens its clocks."""

    label: str
    side: str
    mode: str
    pilot: bool
    numbers: Mapping[str, Number]
    rate: Figure | None


@dataclass(frozen=True)
class Time:
    """By when a share was done, in words, and between which limits."""

    at: str
    low: str
    high: str


@dataclass(frozen=True)
class PromiseLine(Line):
    aim: float | None
    clocks: int
    median: Time | None
    p90: Time | None
    business: bool


@dataclass(frozen=True)
class WeekLine:
    day: str
    line: Line
    trend: Figure | None


@dataclass(frozen=True)
class SideShown:
    line: Line
    trend: Trend | None
    weeks: Sequence[WeekLine]
    unshown: int


@dataclass(frozen=True)
class CountedLine:
    """What is counted without a clock: so many of so many, or a share."""

    label: str
    side: str
    pilot: bool
    words: str
    rate: Figure | None
    kept: bool | None


@dataclass(frozen=True)
class Part:
    label: str
    alone: str
    lines: Sequence[Line]


def page(asked: Asked, sla: Sla) -> dict[str, Any]:
    sides = [_side(asked, sla, one) for one in sla.sides]
    trends = _trends(sides)
    return {
        "sla": sla,
        "sides": sides,
        "there": bool(sides or any(one.found.begun for one in sla.counted)),
        "promises": [_promise(asked, sla, one) for one in sla.promises],
        "counted": [_counted(one) for one in sla.counted],
        "groups": [_part(asked, sla, one) for one in sla.groups],
        "trends": trends,
        "trends_height": len(trends) * int(drawing.TREND_HEIGHT),
    }


def title(cell: Cell) -> str:
    return str(TITLES[cell.measure])


def days(asked: Asked, cell: Cell) -> str:
    """Of which side and week a list is, or when what it holds began, as it was typed."""
    side, mode, _agreement, promise = [*(cell.stage or "").split(":", 3), "", "", ""][:4]
    parts = [str(SIDE_NAMES[side]), str(MODE_NAMES[mode])] if side in SIDE_NAMES and mode in MODE_NAMES else []
    parts += [labels(PROMISE, [promise])[promise]] if promise else []
    if cell.cohort:
        parts.append(_("Week of %(day)s") % {"day": _day(cell.cohort)})
    elif began := figures.begun(asked.typed.get(FROM, ""), asked.typed.get(TO, "")):
        parts.append(began)
    return " · ".join(parts) or _("Whenever it began")


def rows(clocks: Sequence[Clock]) -> list[ClockRow]:
    return [ClockRow(clock, _called(clock), STATES[clock.state]) for clock in clocks]


def _called(clock: Clock) -> str:
    document = clock.version.document
    return called(document, getattr(document.promises, clock.side), clock.promise)


def _numbers(asked: Asked, sla: Sla, of: Tally, key: str, **more: str) -> dict[str, Number]:
    return {name: Number(getattr(of, name), asked.leads(sla.told, Cell(name, key, **more))) for name in NUMBERS}


def _line(label: str, side: str, mode: str, of: Tally, numbers: Mapping[str, Number]) -> Line:
    return Line(label, side, mode, mode == rules.PILOT, numbers, figures.of_rate(of.rate))


def _side(asked: Asked, sla: Sla, one: Side) -> SideShown:
    label = str(SIDE_NAMES[one.side])
    line = _line(label, one.side, one.mode, one.tally, _numbers(asked, sla, one.tally, one.key))
    shown = one.weeks[-WEEKS_SHOWN:]
    weeks = [
        WeekLine(
            _day(week.week),
            _line("", one.side, one.mode, week.tally, _numbers(asked, sla, week.tally, one.key, cohort=week.week)),
            figures.of_rate(week.trend),
        )
        for week in shown
    ]
    rates = [week.trend.rate if week.trend else None for week in shown]
    return SideShown(line, drawing.trend(rates, one.side), weeks, len(one.weeks) - len(shown))


def _trends(sides: Sequence[SideShown]) -> list[tuple[int, SideShown, str, str]]:
    """Those that are drawn, each with how far down, and its first and last week."""
    drawn = [one for one in sides if one.trend]
    return [
        (place * int(drawing.TREND_HEIGHT), one, one.weeks[0].day, one.weeks[-1].day)
        for place, one in enumerate(drawn)
    ]  # fmt: skip


def _promise(asked: Asked, sla: Sla, one: Promised) -> PromiseLine:
    line = _line(one.label, one.side, one.mode, one.tally, _numbers(asked, sla, one.tally, one.key))
    median, p90 = (_time(of, one.tally) for of in (one.median, one.p90))
    return PromiseLine(
        **vars(line), aim=one.aim, clocks=one.tally.clocks, median=median, p90=p90, business=one.business
    )


def _time(of: Quantile, among: Tally) -> Time | None:
    """None while it is too early."""
    if of.at is None or among.clocks < FEW:
        return None
    low, high = (span(timedelta(seconds=one)) if one is not None else "…" for one in (of.low, of.high))
    return Time(span(timedelta(seconds=of.at)), low, high)


def _counted(one: Counted) -> CountedLine:
    words, rate = counted(one.found, _day(one.since)), figures.of_rate(one.found.rate)
    return CountedLine(one.label, one.side, one.mode == rules.PILOT, words, rate, one.found.kept)


def _part(asked: Asked, sla: Sla, group: Group) -> Part:
    value = UNKNOWN if group.value is None else group.value
    lines = [
        _line(
            str(SIDE_NAMES[part.side]), part.side, part.mode, part.tally,
            _numbers(asked, sla, part.tally, part.key, group=value),
        )
        for part in group.parts
    ]  # fmt: skip
    return Part(group.label, asked.narrowed(group.value), lines)


def _day(name: str) -> str:
    return wording.day(date.fromisoformat(name))
