"""Wins and losses: which deals were won, which were lost and why, and what that says of those that are open.

The period is when deals were *closed*. Beside the share won of those stands the share won of deals by when they were
*opened*, since of the closed ones alone the quicker end is seen more often: losing, as a rule.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext_lazy as _

from accord.kernel import fields
from accord.kernel.instants import from_micros, to_micros
from accord.kernel.intervals import FEW, Difference, Rate, wilson
from accord.kernel.money import Money
from accord.kernel.proportions import benjamini_hochberg, difference, fisher_exact
from accord.kernel.survival import OPEN, StageTime, aalen_johansen, time_in_stage
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.amounts import Amounts, by_currency
from accord.rooms.insight.deals import Endings, asked, endings, watched_until
from accord.rooms.insight.questions import CannotAsk, Question, labels, ordered
from accord.rooms.insight.reports.cohorts import AGES, ENOUGH, Projected, Share
from accord.rooms.insight.reports.frame import DEAL, Cell, Report, Told
from accord.rooms.insight.rules import expected_wins

KINDS = ("deal", "lead", "contact", "company")
WON, LOST = 1, 2
RANKED = 20  # closed deals, from which on sellers are compared
FALSE = 0.1  # the share of groups called different that may be so by chance
SELLER = "owner"
TARGETING, HANDLING = "targeting", "handling"
# A loss on price or terms says that the wrong people were asked; an objection, that it was not answered.
PROBLEMS = {
    "price": TARGETING,
    "terms": TARGETING,
    "competitor": HANDLING,
    "no_decision": HANDLING,
    "no_need": HANDLING,
    "no_budget": HANDLING,
}

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Reason:
    """`share` of the deals with that outcome; `problem` is what such a loss points to."""

    value: str | None
    label: str
    share: Rate
    problem: str
    amounts: list[Amounts]


@dataclass(frozen=True)
class Ending:
    """Deals that came to one end within the period; `unpriced` are those without an amount."""

    deals: int
    reasons: list[Reason]
    amounts: list[Amounts]
    unpriced: int


@dataclass(frozen=True)
class Cohort:
    """Deals that were opened within the period. `won_share` by the common age, open ones counted for as long as they
    were watched; `days` until they were closed, either way; `shares` won by each of the fixed ages that some reached.
    """

    opened: int
    won: int
    open: int
    won_share: Share | None
    observed: float
    shares: dict[int, Share]
    expected: Projected | None
    days: StageTime | None


@dataclass(frozen=True)
class Part:
    """`unranked`: a seller with fewer than 20 closed deals, whose shares are not told. `against` compares the share
    won of closed with that of all others; `differs` says whether that is more than chance, many being compared, and
    0 lies outside its interval too.
    """

    value: str | None
    label: str
    closed: int
    won: int
    lost: int
    rate: Rate | None
    cohort: Cohort
    too_early: bool
    unranked: bool = False
    against: Difference | None = None
    differs: bool = False


@dataclass(frozen=True)
class Missed:
    """Missed is not lost: of the losses that stand, those with a date to come back; of all deals that were lost within
    the period at first, those that were won since, or followed by one that was.
    """

    lost: int
    dated: Rate
    regained: Rate


@dataclass(frozen=True)
class WinLoss:
    """`age` in days is the longest of the fixed ages that at least half of the deals opened have reached."""

    by: str
    age: int
    all: Part
    groups: list[Part]
    won: Ending
    lost: Ending
    missed: Missed
    told: Told


def answer(generation: Generation, question: Question) -> WinLoss:
    found = endings(generation, question)
    age = _common_age(found.of(_opened(found, question)))
    whole = _part(found, question, age, found)
    told = Told.by(generation, question)
    until = from_micros(watched_until(generation, question))
    return WinLoss(
        by=question.by.name if question.by else "",
        age=age,
        all=whole,
        groups=_groups(found, question, age, _called(generation, question)) if question.by else [],
        won=_ending(found.of(_closed(found, question) & found.won), rules.WON),
        lost=_ending(found.of(_closed(found, question) & found.lost), rules.LOST),
        missed=_missed(found, question),
        told=replace(told, watched_until=until),
    )


def _called(generation: Generation, question: Question) -> dict[str | None, str]:
    return passages.called(passages.shown(asked(generation, question), "deal_id"), question.by)


def lines(answered: WinLoss) -> list[dict[str, Any]]:
    """One line a figure: shares of all and of each group, reasons, amounts in whole units of their currency."""
    parts = [line for part in (*answered.groups, answered.all) for line in _of_part(answered, part)]
    ends = [line for name in (rules.WON, rules.LOST) for line in _of_ending(name, getattr(answered, name))]
    missed = [_line("", name, getattr(answered.missed, name)) for name in ("dated", "regained")]
    return [*parts, *ends, *missed]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The deals behind a cell: a key of MEASURES, of a group or of all. `stage` is a reason or a currency, "" where
    none is known.
    """
    found = endings(generation, question)
    if cell.measure not in MEASURES:
        raise CannotAsk(_("Wins and losses have no such number."))
    wanted = MEASURES[cell.measure](found, question, cell.stage or "") & cell.chosen(found.groups)
    return [int(deal) for deal in found.deals[wanted]]


