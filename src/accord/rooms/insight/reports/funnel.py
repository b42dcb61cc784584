"""The funnel: how many leads came how far, where they stand, and how they left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
from django.utils.translation import gettext_lazy as _
from ibis import Table as Rows

from accord.kernel.intervals import Rate, wilson
from accord.kernel.survival import StageTime, time_in_stage
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Flags, Floats, Texts, read
from accord.rooms.insight.fates import DAY
from accord.rooms.insight.onward import Expected, Onward, onward
from accord.rooms.insight.questions import UNKNOWN, CannotAsk, Question, ordered
from accord.rooms.insight.reports.frame import Cell, Report, Told


@dataclass(frozen=True)
class Stage:
    """`entered` leads that reached or passed the stage; `now` those that stand in it and are open (won: that are won).

    `from_previous` is the share so far of those that entered the stage before, `expected` the share of them that comes
    here in the end; `days` the usual time spent in the stage.
    """

    stage: str
    entered: int
    now: int
    from_previous: Rate | None
    days: StageTime | None = None
    expected: Expected | None = None


@dataclass(frozen=True)
class Passage:
    """The counts of one funnel. entered = here + won + exits, and what that leaves is `unaccounted`."""

    stages: list[Stage]
    won: int
    entered: int
    here: int
    exits: Mapping[str, int]
    unaccounted: int
    early: int


@dataclass(frozen=True)
class Group(Passage):
    value: str | None
    label: str


@dataclass(frozen=True)
class Funnel(Passage):
    """The funnel of all leads asked for, and of each group where it is split."""

    by: str | None
    groups: list[Group]
    told: Told


def answer(generation: Generation, question: Question) -> Funnel:
    found = passages.asked(generation, question)
    counted = _counted(found).to_pyarrow().to_pylist()
    total = {name: sum(row[name] for row in counted) for name in (*_names(), "early", "leads")}
    days, ahead = stage_days(generation, question, found), onward(generation, question, found)
    return Funnel(
        **_passage(total, days, ahead),
        by=question.by.name if question.by else None,
        groups=_groups(counted, passages.called(found, question.by), ahead) if question.by else [],
        told=Told.by(generation, question),
    )


def lines(funnel: Funnel) -> list[dict[str, Any]]:
    parts: list[tuple[str, Passage]] = [("", funnel), *((group.label, group) for group in funnel.groups)]
    return [_line(label, stage) for label, part in parts for stage in part.stages]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The leads behind a cell. Measures: leads, won, early; entered and now, of a stage; exits, of an exit; waiting, of
    a stage to which they may still come.
    """
    found = passages.asked(generation, question)
    wanted = [_measured(found, cell)]
    if cell.group is not None:
        wanted.append(found.group.isnull() if cell.group == UNKNOWN else found.group == cell.group)
    rows = found.filter(*wanted).order_by("lead_id")
    return [int(lead) for lead in rows.lead_id.to_pyarrow().to_pylist()]


@dataclass(frozen=True, eq=False)
class Spells(Columns):
    """One entry a stay in an open stage: its days, and whether it was left."""

    stages: Texts
    days: Floats
    left: Flags


def stage_days(generation: Generation, question: Question, found: Rows) -> dict[str, StageTime]:
    """The usual time in each stage. Who is still there, or was joined to another lead, is censored on that day.

    A stage that a lead left at the instant at which it came was skipped, and tells nothing.
    """
    moment = question.moment(generation)
    made = passages.steps(generation, moment, moment)
    made = made.filter(made.stage.isin(rules.OPEN), made.until > made.since)
    made = made.semi_join(found, "lead_id")
    until = ibis.least(made.until, known.instant(passages.watched_until(generation, moment)))
    left = (made.until < known.instant(known.FOREVER)) & (made.next_stage != rules.JOINED)
    columns = read(made.select(place=passages.place(made.stage), micros=until - made.since, left=left))
    spells = Spells(Texts(rules.STAGES, columns["place"]), columns["micros"] / DAY, columns["left"].astype(bool))
    return {stage: time_in_stage(of.days, of.left) for stage, of in spells.parts(spells.stages) if stage}


