"""Stays in the stages, and ways from one stage to the next, as arrays: the input of velocity.

A stage that a lead left at the instant at which it came was skipped: it is no stay, and no way begins there.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.known import FOREVER
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Numbers, Texts, each
from accord.rooms.insight.made import Passages, Steps
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
        if start is None and end is None:
            return self
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
    question = replace(question, start=None, end=None)
    found, watched = passages.leads(generation, question), passages.watched_until(generation, question)
    called = passages.called(passages.written(found), question.by) if question.by else {}
    ways, skipped = _ways(found, watched)
    steps, whose = passages.all_of(generation, question).steps_of(found, lambda made: made.stood)
    return Leads(called, _stays(steps, found.leads[whose], found.groups.of(whose), watched), ways, skipped)


def _stays(steps: Steps, leads: Numbers, groups: Texts, watched: int) -> Stays:
    ends = np.select([steps.until == FOREVER, steps.following.are(rules.JOINED)], [RUNNING, JOINED], LEFT)
    until = np.maximum(np.minimum(steps.until, watched), steps.since)
    return Stays(leads, steps.since, until, ends, groups, steps.stages)


def _ways(found: Passages, watched: int) -> tuple[dict[str, Spans], dict[str, Spans]]:
    """By when each lead first came as far as each stage; who skipped it came as far all the same."""
    gone = found.stages.are(*(exit for exit in rules.EXITS if exit != rules.JOINED))
    stands = np.select([gone, found.stages.are(rules.JOINED)], [GONE, JOINED], RUNNING)

    def way(name: str) -> tuple[Spans, Spans]:
        start, end = WAYS[name]
        since = found.entered if start == ENTRY else found.reached[rules.PLACE[start]]
        there = found.reached[rules.PLACE[end]]
        ends = np.where(there < FOREVER, LEFT, stands)
        until = np.select([ends == LEFT, ends == RUNNING], [there, np.maximum(watched, since)], found.since)
        every, begun = Spans(found.leads, since, until, ends, found.groups), since < FOREVER
        at_once = (ends == LEFT) & (until == since)
        return every.of(begun & ~at_once), every.of(begun & at_once)

    went, at_once = zip(*each(way, WAYS), strict=True)
    return dict(zip(WAYS, went, strict=True)), dict(zip(WAYS, at_once, strict=True))
