"""The flow as its page shows it: whether it adds up, and each stage with what came, what went and its days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.kernel.instants import to_micros
from accord.rooms.funnel import rules
from accord.rooms.funnel.fields import STAGE_NAMES
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports import flow as flows
from accord.rooms.insight.reports.flow import Flow, OfDay, OfStage
from accord.web.insight import drawing, figures
from accord.web.insight.asking import Asked
from accord.web.insight.drawing import Bar, Changes
from accord.web.shell import wording
from accord.web.shell.templatetags.shell import stage_side

NAMED = 20  # more that do not add up than these are in the file alone
WHOLE = ("came", "left", "reopened", "open_before", "open_after")
PARTS: dict[str, Promise] = {
    "entered": gettext_lazy("entered anew"),
    "forward": gettext_lazy("from a stage before"),
    "back": gettext_lazy("came back"),
    "on": gettext_lazy("went on"),
    "returned": gettext_lazy("went back"),
    "ended": gettext_lazy("came to an end"),
}
TITLES: dict[str, Promise] = {
    "came": gettext_lazy("Leads that came in"),
    "left": gettext_lazy("Leads that left"),
    "reopened": gettext_lazy("Leads that were opened again"),
    "open_before": gettext_lazy("Leads that were open before"),
    "open_after": gettext_lazy("Leads that were open afterwards"),
    "before": gettext_lazy("Leads that were in %(stage)s before"),
    "came_in": gettext_lazy("Leads that came into %(stage)s"),
    "entered": gettext_lazy("Leads that entered in %(stage)s"),
    "forward": gettext_lazy("Leads that went on to %(stage)s"),
    "back": gettext_lazy("Leads that came back to %(stage)s"),
    "went_out": gettext_lazy("Leads that went out of %(stage)s"),
    "on": gettext_lazy("Leads that went on from %(stage)s"),
    "returned": gettext_lazy("Leads that went back from %(stage)s"),
    "ended": gettext_lazy("Leads that ended from %(stage)s"),
    "after": gettext_lazy("Leads that were in %(stage)s afterwards"),
    "difference": gettext_lazy("Leads in %(stage)s that do not add up"),
}


@dataclass(frozen=True)
class Number:
    count: int
    leads: str
    label: str | Promise = ""


@dataclass(frozen=True)
class Row:
    stage: str
    side: str
    before: Number
    came: Number
    came_parts: list[Number]
    went: Number
    went_parts: list[Number]
    after: Number
    drawn: Changes
    bars: list[tuple[Bar, str]]
    words: str


def page(asked: Asked, flow: Flow) -> dict[str, Any]:
    rows = _rows(asked, flow)
    differing = [one for one in flow.days if one.difference]
    return {
        "flow": flow,
        "first": _day(flow.first),
        "last": _day(flow.last),
        "there": any(one.before or one.came_in or one.after for one in flow.stages),
        "whole": {name: Number(getattr(flow, name), asked.leads(flow.told, Cell(name))) for name in WHOLE},
        "stages": [row for row in rows if row.stage in rules.PLACE],
        "exits": [row for row in rows if row.stage not in rules.PLACE],
        "differing": [_differing(asked, flow, one) for one in differing[:NAMED]],
        "unnamed": max(len(differing) - NAMED, 0),
    }


def title(cell: Cell) -> str:
    return TITLES[cell.measure] % {"stage": STAGE_NAMES.get(cell.stage or "", "")}


def days(asked: Asked, cell: Cell) -> str:
    """The day of a cell, or all that were asked for."""
    if cell.cohort:
        return _day(cell.cohort)
    question = asked.question
    found = flows.shown(question, to_micros(question.as_of or question.at))
    first, last = wording.day(found[0]), wording.day(found[-1])
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def _rows(asked: Asked, flow: Flow) -> list[Row]:
    by_stage = {stage: [one for one in flow.days if one.stage == stage] for stage in flows.STAGES}
    most = max(abs(_change(one)) for one in flow.days)
    return [_row(asked, flow, whole, by_stage[whole.stage], most) for whole in flow.stages]


def _row(asked: Asked, flow: Flow, whole: OfStage, by_day: Sequence[OfDay], most: int) -> Row:
    def number(name: str, label: str | Promise = "") -> Number:
        return Number(getattr(whole, name), asked.leads(flow.told, Cell(name, whole.stage)), label)

    side = stage_side(whole.stage)
    drawn = drawing.changes([_change(one) for one in by_day], most, side)
    told = (f"{_day(one.day)}: {figures.signed(_change(one))}" for one in by_day)
    return Row(
        stage=whole.stage,
        side=side,
        before=number("before"),
        came=number("came_in"),
        came_parts=[number(kind, PARTS[kind]) for kind in flows.CAME if getattr(whole, kind)],
        went=number("went_out"),
        went_parts=[number(kind, PARTS[kind]) for kind in flows.WENT if getattr(whole, kind)],
        after=number("after"),
        drawn=drawn,
        bars=[(bar, words) for bar, words in zip(drawn.bars, told, strict=True) if bar],
        words=_words(by_day),
    )


def _words(by_day: Sequence[OfDay]) -> str:
    """What the bars of a stage say to those who do not see them."""
    highest, lowest = max(by_day, key=_change), min(by_day, key=_change)
    return _("%(stage)s by day: at most %(high)s on %(day)s, at least %(low)s on %(other)s") % {
        "stage": STAGE_NAMES[highest.stage],
        "high": figures.signed(_change(highest)),
        "day": _day(highest.day),
        "low": figures.signed(_change(lowest)),
        "other": _day(lowest.day),
    }


def _differing(asked: Asked, flow: Flow, one: OfDay) -> tuple[str, str, str]:
    leads = asked.leads(flow.told, Cell("difference", one.stage, cohort=one.day))
    return f"{_day(one.day)}, {STAGE_NAMES[one.stage]}", figures.signed(one.difference), leads


def _change(one: OfDay) -> int:
    return one.after - one.before


def _day(name: str) -> str:
    return wording.day(date.fromisoformat(name))
