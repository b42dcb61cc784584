"""When the two teams sign, and what they sign then: by which rule a lead is handed over at a moment of the story."""

from dataclasses import dataclass
from datetime import datetime

from accord.demo.hours import DAY, SATURDAY

BY_HAND, GENEROUS, BETTER = "", "generous", "better"
FIRST, SECOND = 1 / 6, 1 / 2  # of the story
OPENS = 8


@dataclass(frozen=True)
class Signings:
    """At first leads are passed on by hand; then everybody who asks for anything is handed over, since marketing was
    paid by the lead; half way both teams know better."""

    generous: datetime
    better: datetime

    @classmethod
    def of(cls, begin: datetime, until: datetime) -> "Signings":
        first, second = (_morning(begin + (until - begin) * share) for share in (FIRST, SECOND))
        return cls(first, max(second, first + DAY))

    def rule(self, at: datetime) -> str:
        if at < self.generous:
            return BY_HAND
        return GENEROUS if at < self.better else BETTER


def _morning(at: datetime) -> datetime:
    morning = at.replace(hour=OPENS, minute=0, second=0, microsecond=0)
    while morning.weekday() >= SATURDAY:
        morning += DAY
    return morning
