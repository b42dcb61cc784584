"""What became of each lead and after how many days, as arrays: the input of curves."""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from ibis import Table as Rows

from accord.kernel.survival import OPEN
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.questions import Question
from accord.rooms.insight.rules import Cure, mixture_cure

DAY = 86_400_000_000  # microseconds
WON = 1
CAUSES = {rules.WON: WON, rules.LOST: 2, rules.DISQUALIFIED: 3, rules.RECYCLED: 4}


@dataclass(frozen=True, eq=False)
class Fates:
    """One entry a lead. `days` until its end, or as long as it was watched (a joined lead: until it was joined).

    `age` is from its entry to the end of the watch.

    `causes` are codes of CAUSES, OPEN for those that are open or joined: both are censored.
    """

    leads: npt.NDArray[np.int64]
    entered: npt.NDArray[np.int64]
    days: npt.NDArray[np.float64]
    age: npt.NDArray[np.float64]
    causes: npt.NDArray[np.int64]
    outcomes: npt.NDArray[Any]
    groups: npt.NDArray[Any]
    shown: npt.NDArray[Any]
    early: npt.NDArray[np.int64]

    def of(self, which: npt.NDArray[np.bool_]) -> "Fates":
        return Fates(**{column.name: getattr(self, column.name)[which] for column in fields(self)})

    @property
    def wins(self) -> int:
        return int((self.causes == WON).sum())

    @cached_property
    def cure(self) -> Cure:
        """The mixture-cure fit; lost leads count with their age, or c would be the share won if none were lost."""
        return mixture_cure(np.where(self.causes == WON, self.days, self.age), self.causes == WON)


def fates(generation: Generation, question: Question) -> Fates:
    until = passages.watched_until(generation, question.moment(generation))
    columns = _columns(passages.asked(generation, question).order_by("lead_id"))
    entered, stages = columns["entered_at"], columns["stage"]
    ended = np.isin(stages, rules.ENDS)
    days = np.where(ended, columns["since"], until) - entered
    causes = np.full(stages.shape, OPEN, dtype=np.int64)
    for stage, code in CAUSES.items():
        causes[stages == stage] = code
    return Fates(
        leads=columns["lead_id"],
        entered=entered,
        days=np.maximum(days, 0) / DAY,
        age=np.maximum(until - entered, 0) / DAY,
        causes=causes,
        outcomes=np.where(ended, stages, "open"),
        groups=columns["group"],
        shown=columns["shown"],
        early=columns["early"],
    )


def leads_of(found: Fates) -> list[int]:
    return [int(lead) for lead in found.leads]


def _columns(rows: Rows) -> dict[str, npt.NDArray[Any]]:
    names = ["lead_id", "entered_at", "since", "stage", "early", "group", "shown"]
    read = rows.select(*names).to_pyarrow()
    return {name: read[name].to_numpy(zero_copy_only=False) for name in names}
