"""When people of the house and their customers are at their desks."""

import math
from datetime import datetime, timedelta
from random import Random

SATURDAY = 5
DAY = timedelta(days=1)
# Hours of work, in UTC, where a language is spoken: from, to.
OFFICE = {"de": (7, 16), "en": (8, 17), "zh": (1, 9), "ru": (5, 13)}


def later(rng: Random, at: datetime, days: float, spread: float, language: str) -> datetime:
    """After a lognormal delay with this median, at a time when somebody works."""
    if not days:
        return at
    return at_work(rng, at + timedelta(days=rng.lognormvariate(math.log(days), spread)), language)


def at_work(rng: Random, at: datetime, language: str) -> datetime:
    """The same moment if somebody works then, else some time on the next morning of work."""
    opens, closes = OFFICE[language]
    at = at.replace(microsecond=0)
    if at.weekday() < SATURDAY and opens <= at.hour < closes:
        return at
    morning = at.replace(hour=opens, minute=0, second=0)
    while morning < at or morning.weekday() >= SATURDAY:
        morning += DAY
    return morning + timedelta(seconds=rng.randint(0, 9000))


def soon(rng: Random, at: datetime) -> datetime:
    return at + timedelta(seconds=rng.randint(60, 900))


def at_leisure(rng: Random, at: datetime) -> datetime:
    """Any hour of that day, most of them between breakfast and evening: when people look at a website."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
        seconds=round(rng.triangular(5, 22, 12) * 3600)
    )
