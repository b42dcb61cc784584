"""The agreement that a new house begins with: a first draft that nobody has signed."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from accord.rooms.agreement.document.reading import Read, read
from accord.rooms.agreement.models import Agreement, Version

PACKAGED = Path(__file__).with_name("starter.yaml")
DAYS, ZONE = ("effective: 2026-01-01", "review_by: 2026-04-01"), "zone: UTC"
REVIEW = timedelta(days=90)


@cache
def packaged() -> str:
    return PACKAGED.read_text(encoding="utf-8")


def text(at: datetime, zone: str) -> str:
    """The starter as YAML, effective on the day of `at` in the zone of the house, to be reviewed 90 days later."""
    today = at.astimezone(ZoneInfo(zone)).date()
    said = packaged().replace(ZONE, f"zone: {zone}")
    for line, day in zip(DAYS, (today, today + REVIEW), strict=True):
        said = said.replace(line, f"{line.partition(':')[0]}: {day}")
    return said


def drafted(at: datetime, zone: str) -> Read:
    return read(text(at, zone))


def begin(at: datetime, zone: str) -> Version | None:
    """In force from now on as the unsigned starter; None where the house has an agreement already."""
    if Agreement.objects.exists():
        return None
    return Version.start(drafted(at, zone), at=at, source=text(at, zone))
