"""What leads did as of an instant, from their transitions: when each entered, how far it came, where it stands.

As arrays, from one reading of the transitions: an engine takes several times as long to look from one row to the next.

History may be written in any order, so the steps of a lead are put in the order in which they happened, and in the
order of writing where that is the same, the entry first; a step that is dated before it (a win on the day before the
first contact) counts as made at the entry.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

import numpy as np
from ibis import Table as Rows

from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.lasting import Extent
from accord.kernel.warehouse.tables import RETRACTIONS, Table
from accord.rooms.funnel import rules
from accord.rooms.funnel.tables import TRANSITIONS
from accord.rooms.insight.columns import (
    UNTOLD,
    Columns,
    Flags,
    Numbers,
    Texts,
    as_rows,
    everywhere,
    found_among,
    in_order,
    read,
)

PLACES = range(len(rules.STAGES))
NOWHERE = -1  # the place of an exit: it takes a lead no further


@dataclass(frozen=True, eq=False)
class Moves(Columns):
    """One entry a transition that was ever written: lead by lead, entries before `further` moves, then as they
    happened, and of one instant as they were written. Known from `known` on, until it was taken back, `gone`.
    """

    leads: Numbers
    contacts: Numbers
    entries: Texts
    further: Flags
    stages: Texts
    at: Numbers
    known: Numbers
    gone: Numbers


@dataclass(frozen=True, eq=False)
class Steps(Columns):
    """One entry a step, lead by lead: from `since` in `stages`, until the next one or FOREVER.

    `previous` and `following` are the stages before and after it; the entry has no previous one. `leads` are places
    among the passages.
    """

    leads: Numbers
    stages: Texts
    following: Texts
    previous: Texts
    since: Numbers
    until: Numbers

    @property
    def stood(self) -> Flags:
        """Stays in an open stage. One that a lead left at the instant at which it came was skipped, and is none."""
        return self.stages.are(*rules.OPEN) & (self.until > self.since)


@dataclass(frozen=True, eq=False)
class Passages(Columns):
    """One entry a lead, in the order of their ids: the furthest place it reached, the stage it stands in, since when;
    `reached[3]` is when it first came as far as place 3, FOREVER where it has not. `places` are among all leads.
    `groups` are what leads are compared by, as `shown` tells it.
    """

    places: Numbers
    leads: Numbers
    entered: Numbers
    furthest: Numbers
    stages: Texts
    since: Numbers
    early: Flags
    reached: tuple[Numbers, ...]
    groups: Texts
    shown: Texts

    @property
    def size(self) -> int:
        return int(self.leads.size)

    def find(self, leads: Numbers) -> Numbers:
        """The place here of each of these leads, NONE where it is none of them."""
        return found_among(self.leads, leads)

    def among(self, leads: Numbers) -> Flags:
        """Which of those here are among these leads."""
        flags, places = np.zeros(self.size, dtype=bool), self.find(leads)
        flags[places[places >= 0]] = True
        return flags


@dataclass(frozen=True, eq=False)
class Made:
    """Of every lead what it did, and with whom and how it began: one entry each."""

    steps: Steps
    passages: Passages
    contacts: Numbers
    entries: Texts

    @cached_property
    def rows(self) -> Rows:
        """Whose each lead is and how it came, for what is joined to it by the engine."""
        return as_rows(
            {
                "lead_id": self.passages.leads,
                "contact_id": self.contacts,
                "entry": self.entries,
                "entered_at": self.passages.entered,
            }
        )

    def steps_of(self, found: Passages, wanted: Callable[[Steps], Flags] | None = None) -> tuple[Steps, Numbers]:
        """The steps of the passages found, or those of them that are wanted, and of which of them each is."""
        here = np.full(self.passages.size, -1)
        here[found.places] = np.arange(found.size)
        whose = here[self.steps.leads]
        which = whose >= 0 if wanted is None else (whose >= 0) & wanted(self.steps)
        return self.steps.of(which), whose[which]


def made(generation: Generation, t: int, k: int) -> Made:
    """What is known by now is kept for as long as no transition comes; it is the same at every later instant."""
    last = last_written(generation, TRANSITIONS)
    if min(t, k) < last:
        return generation.remembered(("made", t, k), lambda: _made(generation, t, k))
    return generation.lasting("made", (TRANSITIONS, RETRACTIONS), lambda: _made(generation, last, last))


def last_written(generation: Generation, table: Table) -> int:
    """From when on nothing is added to what is known of these rows, in microseconds."""
    return max(_last(generation, table, "occurred_at", "recorded_at"), _last(generation, RETRACTIONS, "recorded_at"))


def _last(generation: Generation, table: Table, *names: str) -> int:
    def after(row: int) -> int:
        rows = generation.table(table)
        rows = rows.filter(rows.id > row)
        found = rows.aggregate(**{name: rows[name].max() for name in names}).to_pyarrow().to_pylist()[0]
        return max(at or 0 for at in found.values())

    return generation.lasting(
        f"last of {table.name}", (table,), lambda: after(0), lambda last, told: max(last, after(told.high[table.name]))
    )


def _made(generation: Generation, t: int, k: int) -> Made:
    every = generation.lasting(
        "moves", (TRANSITIONS, RETRACTIONS), lambda: _moves(generation), lambda *told: _moves_since(generation, *told)
    )
    moves = every.of((every.at <= t) & (every.known <= k) & (every.gone > k))
    moves = moves.of(_of_passages(moves))
    first = _begins(moves.leads)
    begins = np.flatnonzero(first)
    of_lead = np.cumsum(first) - 1
    since = np.maximum(moves.at, moves.at[begins][of_lead])
    steps = _steps(of_lead, first, moves.stages, since)
    early = _any(moves.stages.are(rules.WON) & (moves.at < since), begins)
    entries = moves.of(begins)
    return Made(steps, _passages(steps, begins, entries.leads, early), entries.contacts, entries.entries)


def _moves_since(generation: Generation, told: Moves, before: Extent) -> Moves | None:
    """With those written since among them; None where one of before was retracted."""
    if known.retracted_since(generation, TRANSITIONS, before).count().to_pyarrow().as_py():
        return None
    since = _moves(generation, before.high[TRANSITIONS.name])
    again = np.isin(told.leads, since.leads)
    anew = told.of(again).and_then(since)
    anew = anew.of(_order(anew, written=np.arange(anew.leads.size)))
    others = told.of(~again)
    return others.with_put_in(np.searchsorted(others.leads, anew.leads), anew)


def _moves(generation: Generation, after: int = 0) -> Moves:
    """All that was written (later than some row), in order: put so once, and so it is as of any instant."""
    rows = known.with_end(generation, TRANSITIONS, after)
    rows = rows.filter(rows.lead_id.notnull()).mutate(further=rows.move != rules.ENTERED)
    names = ("id", "lead_id", "contact_id", "entry", "further", "to_stage", "occurred_at", "recorded_at", "gone")
    written, *columns = read(rows, *names).values()
    moves = Moves(*columns)
    return moves.of(_order(moves, written))


def _order(moves: Moves, written: Numbers) -> Numbers:
    """Nearly all was written as it happened, so that what was written is gathered lead by lead, and only the leads that
    were told in another order are put in theirs."""
    order = in_order(written)
    order = order[in_order(moves.leads[order])]
    leads, further, at = moves.leads[order], moves.further[order], moves.at[order]
    again = leads[1:] == leads[:-1]
    later = (further[1:] > further[:-1]) | ((further[1:] == further[:-1]) & (at[1:] >= at[:-1]))
    told_late = np.isin(leads, leads[1:][again & ~later])
    late = order[told_late]
    order[told_late] = late[np.lexsort((at[told_late], further[told_late], leads[told_late]))]
    return order


def _of_passages(moves: Moves) -> Flags:
    """Those of leads that have an entry, from their first one on: a further one, while a lead is open, says nothing."""
    first = _begins(moves.leads)
    has_one = ~moves.further[first][np.cumsum(first) - 1]
    return cast(Flags, has_one & (first | moves.further))


def _begins(lead: Numbers) -> Flags:
    """Where another lead than before begins."""
    return np.append(True, lead[1:] != lead[:-1])[: lead.size]


def _steps(of_lead: Numbers, first: Flags, stages: Texts, since: Numbers) -> Steps:
    last = np.append(first[1:], True)[: first.size]
    following = np.where(last, UNTOLD, np.roll(stages.codes, -1))
    previous = np.where(first, UNTOLD, np.roll(stages.codes, 1))
    until = np.where(last, known.FOREVER, np.roll(since, -1))
    return Steps(of_lead, stages, replace(stages, codes=following), replace(stages, codes=previous), since, until)


def _passages(steps: Steps, begins: Numbers, leads: Numbers, early: Flags) -> Passages:
    far = _so_far(steps)
    ends = np.append(begins[1:], far.size)[: begins.size] - 1
    before = np.where(_begins(steps.leads), NOWHERE, np.roll(far, 1))
    rises = np.flatnonzero(far > before)
    reached = [np.full(begins.size, known.FOREVER) for _place in PLACES]
    for place in PLACES:
        there = rises[(before[rises] < place) & (far[rises] >= place)]
        reached[place][steps.leads[there]] = steps.since[there]
    return Passages(
        places=np.arange(begins.size),
        leads=leads,
        entered=steps.since[begins],
        furthest=far[ends],
        stages=steps.stages.of(ends),
        since=steps.since[ends],
        early=early,
        reached=tuple(reached),
        groups=everywhere("", begins.size),
        shown=everywhere("", begins.size),
    )


def _so_far(steps: Steps) -> Numbers:
    """How far its lead had come by each step."""
    ground = steps.leads * (len(PLACES) + 1)  # every lead begins above all places of the one before
    return cast(Numbers, np.maximum.accumulate(places(steps.stages) + ground) - ground)


def places(stages: Texts) -> Numbers:
    """How far in the funnel each stage lies."""
    return np.array([*(rules.PLACE.get(name, NOWHERE) for name in stages.names), NOWHERE], dtype=np.int64)[stages.codes]


def _any(flags: Flags, begins: Numbers) -> Flags:
    """Whether any of each lead's is so."""
    return cast(Flags, np.logical_or.reduceat(flags, begins)) if begins.size else flags
