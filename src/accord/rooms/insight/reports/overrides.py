"""Overrides: leads that somebody placed in a stage before the rule of the agreement held, and what became of them.

By person and by reason, beside the leads that the rule brought as far in the same period. The period is that in which
they were placed or qualified.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from ibis import Table as Rows

from accord.kernel.instants import from_micros, to_micros
from accord.kernel.intervals import FEW, Difference, Rate, difference, wilson
from accord.kernel.survival import aalen_johansen
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.funnel.tables import TRANSITIONS
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Flags, Floats, Numbers, Texts, read, taken
from accord.rooms.insight.fates import DAY
from accord.rooms.insight.questions import CannotAsk, Question, ordered
from accord.rooms.insight.reports.cohorts import AGES, Share
from accord.rooms.insight.reports.frame import Cell, Report, Told
from accord.rooms.team.models import Member

PLACED, RULE, PERSON, REASON = "placed", "rule", "person", "reason"
LATEST = 50
OPEN = "open"
WON, ELSE = 1, 2


@dataclass(frozen=True)
class Tally:
    """`placed` = won + lost + returned + open. `rate` is the share won so far; what is open is not mature yet.

    `won_share` is the share won by the common age since it was placed, the young counted for as long as they were
    watched; `observed` is the share that is as old as that.
    """

    placed: int
    won: int
    lost: int
    returned: int
    open: int
    rate: Rate
    won_share: Share | None
    observed: float
    too_early: bool


@dataclass(frozen=True)
class Part(Tally):
    """Of one person, reason or value of a field; `key` names it in cells."""

    key: str
    value: str | None
    label: str


@dataclass(frozen=True)
class Placed:
    """One override: which lead, when, by whom, why, into which stage, and what became of it."""

    lead: int
    at: datetime
    by: int | None
    reason: str
    stage: str
    outcome: str


@dataclass(frozen=True)
class Overrides:
    """`rule`: leads that the rule qualified in the same period. `difference`: the share won by `age` days of those
    that people placed, less that of these. People choose whom they place: the two differ from the beginning."""

    by: str | None
    age: int
    all: Tally
    rule: Tally
    difference: Difference | None
    within_chance: bool | None
    people: list[Part]
    reasons: list[Part]
    groups: list[Part]
    latest: list[Placed]
    told: Told


@dataclass(frozen=True, eq=False)
class _Placements(Columns):
    """One entry a placement, the newest first; instants in microseconds. `ended` is when its outcome came about, or
    until when it was watched; `joined` leads are lost by outcome, and censored where time counts."""

    leads: Numbers
    at: Numbers
    by: Numbers  # 0 where nobody did it
    reasons: Texts
    stages: Texts
    outcomes: Texts
    joined: Flags
    ended: Numbers
    watched: Numbers
    groups: Texts

    @property
    def by_rule(self) -> Flags:
        return self.reasons.are(rules.BY_RULE)

    @property
    def age(self) -> Floats:
        return np.maximum(self.watched - self.at, 0) / DAY


def answer(generation: Generation, question: Question) -> Overrides:
    found = _placements(generation, question)
    mine, ruled = found.of(~found.by_rule), found.of(found.by_rule)
    age = _common_age(found)
    whole, rule = _tally(mine, age), _tally(ruled, age)
    apart = _apart(whole, rule)
    return Overrides(
        by=question.by.name if question.by else None,
        age=age,
        all=whole,
        rule=rule,
        difference=apart,
        within_chance=apart.within_chance if apart else None,
        people=_people(mine, age),
        reasons=_reasons(mine, age),
        groups=_groups(mine, age, passages.called(_written(generation, question), question.by)) if question.by else [],
        latest=[_placed(mine, place) for place in range(min(mine.leads.size, LATEST))],
        told=Told.by(generation, question),
    )


def lines(overrides: Overrides) -> list[dict[str, Any]]:
    parts = [("", "", overrides.all), (RULE, "", overrides.rule)]
    parts += [(kind, part.label, part) for kind, of in _KINDS.items() for part in of(overrides)]
    return [_line(kind, label, tally, overrides.age) for kind, label, tally in parts]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The leads behind a cell, one for each time. Measures: placed, and the outcomes. The cell's `stage` is the key of
    a person or reason, or `rule`; without one it is of all that people placed."""
    found = _placements(generation, question)
    if cell.measure not in (PLACED, *rules.OUTCOMES):
        raise CannotAsk(_("The overrides have no such number."))
    found = found.of(_of_key(found, cell.stage or "") & cell.chosen(found.groups))
    if cell.measure != PLACED:
        found = found.of(found.outcomes.are(cell.measure))
    return [int(lead) for lead in found.leads]


