"""How many of the leads that reached a stage go on to the next one in the end.

Going on competes with ending (Aalen-Johansen); who is still there, or was joined to another lead, is censored. What
is told is the share by the longest time that anybody was watched: it takes the future for like the past.
"""

from dataclasses import dataclass, fields
from typing import Any, Self

import ibis
import numpy as np
import numpy.typing as npt
from ibis import Table as Rows

from accord.kernel.survival import OPEN, aalen_johansen
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.fates import DAY
from accord.rooms.insight.questions import Question

WENT_ON, ENDED = 1, 2
FEW = 30
PLACES = range(len(rules.STAGES))


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
    """One entry a lead. `reached[:, place]` is when it first came that far, FOREVER where it has not, in microseconds;
    `ended` when its passage ended otherwise than by joining, and `until` how long it was watched.
    """

    groups: npt.NDArray[Any]
    reached: npt.NDArray[np.int64]
    stages: npt.NDArray[Any]
    ended: npt.NDArray[np.int64]
    until: npt.NDArray[np.int64]

    def of(self, which: npt.NDArray[np.bool_]) -> Self:
        return type(self)(**{column.name: getattr(self, column.name)[which] for column in fields(self)})

    def expected(self, place: int) -> Expected | None:
        """To the stage at that place from the one before it; None where nobody came to that one."""
        before, after = self.reached[:, place - 1], self.reached[:, place]
        there = before < known.FOREVER
        if not there.any():
            return None
        went = there & (after < known.FOREVER)
        ended = there & ~went & (self.ended < known.FOREVER)
        until = np.where(went, after, np.where(ended, self.ended, self.until))
        codes = np.where(went, WENT_ON, np.where(ended, ENDED, OPEN))
        waiting = int((there & ~went & np.isin(self.stages, rules.OPEN)).sum())
        return _expected((until - before)[there] / DAY, codes[there], waiting)


def onward(generation: Generation, question: Question, found: Rows) -> Onward:
    """Of the passages found: of all that a question asks about."""
    moment = question.moment(generation)
    made = passages.steps(generation, moment, moment)
    far = passages.place(made.stage)
    firsts = made.group_by(of="lead_id").aggregate(
        **{f"at_{place}": ibis.ifelse(far >= place, made.since, known.FOREVER).min() for place in PLACES}
    )
    rows = found.select("lead_id", "group", "stage", "since").inner_join(firsts, found.lead_id == firsts.of)
    read = rows.order_by("lead_id").drop("lead_id", "of").to_pyarrow()
    columns = {name: read[name].to_numpy(zero_copy_only=False) for name in read.column_names}
    return _onward(columns, passages.watched_until(generation, moment))


def _onward(columns: dict[str, npt.NDArray[Any]], watched: int) -> Onward:
    stages, since = columns["stage"], columns["since"]
    exits = np.isin(stages, [one for one in rules.EXITS if one != rules.JOINED])
    return Onward(
        groups=columns["group"],
        reached=np.stack([columns[f"at_{place}"] for place in PLACES], axis=1),
        stages=stages,
        ended=np.where(exits, since, known.FOREVER),
        until=np.where(stages == rules.JOINED, since, watched),
    )


def _expected(days: npt.NDArray[np.float64], codes: npt.NDArray[np.int64], waiting: int) -> Expected:
    incidence = aalen_johansen(days, codes, [WENT_ON, ENDED])
    share, band = incidence.at(WENT_ON, incidence.last), incidence.band(WENT_ON, incidence.last)
    return Expected(int(days.size), share, *band, waiting=waiting, too_early=days.size < FEW)
