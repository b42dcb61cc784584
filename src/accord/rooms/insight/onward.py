"""How many of the leads that reached a stage go on to the next one in the end.

Going on competes with ending (Aalen-Johansen); who is still there, or was joined to another lead, is censored. What
is told is the share by the longest time that anybody was watched: it takes the future for like the past.
"""

from dataclasses import dataclass

import numpy as np
from ibis import Table as Rows

from accord.kernel.survival import OPEN, aalen_johansen
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Flags, Floats, Numbers, Texts, read
from accord.rooms.insight.fates import DAY
from accord.rooms.insight.questions import Question

WENT_ON, ENDED = 1, 2
FEW = 30


@dataclass(frozen=True)
class Expected:
    """Of `entered` leads of the stage before, the share that comes to this one in the end with its 95 % band.

    `waiting` of them are still there, so that nobody can say yet; `too_early` says that they are fewer than 30.
    """

    entered: int
    rate: float
    low: float
    high: float
    waiting: int
    too_early: bool


@dataclass(frozen=True, eq=False)
class Onward(Columns):
    """One entry a lead. `reached[place]` is when it first came that far, FOREVER where it has not, in microseconds;
    `ended` when its passage ended otherwise than by joining, and `until` how long it was watched.
    """

    groups: Texts
    reached: tuple[Numbers, ...]
    open: Flags
    ended: Numbers
    until: Numbers

    def expected(self, place: int) -> Expected | None:
        """To the stage at that place from the one before it; None where nobody came to that one."""
        there = self.reached[place - 1] < known.FOREVER
        if not there.any():
            return None
        columns = self.reached[place - 1], self.reached[place], self.ended, self.until, self.open
        before, after, end, watched, still_open = (column[there] for column in columns)
        went = after < known.FOREVER
        ended = ~went & (end < known.FOREVER)
        until = np.where(went, after, np.where(ended, end, watched))
        codes = np.where(went, WENT_ON, np.where(ended, ENDED, OPEN))
        return _expected((until - before) / DAY, codes, int((~went & still_open).sum()))


def onward(generation: Generation, question: Question, found: Rows) -> Onward:
    """Of the passages found: of all that a question asks about."""
    watched = passages.watched_until(generation, question.moment(generation))
    reached = [f"at_{place}" for place in passages.PLACES]
    columns = read(found, "group", "stage", "since", *reached)
    stages, since = columns["stage"], columns["since"]
    exits = stages.are(*(one for one in rules.EXITS if one != rules.JOINED))
    return Onward(
        groups=columns["group"],
        reached=tuple(columns[name] for name in reached),
        open=stages.are(*rules.OPEN),
        ended=np.where(exits, since, known.FOREVER),
        until=np.where(stages.are(rules.JOINED), since, watched),
    )


def _expected(days: Floats, codes: Numbers, waiting: int) -> Expected:
    incidence = aalen_johansen(days, codes, [WENT_ON, ENDED])
    share, band = incidence.at(WENT_ON, incidence.last), incidence.band(WENT_ON, incidence.last)
    return Expected(int(days.size), share, *band, waiting=waiting, too_early=days.size < FEW)
