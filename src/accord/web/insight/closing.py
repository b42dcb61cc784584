"""Wins and losses as their page shows them: both win rates side by side, and the reasons drawn and in figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.kernel import fields
from accord.kernel.intervals import Difference
from accord.rooms.funnel import rules
from accord.rooms.insight import questions
from accord.rooms.insight.amounts import Amounts
from accord.rooms.insight.questions import UNKNOWN
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.cohorts import Projected
from accord.rooms.insight.reports.winloss import HANDLING, TARGETING, Ending, Part, Reason, WinLoss
from accord.web.insight import drawing, figures
from accord.web.insight.asking import Asked
from accord.web.insight.drawing import Ranked
from accord.web.insight.figures import Figure

TITLES: dict[str, Promise] = {
    "closed": gettext_lazy("Deals that were closed"),
    "won": gettext_lazy("Deals that were won"),
    "lost": gettext_lazy("Deals that were lost"),
    "won_because": gettext_lazy("Deals that were won: %(what)s"),
    "lost_because": gettext_lazy("Deals that were lost: %(what)s"),
    "won_in": gettext_lazy("Deals that were won, currency: %(what)s"),
    "lost_in": gettext_lazy("Deals that were lost, currency: %(what)s"),
    "won_unpriced": gettext_lazy("Deals that were won, without an amount"),
    "lost_unpriced": gettext_lazy("Deals that were lost, without an amount"),
    "opened": gettext_lazy("Deals that were opened"),
    "opened_won": gettext_lazy("Deals that were opened and have been won"),
    "opened_open": gettext_lazy("Deals that were opened and are open still"),
    "dated": gettext_lazy("Deals that were lost, with a day to come back"),
    "missed": gettext_lazy("Deals that were lost at some time"),
    "regained": gettext_lazy("Deals that were lost and won later"),
}
POINTS_TO: dict[str, Promise] = {
    TARGETING: gettext_lazy("whom we ask: price and terms say that they were the wrong ones"),
    HANDLING: gettext_lazy("how we answer: an objection that was not met"),
}
MARKS = {rules.LOST: "ink", rules.WON: "sa"}


@dataclass(frozen=True)
class Line:
    """`chance` is what is expected in the end, as a share of all that were opened."""

    part: Part
    alone: str
    closed: str
    won: str
    lost: str
    opened: str
    open: str
    rate: Figure | None
    share: Figure | None
    chance: Figure | None
    not_closed: Figure | None
    against: str


@dataclass(frozen=True)
class Because:
    reason: Reason
    deals: str
    share: Figure | None
    points_to: str | Promise
    amounts: Sequence[Amounts]


@dataclass(frozen=True)
class End:
    """One outcome with its reasons, drawn where there are some."""

    outcome: str
    ending: Ending
    lines: list[Because]
    drawn: list[tuple[Ranked, Because]]
    mark: str
    amounts: list[tuple[Amounts, str]]
    unpriced: str


def page(asked: Asked, answered: WinLoss) -> dict[str, Any]:
    ends = [_end(asked, answered, outcome) for outcome in (rules.LOST, rules.WON)]
    missed = {name: asked.leads(answered.told, Cell(name)) for name in ("lost", "dated", "missed", "regained")}
    return {
        "answered": answered,
        "there": answered.all.closed or answered.all.cohort.opened,
        "lines": [_line(asked, answered, part, part.value or UNKNOWN) for part in answered.groups],
        "all": _line(asked, answered, answered.all, None),
        "ends": ends,
        "drawing": drawing.reasons([len(end.drawn) for end in ends]),
        "missed": missed,
        "dated": figures.of_rate(answered.missed.dated),
        "regained": figures.of_rate(answered.missed.regained),
        "ranking": any(part.unranked for part in answered.groups),
        "differing": any(part.differs for part in answered.groups),
    }


def title(cell: Cell) -> str:
    return TITLES[cell.measure] % {"what": _what(cell)}


def _what(cell: Cell) -> str:
    if not cell.stage:
        return _("not known")
    if not cell.measure.endswith("because"):
        return cell.stage
    return questions.labels(fields.of("deal")["reason"], [cell.stage]).get(cell.stage, cell.stage)


def _line(asked: Asked, answered: WinLoss, part: Part, group: str | None) -> Line:
    def listed(measure: str) -> str:
        return asked.leads(answered.told, Cell(measure, group=group))

    cohort = part.cohort
    return Line(
        part=part,
        alone=asked.narrowed(part.value) if group is not None else "",
        closed=listed("closed"),
        won=listed("won"),
        lost=listed("lost"),
        opened=listed("opened"),
        open=listed("opened_open"),
        rate=figures.of_rate(part.rate),
        share=figures.of_share(cohort.won_share, cohort.opened),
        chance=_chance(cohort.expected, cohort.opened),
        not_closed=_not_closed(part),
        against=_signed(part.against),
    )


def _chance(expected: Projected | None, opened: int) -> Figure | None:
    if expected is None or not opened:
        return None
    wins, low, high = (value / opened for value in (expected.wins, expected.low, expected.high))
    return Figure(round(expected.wins), opened, wins, low, high)


def _not_closed(part: Part) -> Figure | None:
    opened, still = part.cohort.opened, part.cohort.open
    return Figure(still, opened, still / opened, 0.0, 1.0) if opened else None


def _signed(against: Difference | None) -> str:
    """+12 (4 to 20) points"""
    return figures.points(against.value, against.low, against.high) if against else ""


def _end(asked: Asked, answered: WinLoss, outcome: str) -> End:
    ending: Ending = getattr(answered, outcome)
    lines = [_because(asked, answered, outcome, reason) for reason in ending.reasons]
    # Wins and losses on one scale: a bar twice as long stands for twice as many, whichever block it is in.
    every = [reason.share.numerator for one in (answered.lost, answered.won) for reason in one.reasons]
    bars = drawing.ranked([reason.share.numerator for reason in ending.reasons], max(every, default=0))
    amounts = [(one, asked.leads(answered.told, Cell(f"{outcome}_in", stage=one.currency))) for one in ending.amounts]
    unpriced = asked.leads(answered.told, Cell(f"{outcome}_unpriced"))
    drawn = list(zip(bars, lines, strict=True))[: drawing.MOST_RANKED]
    return End(outcome, ending, lines, drawn, MARKS[outcome], amounts, unpriced)


def _because(asked: Asked, answered: WinLoss, outcome: str, reason: Reason) -> Because:
    return Because(
        reason=reason,
        deals=asked.leads(answered.told, Cell(f"{outcome}_because", stage=reason.value or UNKNOWN)),
        share=figures.of_rate(reason.share),
        points_to=POINTS_TO.get(reason.problem, ""),
        amounts=reason.amounts,
    )