def _placements(generation: Generation, question: Question) -> _Placements:
    watched = passages.watched_until(generation, question)
    leads = passages.leads(generation, replace(question, start=None, end=None))
    columns = read(_rows(generation, question))
    whose = leads.find(columns["lead_id"])
    here = whose >= 0
    entries = passages.all_of(generation, question).entries
    here[here] = entries.of(leads.places[whose[here]]).are(*rules.SUBJECT)
    columns, whose = {name: taken(column, here) for name, column in columns.items()}, whose[here]
    stands = leads.stages.of(whose)
    outcomes = _outcomes(stands, columns["back"] > columns["id"])
    over = np.select(
        [outcomes.are(rules.RETURNED), outcomes.are(OPEN)], [columns["back_at"], watched], leads.since[whose]
    )
    at = columns["occurred_at"]
    return _Placements(
        leads=columns["lead_id"],
        at=at,
        by=columns["by_id"],
        reasons=columns["reason"],
        stages=columns["to_stage"],
        outcomes=outcomes,
        joined=stands.are(rules.JOINED),
        ended=np.maximum(over, at),
        watched=np.full(at.shape, watched, dtype=np.int64),
        groups=leads.groups.of(whose),
    )


def _outcomes(stages: Texts, returned: Flags) -> Texts:
    """What became of each, by where its lead stands and whether it was returned since."""
    names = [rules.outcome(stage, back) for back in (False, True) for stage in stages.names]
    return Texts.numbered(names, stages.codes + len(stages.names) * returned)


def _written(generation: Generation, question: Question) -> dict[str, str]:
    leads = passages.leads(generation, replace(question, start=None, end=None))
    entries = passages.all_of(generation, question).entries.of(leads.places)
    return passages.written(leads.of(entries.are(*rules.SUBJECT)))


def _rows(generation: Generation, question: Question) -> Rows:
    moment = question.moment(generation)
    made = known.standing(generation, TRANSITIONS, moment)
    made = made.filter(made.lead_id.notnull(), made.occurred_at <= known.instant(moment))
    back = made.filter(made.move == rules.RETURNED)
    back = back.group_by("lead_id").aggregate(back=back.id.max(), back_at=back.occurred_at.max())
    moved = made.move.isin((*sorted(rules.PLACED), rules.WON)) & made.from_stage.isin((rules.INQUIRY, rules.ENGAGED))
    opened = (made.move == rules.ENTERED) & (made.to_stage == rules.MQL) & (made.reason == rules.BY_RULE)
    placed = made.filter(moved | opened, made.deal_id.isnull(), made.version_id.notnull(), made.reason != "")
    if question.start:
        placed = placed.filter(placed.occurred_at >= known.instant(to_micros(question.start)))
    if question.end:
        placed = placed.filter(placed.occurred_at < known.instant(to_micros(question.end)))
    placed = placed.select("id", "lead_id", "occurred_at", "reason", "to_stage", by_id=placed.by_id.fill_null(0))
    found = placed.left_join(back.rename(of="lead_id"), [("lead_id", "of")]).drop("of")
    found = found.mutate(back=found.back.fill_null(0), back_at=found.back_at.fill_null(0))
    return found.order_by(found.occurred_at.desc(), found.id.desc())


def _common_age(found: _Placements) -> int:
    """The longest of the fixed ages that at least half of them have reached."""
    reached = [days for days in AGES if found.leads.size and (found.age >= days).mean() >= 0.5]
    return max(reached, default=AGES[0])


