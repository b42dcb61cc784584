"""The sources as their page shows them: each with its interval on a scale that all share."""

from dataclasses import dataclass
from typing import Any

from accord.rooms.insight.questions import UNKNOWN
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.sources import ORIGIN, Source, Sources
from accord.web.insight import drawing, figures
from accord.web.insight.asking import Asked
from accord.web.insight.drawing import Span
from accord.web.insight.figures import Figure

USUAL = ORIGIN


@dataclass(frozen=True)
class Line:
    source: Source
    rate: Figure | None
    share: Figure | None
    span: Span | None
    leads: str
    won: str
    open: str


def page(asked: Asked, answered: Sources) -> dict[str, Any]:
    every = [*answered.sources, answered.all]
    top = drawing.top([one.rate.high or 0.0 for one in every if not one.too_early])
    groups = [None if one is answered.all else UNKNOWN if one.value is None else one.value for one in every]
    lines = [_line(asked, answered, one, group, top) for one, group in zip(every, groups, strict=True)]
    return {
        "answered": answered,
        "lines": lines[:-1],
        "all": lines[-1],
        "top": top,
        "half": top / 2,
        "scale": drawing.span(0, top / 2, top, top),
        "width": drawing.SCALE,
    }


def _line(asked: Asked, answered: Sources, source: Source, group: str | None, top: float) -> Line:
    rate = figures.of_rate(source.rate)
    told = answered.told
    return Line(
        source=source,
        rate=rate,
        share=figures.of_share(source.won_share, source.leads),
        span=drawing.span(rate.low, rate.share, rate.high, top) if rate and not rate.early else None,
        leads=asked.leads(told, Cell("leads", group=group)),
        won=asked.leads(told, Cell("won", group=group)),
        open=asked.leads(told, Cell("open", group=group)),
    )
