"""Sources: what the leads of each origin came to, the young ones not held against it, and what sales said to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from accord.kernel.intervals import FEW, Rate, wilson
from accord.kernel.money import Money
from accord.kernel.proportions import Difference, benjamini_hochberg, difference, fisher_exact
from accord.kernel.survival import aalen_johansen
from accord.kernel.warehouse.generation import Generation
from accord.rooms.handoff.fields import reason_name
from accord.rooms.insight import passages
from accord.rooms.insight.amounts import Amounts, Winnings, by_currency, winnings
from accord.rooms.insight.arrivals import Arrivals, arrivals
from accord.rooms.insight.columns import Flags
from accord.rooms.insight.fates import CAUSES, WON, Fates, fates, leads_of
from accord.rooms.insight.questions import CannotAsk, Question, dimension, ordered
from accord.rooms.insight.reports.cohorts import AGES, Share
from accord.rooms.insight.reports.frame import Cell, Report, Told
from accord.rooms.insight.verdicts import ACCEPTED, ENDED, NOT_OFFERED, RETURNED, WAITING, Verdicts, verdicts

ORIGIN = "lead.origin"
FALSE = 0.1  # the share of differences called real that may be chance
OFFERED, ANSWERED, BACK = "offered", "answered", "back"
TOP = 3


@dataclass(frozen=True)
class Returned:
    """Leads returned by sales for one reason, None where none was told; `share` of those with an answer."""

    reason: str | None
    label: str
    share: Rate


@dataclass(frozen=True)
class Answered:
    """What sales said to the leads offered, which reached MQL: its first answer to each.

    offered = accepted + returned + ended (before an answer) + waiting. `rate` is accepted of those with an answer,
    `back` of the accepted were returned later, `reasons` are of returns, the most frequent first.
    """

    offered: int
    accepted: int
    returned: int
    ended: int
    waiting: int
    back: int
    rate: Rate
    reasons: list[Returned]

    @property
    def answered(self) -> int:
        return self.accepted + self.returned


@dataclass(frozen=True)
class Source:
    """`won_share` is the share won by the common age, young leads counted for as long as they were watched.

    `too_early` marks a group of fewer than 30 leads: its figures say little yet. `observed` is the share of the
    group that has reached the age. `deals` of these leads were won, `earned` are their amounts as far as they are told.
    """

    value: str | None
    label: str
    leads: int
    won: int
    open: int
    rate: Rate
    won_share: Share | None
    observed: float
    too_early: bool
    answered: Answered
    deals: int
    earned: list[Amounts]


@dataclass(frozen=True)
class Compared:
    """One share of two sources and its difference; `real` where that is more than chance, many being compared, and
    its own interval says so too: what is marked must not hold 0 in the interval beside it.
    """

    reason: str | None
    label: str
    one: Rate
    other: Rate
    difference: Difference | None
    real: bool


@dataclass(frozen=True)
class Pair:
    """Two sources side by side. `accepted` and each reason are shares of the leads that sales has answered."""

    one: Source
    other: Source
    accepted: Compared
    reasons: list[Compared]


@dataclass(frozen=True)
class Sources:
    """`age` in days is the longest of the fixed ages that at least half of all leads have reached."""

    by: str
    age: int
    all: Source
    sources: list[Source]
    arrivals: Arrivals
    told: Told


def answer(generation: Generation, question: Question) -> Sources:
    asked = _by_origin(question)
    found = fates(generation, asked)
    age = _common_age(found)
    said, money = verdicts(generation, asked), winnings(generation, asked)
    called = passages.called(passages.written(passages.leads(generation, asked)), asked.by)
    parts = zip(found.parts(found.groups), said.parts(said.groups), strict=True)
    sources = [
        _source(group, called[group], of, answers, money.of(money.groups.are(group)), age)
        for (group, of), (_same, answers) in parts
    ]
    sources.sort(key=lambda source: ordered(source.value, source.leads))
    whole = _source(None, str(_("All")), found, said, money, age)
    came = arrivals(found, asked, asked.moment(generation))
    return Sources(asked.by.name if asked.by else "", age, whole, sources, came, Told.by(generation, asked))


def lines(answered: Sources) -> list[dict[str, Any]]:
    return [_line(answered, source) for source in (*answered.sources, answered.all)]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The leads behind a cell. Measures: leads, won, open, offered, answered, accepted, returned (`stage`: for that
    reason, "" where none was told), ended, waiting, back; of a group or of all.
    """
    if cell.measure in ANSWERS:
        said = verdicts(generation, _by_origin(question))
        wanted = _answered_so(said, cell)
        wanted &= cell.chosen(said.groups)
        return [int(lead) for lead in np.sort(said.leads[wanted])]
    found = fates(generation, _by_origin(question))
    if cell.measure not in ("leads", "won", "open"):
        raise CannotAsk(_("The sources have no such number."))
    wanted = cell.chosen(found.groups)
    if cell.measure != "leads":
        wanted &= found.outcomes.are(cell.measure)
    return leads_of(found.of(wanted))


ANSWERS = (OFFERED, ANSWERED, ACCEPTED, RETURNED, ENDED, WAITING, BACK)


