"""How many of the leads that reached a stage go on to the next one in the end.

Going on competes with ending (Aalen-Johansen); who is still there, or was joined to another lead, is censored. What
is told is the share by the longest time that anybody was watched: it takes the future for like the past.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accord.kernel.intervals import FEW
from accord.kernel.survival import OPEN, aalen_johansen
from accord.kernel.warehouse import known
from accord.rooms.funnel import rules
from accord.rooms.insight.columns import Flags, Floats, Numbers
from accord.rooms.insight.fates import DAY
from accord.rooms.insight.made import Passages

WENT_ON, ENDED = 1, 2


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
class Onward:
    """What comes of leads from one stage to the next; joining to another lead ends only the watch."""

    found: Passages
    watched: int

    def expected(self, place: int) -> Expected | None:
        """To the stage at that place from the one before it; None where nobody came to that one."""
        there = self.found.reached[place - 1] < known.FOREVER
        if not there.any():
            return None
        columns = self.found.reached[place - 1], self.found.reached[place], self._ended, self._until, self._open
        before, after, end, watched, still_open = (column[there] for column in columns)
        went = after < known.FOREVER
        ended = ~went & (end < known.FOREVER)
        until = np.where(went, after, np.where(ended, end, watched))
        codes = np.where(went, WENT_ON, np.where(ended, ENDED, OPEN))
        return _expected((until - before) / DAY, codes, int((~went & still_open).sum()))

    @cached_property
    def _open(self) -> Flags:
        return self.found.stages.are(*rules.OPEN)

    @cached_property
    def _ended(self) -> Numbers:
        """When each passage ended otherwise than by joining, FOREVER where it has not."""
        exits = self.found.stages.are(*(one for one in rules.EXITS if one != rules.JOINED))
        return np.where(exits, self.found.since, known.FOREVER)

    @cached_property
    def _until(self) -> Numbers:
        return np.where(self.found.stages.are(rules.JOINED), self.found.since, self.watched)


def _expected(days: Floats, codes: Numbers, waiting: int) -> Expected:
    incidence = aalen_johansen(days, codes, [WENT_ON, ENDED])
    share, band = incidence.at(WENT_ON, incidence.last), incidence.band(WENT_ON, incidence.last)
    return Expected(int(days.size), share, *band, waiting=waiting, too_early=days.size < FEW)
