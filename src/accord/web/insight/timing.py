"""Velocity as its page shows it: days in each stage, days from one to the next, and whether the stock agrees."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accord.rooms.funnel.fields import STAGE_NAMES
from accord.rooms.insight.questions import UNKNOWN
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.velocity import Balance, Change, Group, OfStage, Stay, Velocity, Way
from accord.rooms.insight.spans import ENTRY
from accord.web.insight import drawing, figures
from accord.web.insight.asking import FROM, TO, Asked
from accord.web.insight.figures import Days, Figure
from accord.web.insight.flowing import Number
from accord.web.shell import wording
from accord.web.shell.templatetags.shell import stage_side

OF_STAGE = ("stays", "left", "running", "joined")
OF_WAY = ("begun", "reached", "gone", "joined", "open", "skipped")
TITLES: dict[str, Promise] = {
    "stays": gettext_lazy("Leads that came to stay in %(of)s"),
    "left": gettext_lazy("Leads that stayed in %(of)s and left"),
    "running": gettext_lazy("Leads that are still in %(of)s"),
    "went": gettext_lazy("Leads whose stay in %(of)s ended in this time"),
    "before": gettext_lazy("Leads that came to stay in %(of)s in the time before"),
    "begun": gettext_lazy("Leads that began the way %(of)s"),
    "reached": gettext_lazy("Leads that went the way %(of)s"),
    "gone": gettext_lazy("Leads that left on the way %(of)s"),
    "joined": gettext_lazy("Leads that were joined to another one: %(of)s"),
    "open": gettext_lazy("Leads that are still on the way %(of)s"),
    "skipped": gettext_lazy("Leads that skipped the way %(of)s"),
}


@dataclass(frozen=True)
class Comparison:
    """The same stage in the time before; `words` say by how much it takes longer or shorter now."""

    stays: Number
    median: Days
    words: str
    chance: bool


@dataclass(frozen=True)
class Law:
    """Little's law in words of the page; `differs` only where it can be told."""

    balance: Balance
    went: Number
    differs: str


@dataclass(frozen=True)
class Row:
    stage: str
    side: str
    counts: Mapping[str, Number]
    median: Days
    p75: Days
    p90: Days
    before: Comparison | None
    law: Law | None


@dataclass(frozen=True)
class WayRow:
    label: str
    counts: Mapping[str, Number]
    share: Figure | None
    quarter: Days
    half: Days


@dataclass(frozen=True)
class Part:
    """A group: of each stage its stays and their median, of each way the share that gets there and half its time."""

    label: str
    alone: str
    stays: list[tuple[Number, Days]]
    ways: list[tuple[Number, Figure | None, Days]]


def page(asked: Asked, velocity: Velocity) -> dict[str, Any]:
    rows = [_row(asked, velocity, one) for one in velocity.stages]
    return {
        "velocity": velocity,
        "rows": rows,
        "there": any(one.stays for one in velocity.stages),
        "drawing": _drawn(rows),
        "ways": [_way(asked, velocity, one) for one in velocity.ways],
        "groups": [_part(asked, velocity, one) for one in velocity.groups],
        "before": wording.day(date.fromisoformat(velocity.before)) if velocity.before else "",
        "alarms": [STAGE_NAMES[row.stage] for row in rows if row.law and row.law.balance.alarm],
    }


def title(cell: Cell) -> str:
    return TITLES[cell.measure] % {"of": called(cell.stage or "")}


def days(asked: Asked, _cell: Cell) -> str:
    """When what a list holds began, as it was typed."""
    since, until = asked.typed.get(FROM, ""), asked.typed.get(TO, "")
    return figures.begun(since, until) or _("Whenever it began")


def called(of: str) -> str:
    """A stage, or a way from one to another, as it is called."""
    if of in STAGE_NAMES:
        return str(STAGE_NAMES[of])
    start, _dash, end = of.partition("-")
    first = pgettext("where a way begins", "Entry") if start == ENTRY else str(STAGE_NAMES[start])
    return _("%(start)s to %(end)s") % {"start": first, "end": STAGE_NAMES[end]}


def _numbers(asked: Asked, velocity: Velocity, group: str | None = None) -> Callable[[str, int, str], Number]:
    def number(measure: str, count: int, of: str) -> Number:
        return Number(count, asked.leads(velocity.told, Cell(measure, of, group)))

    return number


def _row(asked: Asked, velocity: Velocity, one: OfStage) -> Row:
    number = _numbers(asked, velocity)
    change, balance = one.change, one.balance
    return Row(
        stage=one.stage,
        side=stage_side(one.stage),
        counts={name: number(name, getattr(one, name), one.stage) for name in OF_STAGE},
        median=Days(one.stays, one.median),
        p75=Days(one.stays, one.p75),
        p90=Days(one.stays, one.p90),
        before=_comparison(change, one, number("before", change.stays, one.stage)) if change else None,
        law=_law(balance, number("went", balance.went, one.stage)) if balance else None,
    )


def _comparison(change: Change, now: Stay, stays: Number) -> Comparison:
    before = Days(change.stays, change.median)
    if change.days is None or before.early or now.too_early:
        return Comparison(stays, before, "", chance=False)
    words = _("%(days)s d (%(low)s to %(high)s)") % {
        name: figures.signed(days, 1)
        for name, days in (("days", change.days.value), ("low", change.days.low), ("high", change.days.high))
    }
    return Comparison(stays, before, words, chance=bool(change.within_chance))


def _law(balance: Balance, went: Number) -> Law:
    known = balance.deviation is not None and not balance.too_early
    return Law(balance, went, wording.percent(balance.deviation or 0.0, 0) if known else "")


def _drawn(rows: list[Row]) -> dict[str, Any] | None:
    """Of the stages that are not too early; none where all are."""
    days = [None if row.median.early else (row.median.days.at or 0.0, row.p75.days.at, row.p90.days.at) for row in rows]
    if not any(days):
        return None
    drawn = drawing.stays(days, [row.side for row in rows])
    return {"box": drawn, "rows": list(zip(drawn.rows, drawn.stays, rows, strict=True))}


def _way(asked: Asked, velocity: Velocity, one: Way) -> WayRow:
    number = _numbers(asked, velocity)
    return WayRow(
        label=called(one.way),
        counts={name: number(name, getattr(one, name), one.way) for name in OF_WAY},
        share=figures.of_share(one.share, one.begun),
        quarter=Days(one.begun, one.quarter),
        half=Days(one.begun, one.half),
    )


def _part(asked: Asked, velocity: Velocity, group: Group) -> Part:
    number = _numbers(asked, velocity, UNKNOWN if group.value is None else group.value)
    stays = [(number("stays", one.stays, one.stage), Days(one.stays, one.median)) for one in group.stages]
    ways = [
        (number("begun", one.begun, one.way), figures.of_share(one.share, one.begun), Days(one.begun, one.half))
        for one in group.ways
    ]
    return Part(group.label, asked.narrowed(group.value), stays, ways)
