"""The course of a score as a Vega-Lite chart. Colours are names of tokens, so that the theme may change beneath it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import altair as alt
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.rooms.scoring.explaining import Step
from accord.web.shell import wording

HEIGHT = 240
INK, GREY, FAINT, LINE = "var(--ink)", "var(--line-control)", "var(--ink-3)", "var(--line)"
FONT = "system-ui, sans-serif"
APART = 0.07  # of the height: two names closer than this could not be read
ROOM = 1.12  # of the time that is drawn: the names of the lines stand behind it


def spec(steps: Sequence[Step], moved: Sequence[str]) -> dict[str, Any]:
    """A chart as JSON: the total in ink, fit beneath it in grey, a dot where something happened.

    `moved` says of each step what happened at it; empty where the score only faded.
    """
    rows = [row for step, words in zip(steps, moved, strict=True) for row in _rows(step, words)]
    ends = [steps[0].at.timestamp(), steps[0].at.timestamp() + _length(steps) * ROOM]
    parts = (_stroke(rows, "total", INK, [1, 0]), _stroke(rows, "fit", GREY, [4, 3]), _dots(rows), _names(rows))
    x = alt.X("at:Q", scale=alt.Scale(domain=ends, nice=False, zero=False), axis=_axis(steps))
    chart = alt.layer(*(part.encode(x) for part in parts))
    chart = chart.properties(width="container", height=HEIGHT, background="transparent")
    axis = {"labelColor": FAINT, "labelFont": FONT, "labelFontSize": 11, "gridColor": LINE, "domainColor": GREY}
    return chart.configure_view(stroke=None).configure_axis(**axis).to_dict()


def _length(steps: Sequence[Step]) -> float:
    return max((steps[-1].at - steps[0].at).total_seconds(), 86_400.0)


def _rows(step: Step, words: str) -> list[dict[str, Any]]:
    told = {"when": wording.whole(step.at), "points": wording.number(step.total, 1), "words": words}
    both = {"total": step.total, "fit": step.fit}
    return [{"at": step.at.timestamp(), "line": name, "value": value, **told} for name, value in both.items()]


def _axis(steps: Sequence[Step]) -> alt.Axis:
    """Days as the reader writes them: five of them, evenly spread."""
    first, length = steps[0].at, _length(steps)
    places = [first.timestamp() + length * part / 4 for part in range(5)]
    today = timezone.localtime(steps[-1].at).date()
    dates = [timezone.localtime(first + timedelta(seconds=length * part / 4)).date() for part in range(5)]
    days = [wording.day(date, today) for date in dates]
    words = " : ".join(f"abs(datum.value - {at}) < 1 ? {day!r}" for at, day in zip(places, days, strict=True))
    return alt.Axis(values=places, labelExpr=f"{words} : ''", grid=False, title=None)


def _y() -> alt.Y:
    return alt.Y(
        "value:Q", axis=alt.Axis(title=None, tickCount=5, domain=False, ticks=False), scale=alt.Scale(zero=True)
    )


def _stroke(rows: list[dict[str, Any]], line: str, ink: str, dash: list[int]) -> alt.Chart:
    shown = alt.Data(values=[row for row in rows if row["line"] == line])
    return alt.Chart(shown).mark_line(strokeDash=dash, strokeWidth=1.75).encode(_y(), stroke=alt.value(ink))


def _dots(rows: list[dict[str, Any]]) -> alt.Chart:
    shown = alt.Data(values=[row for row in rows if row["line"] == "total" and row["words"]])
    told = [
        alt.Tooltip("when:N", title=_("When")),
        alt.Tooltip("words:N", title=_("What")),
        alt.Tooltip("points:N", title=_("Score")),
    ]
    return alt.Chart(shown).mark_point(filled=True, size=40).encode(_y(), fill=alt.value(INK), tooltip=told)


def _names(rows: list[dict[str, Any]]) -> alt.Chart:
    named = {"total": _("total"), "fit": _("fit")}
    lasts = {row["line"]: row for row in rows}
    close = abs(lasts["total"]["value"] - lasts["fit"]["value"]) < APART * max(row["value"] for row in rows)
    shown = [{**row, "name": named[line]} for line, row in lasts.items() if line == "total" or not close]
    marks = alt.Chart(alt.Data(values=shown)).mark_text(align="left", dx=8, font=FONT, fontSize=12)
    return marks.encode(_y(), text="name:N", fill=alt.value(FAINT))
