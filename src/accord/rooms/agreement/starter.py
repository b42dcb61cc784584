"""The agreement that a new house begins with: a first draft that nobody has signed."""

import re
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from accord.rooms.agreement.document.reading import Read, read
from accord.rooms.agreement.models import Agreement, Version

PACKAGED = Path(__file__).with_name("starter.yaml")
ZONE = "zone: UTC"
DAYS = re.compile(r"^(effective|review_by):[ ]*[^\s#]+", re.MULTILINE)
REVIEW = timedelta(days=90)


@cache
def packaged() -> str:
    return PACKAGED.read_text(encoding="utf-8")


def text(at: datetime, zone: str) -> str:
    """The starter as YAML, effective on the day of `at` in the zone of the house, to be reviewed 90 days later."""
    return dated(packaged().replace(ZONE, f"zone: {zone}"), at, zone)


def dated(said: str, at: datetime, zone: str) -> str:
    """The YAML of an agreement with days that lie ahead: those of the version before it would be over at once."""
    today = at.astimezone(ZoneInfo(zone)).date()
    days = {"effective": today, "review_by": today + REVIEW}
    return DAYS.sub(lambda found: f"{found[1]}: {days[found[1]]}", said)


def drafted(at: datetime, zone: str) -> Read:
    return read(text(at, zone))


def begin(at: datetime, zone: str) -> Version | None:
    """In force from now on as the unsigned starter; None where the house has an agreement already."""
    if Agreement.objects.exists():
        return None
    return Version.start(drafted(at, zone), at=at, source=text(at, zone))
