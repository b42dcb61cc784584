"""What the house knows ahead: when its two teams sign and what, who is away, and in which week a form is broken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accord.demo.hours import DAY, is_worked

BY_HAND, GENEROUS, BETTER = "", "generous", "better"
FIRST, SECOND = 1 / 6, 1 / 2  # of the story
BROKEN, LASTS = 0.62, timedelta(days=6, hours=12)  # from a Monday morning until the evening of Sunday
# Who is away, from which share of the story on, and for how many days: of a year; shorter stories have shorter ones.
HOLIDAYS = {"owen.tranter": (0.7, 12), "timur.akhmetov": (0.35, 14), "nele.brandis": (0.88, 5)}
YEAR = timedelta(days=365)
OPENS = 8


@dataclass(frozen=True)
class Plan:
    """At first leads are passed on by hand; then everybody who asks for anything is handed over, since marketing was
    paid by the lead; half way both teams know better.

    `broken_since`: from when on, for LASTS, the form of the website loses the names of those who send it.
    `away`: from when until when somebody does not work, by the first part of their address.
    """

    generous: datetime
    better: datetime
    broken_since: datetime | None = None
    away: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)

    @classmethod
    def of(cls, begin: datetime, until: datetime) -> "Plan":
        length = until - begin
        first, second = (_morning(begin + length * share) for share in (FIRST, SECOND))
        away = {
            who: (start := _morning(begin + length * share), start + timedelta(days=days) * (length / YEAR))
            for who, (share, days) in HOLIDAYS.items()
        }
        monday = begin + length * BROKEN
        monday = _morning(monday - DAY * monday.weekday())
        return cls(first, max(second, first + DAY), monday, away)

    def rule(self, at: datetime) -> str:
        """By which rule a lead is handed over."""
        if at < self.generous:
            return BY_HAND
        return GENEROUS if at < self.better else BETTER

    def is_broken(self, at: datetime) -> bool:
        return self.broken_since is not None and self.broken_since <= at < self.broken_since + LASTS

    def back(self, who: str, at: datetime) -> datetime:
        """That moment, or when somebody who is away then works again."""
        since, until = self.away.get(who, (at, at))
        return until if since <= at < until else at


def _morning(at: datetime) -> datetime:
    morning = at.replace(hour=OPENS, minute=0, second=0, microsecond=0)
    while not is_worked(morning, "de"):
        morning += DAY
    return morning