def _closed(found: Endings, question: Question) -> Mask:
    return found.ended & _inside(found.closed, question)


def _opened(found: Endings, question: Question) -> Mask:
    return _inside(found.opened, question)


def _missing(found: Endings, question: Question) -> Mask:
    return ~np.isnan(found.first_lost) & _inside(found.first_lost, question)


def _inside(instants: npt.NDArray[Any], question: Question) -> Mask:
    start = to_micros(question.start) if question.start else 0
    return (instants >= start) & (instants < (to_micros(question.end) if question.end else known.FOREVER))


def _ended(outcome: str) -> Callable[[Endings, Question, str], Mask]:
    return lambda found, question, _which: _closed(found, question) & found.outcomes.are(outcome)


def _because(outcome: str) -> Callable[[Endings, Question, str], Mask]:
    return lambda found, question, reason: _ended(outcome)(found, question, "") & found.reasons.are(reason or None)


def _in_currency(outcome: str) -> Callable[[Endings, Question, str], Mask]:
    return lambda found, question, which: (
        _ended(outcome)(found, question, "") & ~np.isnan(found.amounts) & found.currencies.are(which or None)
    )


def _unpriced(outcome: str) -> Callable[[Endings, Question, str], Mask]:
    return lambda found, question, _which: _ended(outcome)(found, question, "") & np.isnan(found.amounts)


def _dated(found: Endings) -> Mask:
    return ~found.come_back_on.are(None)


MEASURES: dict[str, Callable[[Endings, Question, str], Mask]] = {
    "closed": lambda found, question, _which: _closed(found, question),
    **{outcome: _ended(outcome) for outcome in (rules.WON, rules.LOST)},
    **{f"{outcome}_because": _because(outcome) for outcome in (rules.WON, rules.LOST)},
    **{f"{outcome}_in": _in_currency(outcome) for outcome in (rules.WON, rules.LOST)},
    **{f"{outcome}_unpriced": _unpriced(outcome) for outcome in (rules.WON, rules.LOST)},
    "opened": lambda found, question, _which: _opened(found, question),
    "opened_won": lambda found, question, _which: _opened(found, question) & found.won,
    "opened_open": lambda found, question, _which: _opened(found, question) & ~found.ended,
    "dated": lambda found, question, _which: _ended(rules.LOST)(found, question, "") & _dated(found),
    "missed": lambda found, question, _which: _missing(found, question),
    "regained": lambda found, question, _which: _missing(found, question) & found.regained,
}


def _common_age(opened: Endings) -> int:
    reached = [days for days in AGES if opened.count and (opened.age >= days).mean() >= 0.5]
    return max(reached, default=AGES[0])


def _groups(found: Endings, question: Question, age: int, called: Mapping[str | None, str]) -> list[Part]:
    parts = [
        _named(replace(_part(of, question, age, found), value=value, label=called[value]), question)
        for value, of in found.parts(found.groups)
    ]
    parts = [part for part in parts if part.closed or part.cohort.opened]
    parts.sort(key=lambda part: ordered(part.value, part.closed))
    return _compared(parts)


def _named(part: Part, question: Question) -> Part:
    seller = question.by is not None and question.by.slug == SELLER
    return _without_shares(part) if seller and part.closed < RANKED else part


def _without_shares(part: Part) -> Part:
    cohort = replace(part.cohort, won_share=None, shares={}, expected=None)
    return replace(part, rate=None, cohort=cohort, unranked=True)


def _compared(parts: list[Part]) -> list[Part]:
    """Each group of at least 30 closed deals against all others together."""
    asked = [part for part in parts if not part.too_early and _others(part, parts).denominator]
    chances = [fisher_exact(wilson(part.won, part.closed), _others(part, parts)) for part in asked]
    held = dict(zip([part.value for part in asked], benjamini_hochberg(chances, FALSE), strict=True))
    return [
        _beside(part, _others(part, parts), real=held[part.value]) if part.value in held else part for part in parts
    ]


def _beside(part: Part, others: Rate, *, real: bool) -> Part:
    against = difference(part.rate, others) if part.rate else None
    return replace(part, against=against, differs=real and against is not None and not against.within_chance)


def _others(part: Part, parts: Sequence[Part]) -> Rate:
    rest = [other for other in parts if other is not part]
    return wilson(sum(other.won for other in rest), sum(other.closed for other in rest))


def _part(of: Endings, question: Question, age: int, together: Endings) -> Part:
    closed = of.of(_closed(of, question))
    won, count = int(closed.won.sum()), closed.count
    whole = together.of(_opened(together, question))
    cohort = _cohort(of.of(_opened(of, question)), age, whole)
    return Part(None, str(_("All")), count, won, count - won, wilson(won, count), cohort, count < FEW)


