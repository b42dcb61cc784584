"""Stays in a stage and what came after them, of leads and of deals, as arrays: what usual times are computed from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from ibis import Table as Rows

from accord.kernel import fields
from accord.kernel.survival import OPEN
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.tables import TRAITS
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Deal, PipelineStage
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Floats, Numbers, Texts, coded
from accord.rooms.insight.fates import DAY
from accord.rooms.insight.made import Passages, Steps, places
from accord.rooms.insight.questions import Question

MOVED_ON, ELSEWHERE = 1, 2  # how a stay ended: in a further stage or won; or by an exit or a step back
WON, NOT_WON = 1, 2
UNPLACED = -1  # a stage that is none of the pipeline

Words = npt.NDArray[Any]  # few enough to be objects


@dataclass(frozen=True, eq=False)
class Stays(Columns):
    """One entry a stay: its stage and segment, its days, how it ended (OPEN: it runs still).

    `watched` is the days from its beginning to the end of the watch. A stay that ended because its lead was joined
    to another says nothing of what would have come: it is open, on that day.
    """

    stage: Texts
    segment: Texts
    days: Floats
    ended: Numbers
    watched: Floats


@dataclass(frozen=True, eq=False)
class Careers(Columns):
    """One entry for each stage that a lead or deal stood in: days from its first coming there to the end of the whole,
    and how that was: WON, NOT_WON, or OPEN."""

    stage: Texts
    days: Floats
    became: Numbers


def of_leads(generation: Generation, question: Question) -> tuple[Stays, Careers]:
    """A stage that a lead left at the instant at which it came was skipped, and is no stay."""
    watch = passages.watched_until(generation, question)
    found = passages.leads(generation, question.split(fields.of("company")["industry"]))
    steps, whose = passages.all_of(generation, question).steps_of(found, lambda made: made.stood)
    return _lead_stays(steps, found.groups.of(whose), watch), _lead_careers(steps, found, whose, watch)


def of_deals(generation: Generation, question: Question) -> tuple[Stays, Careers]:
    """By the values that `deal.stage` and `deal.outcome` had, each from when it was true. A deal that is opened again
    begins a new stay; its first stage counts from its opening, unless that was told only when it had ended."""
    moment = question.moment(generation)
    watch = passages.watched_until(generation, question)
    runs = _runs(*_events(generation, moment), watch)
    return _deal_stays(runs, _segments(generation, moment, runs.deal), watch), _deal_careers(runs)


def _lead_stays(steps: Steps, segments: Texts, watch: int) -> Stays:
    running = (steps.until == known.FOREVER) | steps.following.are(rules.JOINED)
    further = places(steps.following) > places(steps.stages)
    ended = np.select([running, further], [OPEN, MOVED_ON], ELSEWHERE)
    days = np.maximum(np.minimum(steps.until, watch) - steps.since, 0) / DAY
    return Stays(steps.stages, segments, days, ended, (watch - steps.since) / DAY)


def _lead_careers(steps: Steps, found: Passages, whose: Numbers, watch: int) -> Careers:
    first = np.flatnonzero(_new(whose, steps.stages))
    stands = found.stages.of(whose[first])
    until = np.where(stands.are(*rules.ENDS), found.since[whose[first]], watch)
    not_won = stands.are(*(exit for exit in rules.EXITS if exit != rules.JOINED))
    became = np.select([stands.are(rules.WON), not_won], [WON, NOT_WON], OPEN)
    return Careers(steps.stages.of(first), np.maximum(until - steps.since[first], 0) / DAY, became)


@dataclass(frozen=True, eq=False)
class _Runs:
    """Times during which a deal was open or closed in one stage, in the order of deals and of time.

    `outcome` is "open", "won" or "lost"; `last` marks the last of a deal.
    """

    deal: Numbers
    stage: Words
    outcome: Words
    since: Numbers
    until: Numbers
    last: npt.NDArray[np.bool_]


def _events(generation: Generation, moment: int) -> tuple[Numbers, Numbers, Words, Words]:
    """Deal, instant, field and value of each change, in order; of one instant the outcome comes first, so that a stage
    that was told with the end has no time of its own."""
    found = known.standing(generation, TRAITS, moment)
    found = found.filter(found.kind == "deal", found.occurred_at <= known.instant(moment), found.norm.notnull())
    trashed = known.values(known.standing(generation, TRAITS, moment), moment, kind="deal", field="trashed")
    trashed = trashed.filter(trashed.norm == "true").select(removed="record")
    changes = found.filter(found.field.isin(("stage", "outcome"))).anti_join(trashed, found.record == trashed.removed)
    ordered = changes.order_by(["record", "occurred_at", "field", "recorded_at", "id"])
    read = _arrays(ordered.select("record", "occurred_at", "field", "norm"))
    return read["record"], read["occurred_at"], read["field"], read["norm"]


def _runs(deal: Numbers, at: Numbers, field: Words, value: Words, watch: int) -> _Runs:
    outcome = _carried(deal, value, field == "outcome", otherwise="open")
    stage = _from_opening(deal, _carried(deal, value, field == "stage", otherwise=""), outcome)
    starts = _changes(deal, stage, outcome)
    deal, since, stage, outcome = deal[starts], at[starts], stage[starts], outcome[starts]
    last = np.append(deal[1:] != deal[:-1], [True] * bool(deal.size)).astype(bool)
    until = np.where(last, watch, np.append(since[1:], watch)[: since.size])
    return _Runs(deal, stage, outcome, since, np.maximum(until, since), last)


def _carried(deal: Numbers, value: Words, told: npt.NDArray[np.bool_], otherwise: str) -> Words:
    """The value that was told last, at each change of the same deal."""
    newest = np.maximum.accumulate(np.where(told, np.arange(deal.size), -1))
    own = (newest >= 0) & (deal[newest] == deal)
    return np.where(own, value[newest], otherwise).astype(object)


def _from_opening(deal: Numbers, stage: Words, outcome: Words) -> Words:
    """The first stage of each deal also before it was told, if the deal was open until then."""
    told = np.flatnonzero(stage != "")
    following = np.searchsorted(told, np.arange(deal.size))
    ahead = np.append(told, [0])[following]
    closed = np.cumsum(outcome != "open")
    same = (following < told.size) & (deal[ahead] == deal) & (closed[ahead] == closed) & (outcome == "open")
    return np.where((stage == "") & same, stage[ahead], stage).astype(object)


def _changes(*columns: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Where any of the columns is another than in the row before."""
    first = np.ones(columns[0].size, dtype=bool)
    for column in columns:
        first[1:] = first[1:] & (column[1:] == column[:-1])
    first[1:] = ~first[1:]
    return first