def _counted(found: Rows) -> Rows:
    entered = {f"entered_{s}": _number(found.furthest >= place) for s, place in rules.PLACE.items()}
    now = {f"now_{s}": _number(found.stage == s) for s in (*rules.STAGES, *rules.EXITS)}
    return found.group_by("group").aggregate(leads=found.count(), early=found.early.sum(), **entered, **now)


def _number(condition: Any) -> Any:
    return condition.cast("int64").sum()


def _names() -> list[str]:
    return [*(f"entered_{s}" for s in rules.STAGES), *(f"now_{s}" for s in (*rules.STAGES, *rules.EXITS))]


def _passage(counts: Mapping[str, Any], days: Mapping[str, StageTime], ahead: Onward) -> dict[str, Any]:
    here = sum(counts[f"now_{stage}"] for stage in rules.OPEN)
    exits = {exit: counts[f"now_{exit}"] for exit in rules.EXITS}
    won, entered = counts[f"now_{rules.WON}"], counts["leads"]
    return {
        "stages": [_stage(counts, place, days, ahead) for place in range(len(rules.STAGES))],
        "won": won,
        "entered": entered,
        "here": here,
        "exits": exits,
        "unaccounted": entered - here - won - sum(exits.values()),
        "early": counts["early"],
    }


def _stage(counts: Mapping[str, Any], place: int, days: Mapping[str, StageTime], ahead: Onward) -> Stage:
    stage, entered = rules.STAGES[place], counts[f"entered_{rules.STAGES[place]}"]
    before = counts[f"entered_{rules.STAGES[place - 1]}"] if place else None
    rate = None if before is None else wilson(entered, before)
    expected = ahead.expected(place) if place else None
    return Stage(stage, entered, counts[f"now_{stage}"], rate, days.get(stage), expected)


def _groups(counted: list[dict[str, Any]], called: Mapping[str | None, str], ahead: Onward) -> list[Group]:
    parts = dict(ahead.parts(ahead.groups))
    rows = [(row["group"], row) for row in sorted(counted, key=lambda row: ordered(row["group"], row["leads"]))]
    return [Group(**_passage(row, {}, parts[value]), value=value, label=called[value]) for value, row in rows]


def _line(label: str, stage: Stage) -> dict[str, Any]:
    rate = stage.from_previous
    return {
        "group": label,
        "stage": stage.stage,
        "entered": stage.entered,
        "now": stage.now,
        "rate": rate and rate.rate,
        "low": rate and rate.low,
        "high": rate and rate.high,
        "median_days": stage.days and stage.days.median,
        "expected": stage.expected and stage.expected.rate,
        "expected_low": stage.expected and stage.expected.low,
        "expected_high": stage.expected and stage.expected.high,
        "waiting": stage.expected and stage.expected.waiting,
    }


def _measured(found: Rows, cell: Cell) -> Any:
    if cell.measure == "leads":
        return ibis.literal(value=True)
    if cell.measure == "entered" and cell.stage in rules.PLACE:
        return found.furthest >= rules.PLACE[cell.stage]
    if cell.measure == "waiting" and rules.PLACE.get(cell.stage or "", 0):
        return (found.furthest == rules.PLACE[cell.stage or ""] - 1) & found.stage.isin(rules.OPEN)
    if cell.measure in ("now", "exits") and cell.stage in (*rules.STAGES, *rules.EXITS):
        return found.stage == cell.stage
    if cell.measure == "won":
        return found.stage == rules.WON
    if cell.measure == "early":
        return found.early == 1
    raise CannotAsk(_("The funnel has no such number."))


FUNNEL = Report("funnel", _("Funnel"), ("from", "to", "by", "only", "as-of"), answer, lines, records)