def _tally(of: _Placements, age: int) -> Tally:
    counts = {outcome: int(of.outcomes.are(outcome).sum()) for outcome in rules.OUTCOMES}
    placed = int(of.leads.size)
    observed = float((of.age >= age).mean()) if placed else 0.0
    return Tally(
        placed=placed,
        won=counts[rules.WON],
        lost=counts[rules.LOST],
        returned=counts[rules.RETURNED],
        open=counts[OPEN],
        rate=wilson(counts[rules.WON], placed),
        won_share=_won_share(of, age) if observed else None,
        observed=observed,
        too_early=placed < FEW,
    )


def _won_share(of: _Placements, age: int) -> Share:
    ended = ~of.outcomes.are(OPEN) & ~of.joined
    codes = np.select([of.outcomes.are(rules.WON), ended], [WON, ELSE], 0)
    incidence = aalen_johansen((of.ended - of.at) / DAY, codes, (WON, ELSE))
    return Share(incidence.at(WON, age), *incidence.band(WON, age))


def _apart(one: Tally, other: Tally) -> Difference | None:
    if one.won_share is None or other.won_share is None:
        return None
    return difference(*((of.rate, of.low, of.high) for of in (one.won_share, other.won_share)))


def _people(found: _Placements, age: int) -> list[Part]:
    known_here = Member.objects.in_bulk([int(pk) for pk in np.unique(found.by)])
    parts = []
    for pk in np.unique(found.by):
        member = known_here.get(int(pk))
        label = str(member) if member else str(_("somebody who is gone"))
        parts.append(_part(f"{PERSON}:{pk}", str(pk), label, found.of(found.by == pk), age))
    return sorted(parts, key=_by_size)


def _reasons(found: _Placements, age: int) -> list[Part]:
    parts = [
        _part(f"{REASON}:{reason}", reason, reason, of, age) for reason, of in found.parts(found.reasons) if reason
    ]
    return sorted(parts, key=_by_size)


def _groups(found: _Placements, age: int, called: Mapping[str | None, str]) -> list[Part]:
    parts = [_part("", value, called[value], of, age) for value, of in found.parts(found.groups)]
    return sorted(parts, key=lambda part: ordered(part.value, part.placed))


def _part(key: str, value: str | None, label: str, of: _Placements, age: int) -> Part:
    return Part(**vars(_tally(of, age)), key=key, value=value, label=label)


def _by_size(part: Part) -> tuple[int, str]:
    return -part.placed, part.label


def _of_key(found: _Placements, key: str) -> Flags:
    kind, _colon, value = key.partition(":")
    if kind == RULE:
        return found.by_rule
    if kind == PERSON:
        return ~found.by_rule & (found.by == (int(value) if value.isdigit() else -1))
    if kind == REASON:
        return ~found.by_rule & found.reasons.are(value)
    return ~found.by_rule


def _placed(found: _Placements, place: int) -> Placed:
    by = int(found.by[place]) or None
    at = from_micros(int(found.at[place]))
    named = (of.at(place) or "" for of in (found.reasons, found.stages, found.outcomes))
    return Placed(int(found.leads[place]), at, by, *named)


def _line(kind: str, label: str, of: Tally, age: int) -> dict[str, Any]:
    share = of.won_share
    return {
        "kind": kind or "all",
        "of": label,
        **{name: getattr(of, name) for name in (PLACED, *rules.OUTCOMES)},
        "rate": of.rate.rate,
        "low": of.rate.low,
        "high": of.rate.high,
        "days": age,
        "won_share": share and share.rate,
        "won_share_low": share and share.low,
        "won_share_high": share and share.high,
        "observed": of.observed,
        "too_early": of.too_early,
    }


_KINDS: Mapping[str, Callable[[Overrides], list[Part]]] = {
    PERSON: lambda of: of.people,
    REASON: lambda of: of.reasons,
    "group": lambda of: of.groups,
}

OVERRIDES = Report(
    "overrides",
    _("Overrides"),
    ("from", "to", "by", "only", "as-of"),
    answer,
    lines,
    records,
    needs="see_overrides",
)
