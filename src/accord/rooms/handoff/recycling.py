"""What becomes of a lead that is given back, by the recycling of the agreement."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accord.rooms.agreement.document.model import Document

POOL = ""  # no recycling names the reason: it waits in the pool for something new


@dataclass(frozen=True)
class Track:
    name: str = POOL
    program: str = ""
    wake_at: datetime | None = None


def track(document: Document, reason: str, at: datetime) -> Track:
    for one in document.recycling:
        if one.reason == reason:
            wake = at + timedelta(days=one.wake_after_days) if one.wake_after_days else None
            return Track(one.track, one.program or "", wake)
    return Track()


def reasons(document: Document) -> list[str]:
    """The reasons that the agreement names, in its order."""
    return [one.reason for one in document.recycling]