def _deal_stays(runs: _Runs, segments: Words, watch: int) -> Stays:
    following = np.append(np.arange(1, runs.deal.size), [0])[: runs.deal.size]
    outcome = np.where(runs.last, "", runs.outcome[following])
    on = (outcome == rules.WON) | ((outcome == "open") & _further(runs, following))
    ended = np.where(runs.last, OPEN, np.where(on, MOVED_ON, ELSEWHERE))
    stays = (runs.outcome == "open") & (runs.stage != "") & (runs.until > runs.since)
    days, watched = (runs.until - runs.since) / DAY, np.maximum(watch - runs.since, 0) / DAY
    return Stays(coded(runs.stage), coded(segments), days, ended, watched).of(stays)


def _further(runs: _Runs, following: Numbers) -> npt.NDArray[np.bool_]:
    """Whether the next stage lies further on in the pipeline; of one that is none of it, whether it is new."""
    places = dict(PipelineStage.objects.values_list("key", "place")) or {s: n for n, s in enumerate(rules.PIPELINE)}
    stages = coded(runs.stage)
    place = np.array([places.get(stage, UNPLACED) for stage in stages.names] or [UNPLACED])[stages.codes]
    placed = (place != UNPLACED) & (place[following] != UNPLACED)
    return np.where(placed, place[following] > place, _new(runs.deal, stages)[following])


def _new(whose: Numbers, stages: Texts) -> npt.NDArray[np.bool_]:
    """Whether a lead or deal comes into the stage for the first time: back where it was is no progress."""
    _pairs, first = np.unique(whose * (len(stages.names) + 1) + stages.codes, return_index=True)
    new = np.zeros(whose.size, dtype=bool)
    new[first] = True
    return new


def _deal_careers(runs: _Runs) -> Careers:
    end = np.flatnonzero(runs.last)[np.cumsum(runs.last) - runs.last]
    outcome = runs.outcome[end]
    until = np.where(outcome == "open", runs.until[end], runs.since[end])
    became = np.select([outcome == rules.WON, outcome != "open"], [WON, NOT_WON], OPEN)
    entered = (runs.outcome == "open") & (runs.stage != "") & (runs.until > runs.since)
    first = np.flatnonzero(entered)[_new(runs.deal[entered], coded(runs.stage[entered]))]
    return Careers(
        coded(runs.stage[first]), np.maximum(until - runs.since, 0)[first] / DAY, became[first].astype(np.int64)
    )


def _segments(generation: Generation, moment: int, deals: Numbers) -> Words:
    """The industry of the company of each deal."""
    found = known.values(known.standing(generation, TRAITS, moment), moment, kind="company", field="industry")
    named = _arrays(found.select("record", "norm"))
    industry = dict(zip(named["record"].tolist(), named["norm"].tolist(), strict=True))
    of = dict(Deal.objects.exclude(company=None).values_list("pk", "company_id"))
    wanted, whose = np.unique(deals, return_inverse=True)
    return np.array([industry.get(of.get(deal, 0)) for deal in wanted.tolist()], dtype=object)[whose]


def _arrays(rows: Rows) -> dict[str, npt.NDArray[Any]]:
    read = rows.to_pyarrow()
    return {name: read[name].to_numpy(zero_copy_only=False) for name in read.column_names}