def _cohort(of: Endings, age: int, together: Endings) -> Cohort:
    shares = _shares(of)
    return Cohort(
        opened=of.count,
        won=int(of.won.sum()),
        open=int((~of.ended).sum()),
        won_share=shares.get(age),
        observed=float((of.age >= age).mean()) if of.count else 0.0,
        shares=shares,
        expected=_expected(of, together),
        days=time_in_stage(of.days, of.ended) if of.count else None,
    )


def _shares(of: Endings) -> dict[int, Share]:
    if not of.count:
        return {}
    codes = np.where(of.won, WON, np.where(of.lost, LOST, OPEN))
    incidence = aalen_johansen(of.days, codes, [WON, LOST])
    reached = [days for days in AGES if (of.age >= days).any()]
    return {days: Share(incidence.at(WON, days), *incidence.band(WON, days)) for days in reached}


def _expected(of: Endings, together: Endings) -> Projected | None:
    wins = int(of.won.sum())
    fitted, fitted_on = (of, "cohort") if wins >= ENOUGH and of.cure.usable else (together, "all")
    if int(fitted.won.sum()) < ENOUGH:
        return None
    found = expected_wins(fitted.cure, of.age[~of.won], wins, seed=0)
    if found is None:
        return None
    return Projected(found.expected, found.low, found.high, found.extrapolated, fitted_on)


def _ending(of: Endings, outcome: str) -> Ending:
    called = labels(fields.of("deal")["reason"], [name for name in of.reasons.present() if name])
    reasons = [_reason(those, name, called, outcome, of.count) for name, those in of.parts(of.reasons)]
    reasons.sort(key=lambda reason: ordered(reason.value, reason.share.numerator))
    return Ending(of.count, reasons, by_currency(of.amounts, of.currencies), int(np.isnan(of.amounts).sum()))


def _reason(of: Endings, name: str | None, called: dict[str, str], outcome: str, ended: int) -> Reason:
    shown = str(_("not known")) if name is None else called.get(name, of.reasons_shown.at(0) or name)
    problem = PROBLEMS.get(name or "", "") if outcome == rules.LOST else ""
    return Reason(name, shown, wilson(of.count, ended), problem, by_currency(of.amounts, of.currencies))


def _missed(found: Endings, question: Question) -> Missed:
    lost = found.of(_closed(found, question) & found.lost)
    missed = found.of(_missing(found, question))
    return Missed(
        lost=lost.count,
        dated=wilson(int(_dated(lost).sum()), lost.count),
        regained=wilson(int(missed.regained.sum()), missed.count),
    )


def _of_part(answered: WinLoss, part: Part) -> list[dict[str, Any]]:
    label = "" if part is answered.all else part.label
    cohort, expected = part.cohort, part.cohort.expected
    by_age = _line(label, f"won_by_{answered.age}_days", cohort.won_share, of=cohort.opened)
    wins = (expected.wins, expected.low, expected.high) if expected else ()
    ahead = Share(*(value / cohort.opened for value in wins)) if wins else None
    return [
        _line(label, "won_of_closed", part.rate, count=part.won, of=part.closed),
        by_age,
        _line(label, "expected_of_opened", ahead, of=cohort.opened)
        | {"extrapolated": expected and expected.extrapolated},
        _line(label, "not_yet_closed", wilson(cohort.open, cohort.opened)),
        _line(label, "median_days_open", None, of=cohort.opened) | {"median": cohort.days and cohort.days.median},
    ]


def _of_ending(outcome: str, ending: Ending) -> list[dict[str, Any]]:
    because = [_line("", outcome, reason.share) | {"reason": reason.label} for reason in ending.reasons]
    return because + [
        _line("", f"{outcome}_amount", None, count=amounts.deals, of=ending.deals) | _money(amounts)
        for amounts in ending.amounts
    ]


def _money(amounts: Amounts) -> dict[str, Any]:
    return {
        "currency": amounts.currency,
        "sum": float(Money(amounts.sum, amounts.currency).amount),
        "median": float(Money(amounts.whole_median, amounts.currency).amount),
    }


def _line(
    group: str, figure: str, share: Rate | Share | None, count: int | None = None, of: int | None = None
) -> dict[str, Any]:
    counted = (share.numerator, share.denominator) if isinstance(share, Rate) else (count, of)
    return {
        "group": group,
        "figure": figure,
        "reason": "",
        "currency": "",
        "count": counted[0],
        "of": counted[1],
        "rate": share and share.rate,
        "low": share and share.low,
        "high": share and share.high,
        "extrapolated": None,
        "sum": None,
        "median": None,
    }


WINLOSS = Report(
    "winloss", _("Wins and losses"), ("from", "to", "by", "only", "as-of"), answer, lines, records, DEAL, KINDS
)