def compared(one: Source, other: Source) -> Pair:
    """Which answers of sales make the difference between two sources: every share with Newcombe's interval, and of
    the reasons which differ by more than chance (Fisher's test, Benjamini and Hochberg at a tenth).
    """
    names = sorted({(r.reason or "", r.label) for source in (one, other) for r in source.answered.reasons})
    shares = [(reason or None, label, _share(one, reason), _share(other, reason)) for reason, label in names]
    real = benjamini_hochberg([fisher_exact(left, right) for _reason, _label, left, right in shares], FALSE)
    reasons = [_compared(*share, real=held) for share, held in zip(shares, real, strict=True)]
    reasons.sort(key=lambda found: -found.one.numerator - found.other.numerator)
    rates = one.answered.rate, other.answered.rate
    accepted = _compared(None, str(_("Accepted")), *rates, real=fisher_exact(*rates) <= FALSE)
    return Pair(one, other, accepted, reasons)


def _share(source: Source, reason: str) -> Rate:
    counts = [found.share.numerator for found in source.answered.reasons if (found.reason or "") == reason]
    return wilson(sum(counts), source.answered.answered)


def _compared(reason: str | None, label: str, one: Rate, other: Rate, *, real: bool) -> Compared:
    apart = difference(one, other)
    return Compared(reason, label, one, other, apart, real and apart is not None and not apart.within_chance)


def _answered_so(said: Verdicts, cell: Cell) -> Flags:
    if cell.measure == OFFERED:
        return ~said.answers.are(NOT_OFFERED)
    if cell.measure == BACK:
        return said.back
    wanted = said.answers.are(*((ACCEPTED, RETURNED) if cell.measure == ANSWERED else (cell.measure,)))
    return wanted if cell.stage is None else wanted & said.reasons.are(cell.stage or None)


def _by_origin(question: Question) -> Question:
    return question if question.by else question.split(dimension(ORIGIN))


def _common_age(found: Fates) -> int:
    reached = [days for days in AGES if found.age.size and (found.age >= days).mean() >= 0.5]
    return max(reached, default=AGES[0])


def _source(value: str | None, label: str, of: Fates, said: Verdicts, money: Winnings, age: int) -> Source:
    won, leads = of.wins, int(of.leads.size)
    observed = float((of.age >= age).mean()) if leads else 0.0
    return Source(
        value=value,
        label=label,
        leads=leads,
        won=won,
        open=int(of.outcomes.are("open").sum()),
        rate=wilson(won, leads),
        won_share=_won_share(of, age) if observed else None,
        observed=observed,
        too_early=leads < FEW,
        answered=_answered(said),
        deals=money.length,
        earned=by_currency(money.amounts, money.currencies),
    )


def _answered(said: Verdicts) -> Answered:
    accepted, returned = said.count(ACCEPTED), said.count(RETURNED)
    return Answered(
        offered=said.offered,
        accepted=accepted,
        returned=returned,
        ended=said.count(ENDED),
        waiting=said.count(WAITING),
        back=int(said.back.sum()),
        rate=wilson(accepted, accepted + returned),
        reasons=_reasons(said, accepted + returned),
    )


def _reasons(said: Verdicts, answered: int) -> list[Returned]:
    counts = said.reasons.of(said.answers.are(RETURNED)).counts()
    found = [Returned(reason, _called(reason), wilson(count, answered)) for reason, count in counts.items()]
    return sorted(found, key=lambda one: (-one.share.numerator, one.reason or ""))


def _called(reason: str | None) -> str:
    return reason_name(reason) if reason else str(_("not known"))


def _won_share(of: Fates, age: int) -> Share:
    incidence = aalen_johansen(of.days, of.causes, list(CAUSES.values()))
    return Share(incidence.at(WON, age), *incidence.band(WON, age))


def _line(answered: Sources, source: Source) -> dict[str, Any]:
    share = source.won_share
    return {
        "source": source.label,
        "leads": source.leads,
        "won": source.won,
        "open": source.open,
        "rate": source.rate.rate,
        "low": source.rate.low,
        "high": source.rate.high,
        "days": answered.age,
        "won_share": share and share.rate,
        "won_share_low": share and share.low,
        "won_share_high": share and share.high,
        "observed": source.observed,
        "too_early": source.too_early,
        **_line_of(source.answered),
        **_line_of_money(answered, source),
    }


def _line_of_money(answered: Sources, source: Source) -> dict[str, Any]:
    """What was won, in whole units of each currency that occurs; 0 where nothing was in that one."""
    sums = {one.currency: Money(one.sum, one.currency).amount for one in source.earned}
    found = {f"earned_{one.currency}": sums.get(one.currency, 0) for one in answered.all.earned}
    return {"deals": source.deals, **found}


def _line_of(answered: Answered) -> dict[str, Any]:
    """The answers, and the three most frequent reasons of returns with their counts."""
    counts = {name: getattr(answered, name) for name in (OFFERED, ACCEPTED, RETURNED, ENDED, WAITING, BACK)}
    rate = {"accepted_rate": answered.rate.rate, "accepted_low": answered.rate.low, "accepted_high": answered.rate.high}
    top: Sequence[Returned | None] = [*answered.reasons[:TOP], *[None] * TOP][:TOP]
    reasons = {f"reason_{place}": one and one.label for place, one in enumerate(top, start=1)}
    returned = {f"returned_{place}": one and one.share.numerator for place, one in enumerate(top, start=1)}
    return counts | rate | reasons | returned


SOURCES = Report("sources", _("Sources"), ("from", "to", "by", "only", "as-of"), answer, lines, records)
