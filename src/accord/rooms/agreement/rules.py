"""How a version moves from a draft to its end, and when it is in force: decided from values alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

DRAFT, PROPOSED, SIGNED, IN_FORCE = "draft", "proposed", "signed", "in_force"
SUPERSEDED, WITHDRAWN = "superseded", "withdrawn"
STATUSES = (DRAFT, PROPOSED, SIGNED, IN_FORCE, SUPERSEDED, WITHDRAWN)
OPEN = (DRAFT, PROPOSED)  # of these an agreement has at most one
BINDING = (SIGNED, IN_FORCE, SUPERSEDED)

# From where to where a status may go; nothing goes back. The database refuses everything else, too.
STEPS = (
    (DRAFT, PROPOSED),
    (DRAFT, WITHDRAWN),
    (PROPOSED, SIGNED),
    (PROPOSED, WITHDRAWN),
    (SIGNED, IN_FORCE),
    (SIGNED, SUPERSEDED),
    (IN_FORCE, SUPERSEDED),
)
MARKETING, SALES = SIDES = ("marketing", "sales")


def effective(day: str, zone: str) -> datetime:
    """00:00 of the day in the zone, as an instant in UTC."""
    return datetime.combine(date.fromisoformat(day), time(), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True)
class Begun:
    """A version whose time began: of which agreement, its number in it, and from when."""

    version: int
    agreement: int
    number: int
    starter: bool
    since: datetime


def until(begun: Iterable[Begun]) -> dict[int, datetime | None]:
    """Up to when each version is in force: excluded is the instant at which the one after it begins; None: open.

    The unsigned starter ends with the first version of any other agreement, too.
    """
    rows = sorted(begun, key=lambda one: (one.since, one.number))
    ends: dict[int, datetime | None] = {}
    for place, one in enumerate(rows):
        after = (next_ for next_ in rows[place + 1 :] if next_.agreement == one.agreement or one.starter)
        ends[one.version] = next((next_.since for next_ in after), None)
    return ends
