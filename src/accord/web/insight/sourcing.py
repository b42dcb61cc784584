"""The sources as their page shows them: each with its interval on a scale that all share, and what sales said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.rooms.capture.reasons import REASONS
from accord.rooms.handoff.fields import reason_name
from accord.rooms.insight.arrivals import Arrivals, Lost, Week
from accord.rooms.insight.questions import UNKNOWN
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.sources import ORIGIN, TOP, Compared, Pair, Returned, Source, Sources, compared
from accord.web.insight import drawing, figures, listing
from accord.web.insight.asking import Asked
from accord.web.insight.drawing import Span
from accord.web.insight.figures import Figure
from accord.web.shell.wording import day

USUAL, NARROW_WEEKS = ORIGIN, 16
NAMELESS = gettext_lazy("They named nobody: no user, no visitor and no e-mail address.")
TITLES: dict[str, Promise] = {
    "offered": gettext_lazy("Leads that were offered to sales"),
    "answered": gettext_lazy("Leads that sales answered"),
    "accepted": gettext_lazy("Leads that sales accepted"),
    "returned": gettext_lazy("Leads that sales returned"),
    "ended": gettext_lazy("Leads that ended before sales had answered"),
    "waiting": gettext_lazy("Leads that wait for an answer of sales"),
    "back": gettext_lazy("Leads that were accepted and returned later"),
}


@dataclass(frozen=True)
class Because:
    returned: Returned
    leads: str


@dataclass(frozen=True)
class Versus:
    """One share of both sources, with the list behind each count."""

    compared: Compared
    label: str
    one: Figure | None
    other: Figure | None
    one_leads: str
    other_leads: str
    difference: str


@dataclass(frozen=True)
class Line:
    source: Source
    rate: Figure | None
    share: Figure | None
    span: Span | None
    leads: str
    won: str
    open: str
    group: str | None
    answers: dict[str, str]
    accepted: Figure | None
    accepted_span: Span | None
    reasons: list[Because]

    @property
    def earned(self) -> list[tuple[str, int, int]]:
        """Currency, what was won in it, and that for each lead of the source."""
        return [(one.currency, one.sum, round(one.sum / self.source.leads)) for one in self.source.earned]


@dataclass(frozen=True)
class Gone:
    """Events that became nothing, and why."""

    events: int
    why: str | Promise
    first: str
    last: str


@dataclass(frozen=True)
class Came:
    """Drawn for a desk, and the last weeks for a phone, each from the day on which it begins; `last` is the day on
    which the last week does."""

    wide: drawing.Weekly
    wide_from: str
    narrow: drawing.Weekly
    narrow_from: str
    last: str
    gone: list[Gone]


def title(cell: Cell) -> str:
    if cell.measure not in TITLES:
        return listing.title(cell)
    if cell.stage is None:
        return str(TITLES[cell.measure])
    why = reason_name(cell.stage) if cell.stage else _("not known")
    return _("Leads that sales returned: %(why)s") % {"why": why}


def page(asked: Asked, answered: Sources, chosen: Sequence[str] = ()) -> dict[str, Any]:
    """`chosen`: the groups to set side by side, two of them."""
    every = [*answered.sources, answered.all]
    top = drawing.top([one.rate.high or 0.0 for one in every if not one.too_early])
    groups = [None if one is answered.all else UNKNOWN if one.value is None else one.value for one in every]
    lines = [_line(asked, answered, one, group, top) for one, group in zip(every, groups, strict=True)]
    return {
        "answered": answered,
        "heading": asked.question.by.label if asked.question.by else _("Source"),
        "lines": lines[:-1],
        "all": lines[-1],
        "top": top,
        "half": top / 2,
        "scale": drawing.span(0, top / 2, top, top),
        "width": drawing.SCALE,
        "chosen": chosen,
        "pair": _pair(asked, answered, lines[:-1], chosen),
        "offered": answered.all.answered.offered,
        "came": _came(answered.arrivals),
        "blocks": drawing.reasons([len(lines)]),
        "bars": list(zip(drawing.ranked([1] * len(lines)), lines, strict=True)),
    }


def _came(arrivals: Arrivals) -> Came | None:
    """None before two weeks."""
    weeks = arrivals.weeks
    if len(weeks) < 2:
        return None
    wide, narrow = weeks, weeks[-NARROW_WEEKS:]
    return Came(
        _drawn(wide, drawing.WIDE),
        day(wide[0].begins),
        _drawn(narrow, drawing.NARROW),
        day(narrow[0].begins),
        day(weeks[-1].begins),
        [_gone(one) for one in arrivals.lost],
    )


def _drawn(weeks: Sequence[Week], width: float) -> drawing.Weekly:
    return drawing.weekly([week.leads for week in weeks], [week.lost for week in weeks], width)


def _gone(lost: Lost) -> Gone:
    why = NAMELESS if lost.reason == "nobody" else REASONS.get(lost.reason, lost.reason)
    return Gone(lost.events, why, day(lost.first), day(lost.last))


def _pair(asked: Asked, answered: Sources, lines: Sequence[Line], chosen: Sequence[str]) -> dict[str, Any] | None:
    """The two sources that were chosen; None where it was not two that are there."""
    found = [line for line in lines if line.group in chosen]
    if len(found) != 2:
        return None
    one, other = found
    pair: Pair = compared(one.source, other.source)
    versus = [_versus(asked, answered, share, (one, other), share.reason or UNKNOWN) for share in pair.reasons]
    accepted = _versus(asked, answered, pair.accepted, (one, other), None)
    return {"one": one, "other": other, "accepted": accepted, "reasons": versus}


def _versus(asked: Asked, answered: Sources, share: Compared, lines: tuple[Line, Line], reason: str | None) -> Versus:
    measure = "accepted" if reason is None else "returned"
    one, other = (asked.leads(answered.told, Cell(measure, stage=reason, group=line.group)) for line in lines)
    apart = share.difference
    said = figures.points(apart.value, apart.low, apart.high) if apart else ""
    return Versus(share, share.label, figures.of_rate(share.one), figures.of_rate(share.other), one, other, said)


def _line(asked: Asked, answered: Sources, source: Source, group: str | None, top: float) -> Line:
    rate, accepted = figures.of_rate(source.rate), figures.of_rate(source.answered.rate)
    told = answered.told
    return Line(
        source=source,
        rate=rate,
        share=figures.of_share(source.won_share, source.leads),
        span=_span(rate, top),
        leads=asked.leads(told, Cell("leads", group=group)),
        won=asked.leads(told, Cell("won", group=group)),
        open=asked.leads(told, Cell("open", group=group)),
        group=group,
        answers={name: asked.leads(told, Cell(name, group=group)) for name in TITLES},
        accepted=accepted,
        accepted_span=_span(accepted, 1.0),
        reasons=[
            Because(one, asked.leads(told, Cell("returned", stage=one.reason or UNKNOWN, group=group)))
            for one in source.answered.reasons[:TOP]
        ],
    )


def _span(share: Figure | None, top: float) -> Span | None:
    return drawing.span(share.low, share.share, share.high, top) if share and not share.early else None
