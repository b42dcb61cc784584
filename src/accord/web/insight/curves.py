"""The curves of cohorts as a Vega-Lite chart. Colours are names of tokens, so that the theme may change beneath it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
from django.utils.translation import gettext as _

AGES = [0, 30, 90, 180, 270, 365]
END = 430  # where "in the end" stands on the axis of days
LAST = 520  # room for the names of the lines
HEIGHT = 280
APART = 0.055  # of the height: two names closer than this could not be read
OBSERVED, PARTLY, EXPECTED = "observed", "partly", "expected"
INK, GREY, FAINT, LINE = "var(--ink)", "var(--line-control)", "var(--ink-3)", "var(--line)"
FONT = "system-ui, sans-serif"


@dataclass(frozen=True)
class Point:
    """`whole`: every lead of the line is as old as that."""

    days: int
    share: float
    words: str
    whole: bool


@dataclass(frozen=True)
class End:
    share: float
    low: float
    high: float
    words: str


@dataclass(frozen=True)
class Line:
    label: str
    leads: int
    points: Sequence[Point]
    end: End | None
    whole: bool


def spec(lines: Sequence[Line]) -> dict[str, Any]:
    """A chart as JSON: a line solid where all its leads are that old, dotted where some are, dashed to its end."""
    rows = [row for line in lines for row in _rows(line)]
    parts = [_strokes(rows, OBSERVED, [1, 0]), _strokes(rows, PARTLY, [1, 3]), _strokes(rows, EXPECTED, [5, 4])]
    chart = alt.layer(*parts, _ranges(rows), _dots(rows), _names(_placed(lines)))
    chart = chart.properties(width="container", height=HEIGHT, background="transparent")
    axis = {"labelColor": FAINT, "labelFont": FONT, "labelFontSize": 11, "titleColor": FAINT, "titleFont": FONT}
    axis |= {"titleFontWeight": 400, "titleFontSize": 11}
    return chart.configure_view(stroke=None).configure_axis(**axis, gridColor=LINE, domainColor=GREY).to_dict()


def _rows(line: Line) -> Iterator[dict[str, Any]]:
    """Segments by kind; each kind begins where the one before it ended."""
    before = {"days": 0, "share": 0.0, "words": ""}
    kind = OBSERVED
    yield _row(line, kind, before)
    for point in line.points:
        if kind == OBSERVED and not point.whole:
            kind = PARTLY
            yield _row(line, kind, before)
        before = {"days": point.days, "share": point.share, "words": point.words}
        yield _row(line, kind, before)
    if line.end:
        yield _row(line, EXPECTED, before)
        ends = {"low": line.end.low, "high": line.end.high}
        yield _row(line, EXPECTED, {"days": END, "share": line.end.share, "words": line.end.words}) | ends


def _row(line: Line, kind: str, at: dict[str, Any]) -> dict[str, Any]:
    return {"cohort": line.label, "leads": line.leads, "kind": kind, "all": line.whole, **at}


def _placed(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The name of each line beside its last mark, none upon another."""
    lasts = [(line, line.end or (line.points[-1] if line.points else None)) for line in lines]
    known = sorted(((last.share, line) for line, last in lasts if last), key=lambda one: one[0])
    most = max((share for share, _line in known), default=0.0)
    placed, floor = [], APART * most / 2  # on the axis a name would be crossed by it
    for share, line in known:
        floor = max(share, floor)
        days = END if line.end else line.points[-1].days
        placed.append({"cohort": line.label, "days": days, "share": floor, "all": line.whole})
        floor += APART * most
    return placed


def _x() -> alt.X:
    end = _("in the end")
    words = f"datum.value == {END} ? {end!r} : datum.value"
    axis = alt.Axis(values=[*AGES, END], labelExpr=words, grid=False, title=_("days since the lead entered"))
    return alt.X("days:Q", scale=alt.Scale(domain=[0, LAST], nice=False), axis=axis)


def _y() -> alt.Y:
    axis = alt.Axis(
        labelExpr="format(datum.value * 100, '~g') + ' %'", title=None, tickCount=5, domain=False, ticks=False
    )
    return alt.Y("share:Q", scale=alt.Scale(zero=True), axis=axis)


def _ink() -> Any:
    return alt.when("datum.all").then(alt.value(INK)).otherwise(alt.value(GREY))


def _strokes(rows: list[dict[str, Any]], kind: str, dash: list[int]) -> alt.Chart:
    shown = alt.Data(values=[row for row in rows if row["kind"] == kind])
    marks = alt.Chart(shown).mark_line(strokeDash=dash, strokeWidth=1.75, interpolate="monotone")
    return marks.encode(_x(), _y(), detail="cohort:N", stroke=_ink())


def _ranges(rows: list[dict[str, Any]]) -> alt.Chart:
    ends = alt.Data(values=[row for row in rows if "low" in row])
    return alt.Chart(ends).mark_rule().encode(_x(), alt.Y("low:Q"), y2="high:Q", stroke=_ink())


def _dots(rows: list[dict[str, Any]]) -> alt.Chart:
    shown = alt.Data(values=[row for row in rows if row["words"]])
    told = [
        alt.Tooltip("cohort:N", title=_("Cohort")),
        alt.Tooltip("leads:Q", title=_("Leads")),
        alt.Tooltip("words:N", title=_("Share")),
    ]
    return alt.Chart(shown).mark_point(filled=True, size=36).encode(_x(), _y(), fill=_ink(), tooltip=told)


def _names(placed: list[dict[str, Any]]) -> alt.Chart:
    marks = alt.Chart(alt.Data(values=placed)).mark_text(align="left", dx=9, font=FONT, fontSize=12)
    return marks.encode(
        _x(), _y(), text="cohort:N", fill=alt.when("datum.all").then(alt.value(INK)).otherwise(alt.value(FAINT))
    )
