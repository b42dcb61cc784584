"""Stays in the stages, and ways from one stage to the next, as arrays: the input of velocity.

A stage that a lead left at the instant at which it came was skipped: it is no stay, and no way begins there.
"""

from dataclasses import dataclass, replace
from typing import Self

import ibis
import numpy as np
from ibis import Table as Rows

from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.known import FOREVER, instant
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Numbers, Texts, read
from accord.rooms.insight.questions import Question

RUNNING, LEFT, JOINED, GONE = 0, 1, 2, 3
ENTRY = "entry"
WAYS = {
    f"{start}-{end}": (start, end)
    for start, end in (
        (ENTRY, rules.MQL),
        (rules.MQL, rules.SAL),
        (rules.SAL, rules.SQL),
        (rules.SQL, rules.OPPORTUNITY),
        (rules.OPPORTUNITY, rules.WON),
        (ENTRY, rules.WON),
    )
}


@dataclass(frozen=True, eq=False)
class Spans(Columns):
    """One entry a span of a lead's time, in microseconds: how it ended, or that it runs, is one of the codes above."""

    leads: Numbers
    since: Numbers
    until: Numbers
    ends: Numbers
    groups: Texts

    def begun(self, start: int | None, end: int | None) -> Self:
        """Those that began from `start` on and before `end`."""
        which = np.ones(self.since.shape, dtype=bool) if start is None else self.since >= start
        return self.of(which if end is None else which & (self.since < end))

    @property
    def size(self) -> int:
        return int(self.leads.size)

    def many(self, end: int) -> int:
        return int((self.ends == end).sum())


@dataclass(frozen=True, eq=False)
class Stays(Spans):
    stages: Texts

    def there(self, first: int, last: int) -> float:
        """How many were there at a time, on the average between the two instants."""
        inside = np.minimum(self.until, last) - np.maximum(self.since, first)
        return float(np.maximum(inside, 0).sum() / (last - first))


@dataclass(frozen=True, eq=False)
class Leads:
    """What the leads that somebody asks about did: their stays, and from where to where they came in which time."""

    called: dict[str | None, str]
    stays: Stays
    ways: dict[str, Spans]
    skipped: dict[str, Spans]


def leads(generation: Generation, question: Question) -> Leads:
    """Of every lead that the viewer sees, whenever it entered."""
    moment = question.moment(generation)
    watched = passages.watched_until(generation, moment)
    found = passages.asked(generation, replace(question, start=None, end=None))
    called = passages.called(found, question.by) if question.by else {}
    ways, skipped = _ways(found, watched)
    return Leads(called, _stays(passages.steps(generation, moment, moment), found, watched), ways, skipped)


def _stays(made: Rows, found: Rows, watched: int) -> Stays:
    made = made.filter(made.stage.isin(rules.OPEN), made.until > made.since)
    stayed = made.inner_join(found.select("lead_id", "group"), "lead_id")
    ended = ibis.cases(
        (stayed.until == instant(FOREVER), RUNNING), (stayed.next_stage == rules.JOINED, JOINED), else_=LEFT
    )
    columns = read(
        stayed.select("lead_id", "since", "until", "group", ends=ended.cast("int8"), place=passages.place(stayed.stage))
    )
    return Stays(
        leads=columns["lead_id"],
        since=columns["since"],
        until=np.maximum(np.minimum(columns["until"], watched), columns["since"]),
        ends=columns["ends"],
        groups=columns["group"],
        stages=Texts(rules.STAGES, columns["place"]),
    )


def _ways(found: Rows, watched: int) -> tuple[dict[str, Spans], dict[str, Spans]]:
    """By when each lead first came as far as each stage; who skipped it came as far all the same."""
    reached = [f"at_{place}" for place in passages.PLACES]
    columns = read(found, "lead_id", "entered_at", "since", "stage", "group", *reached)
    stage, groups = columns["stage"], columns["group"]
    gone = stage.are(*(exit for exit in rules.EXITS if exit != rules.JOINED))
    stands = np.select([gone, stage.are(rules.JOINED)], [GONE, JOINED], RUNNING)
    ways, skipped = {}, {}
    for name, (start, end) in WAYS.items():
        since = columns["entered_at"] if start == ENTRY else columns[f"at_{rules.PLACE[start]}"]
        there = columns[f"at_{rules.PLACE[end]}"]
        ends = np.where(there < FOREVER, LEFT, stands)
        until = np.select([ends == LEFT, ends == RUNNING], [there, np.maximum(watched, since)], columns["since"])
        every = Spans(columns["lead_id"], since, until, ends, groups).of(since < FOREVER)
        at_once = (every.ends == LEFT) & (every.until == every.since)
        ways[name], skipped[name] = every.of(~at_once), every.of(at_once)
    return ways, skipped
