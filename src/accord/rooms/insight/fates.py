"""What became of each lead and after how many days, as arrays: the input of curves."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accord.kernel.survival import OPEN
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Flags, Floats, Numbers, Texts
from accord.rooms.insight.questions import Question
from accord.rooms.insight.rules import Cure, mixture_cure

DAY = 86_400_000_000  # microseconds
WON = 1
CAUSES = {rules.WON: WON, rules.LOST: 2, rules.DISQUALIFIED: 3, rules.RECYCLED: 4}


@dataclass(frozen=True, eq=False)
class Fates(Columns):
    """One entry a lead. `days` until its end, or as long as it was watched (a joined lead: until it was joined).

    `age` is from its entry to the end of the watch.

    `causes` are codes of CAUSES, OPEN for those that are open or joined: both are censored. `outcomes` are ends, or
    "open".
    """

    leads: Numbers
    entered: Numbers
    days: Floats
    age: Floats
    causes: Numbers
    outcomes: Texts
    groups: Texts
    early: Flags

    @property
    def wins(self) -> int:
        return int((self.causes == WON).sum())

    @cached_property
    def cure(self) -> Cure:
        """The mixture-cure fit; lost leads count with their age, or c would be the share won if none were lost."""
        return mixture_cure(np.where(self.causes == WON, self.days, self.age), self.causes == WON)


def fates(generation: Generation, question: Question) -> Fates:
    until, found = passages.watched_until(generation, question), passages.leads(generation, question)
    days = np.where(found.stages.are(*rules.ENDS), found.since, until) - found.entered
    return Fates(
        leads=found.leads,
        entered=found.entered,
        days=np.maximum(days, 0) / DAY,
        age=np.maximum(until - found.entered, 0) / DAY,
        causes=_causes(found.stages),
        outcomes=found.stages.renamed(dict.fromkeys(rules.OPEN, "open")),
        groups=found.groups,
        early=found.early,
    )


def leads_of(found: Fates) -> list[int]:
    return [int(lead) for lead in np.sort(found.leads)]


def _causes(stages: Texts) -> Numbers:
    return np.array([CAUSES.get(name, OPEN) for name in (*stages.names, "")], dtype=np.int64)[stages.codes]
