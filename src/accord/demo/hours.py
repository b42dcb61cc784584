"""When people of the house and their customers are at their desks."""

import math
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random

import holidays

SATURDAY = 5
DAY = timedelta(days=1)
# Hours of work, in UTC, where a language is spoken: from, to; and whose holidays are kept there.
OFFICE = {"de": (7, 16), "en": (8, 17), "zh": (1, 9), "ru": (5, 13)}
COUNTRY = {"de": "DE", "en": "GB", "zh": "CN", "ru": "KZ"}
# How many people come, by the month and by the day of the week from Monday on, beside an ordinary day.
BY_MONTH = {7: 0.85, 8: 0.7, 12: 0.75}
BY_WEEKDAY = (0.95, 1.0, 1.0, 0.95, 0.75, 0.25, 0.3)
BY_HOLIDAY = 0.3


def is_worked(at: datetime, language: str) -> bool:
    return at.weekday() < SATURDAY and at.date() not in _free(language, at.year)


def busy(at: datetime, language: str) -> float:
    """How much goes on that day, from 0 to 1: the chance that somebody who could come then does."""
    day = BY_HOLIDAY if at.date() in _free(language, at.year) else BY_WEEKDAY[at.weekday()]
    return day * BY_MONTH.get(at.month, 1.0)


def later(rng: Random, at: datetime, days: float, spread: float, language: str) -> datetime:
    """After a lognormal delay with this median, at a time when somebody works."""
    if not days:
        return at
    return at_work(rng, at + timedelta(days=rng.lognormvariate(math.log(days), spread)), language)


def at_work(rng: Random, at: datetime, language: str) -> datetime:
    """The same moment if somebody works then, else some time on the next morning of work."""
    opens, closes = OFFICE[language]
    at = at.replace(microsecond=0)
    if is_worked(at, language) and opens <= at.hour < closes:
        return at
    morning = at.replace(hour=opens, minute=0, second=0)
    while morning < at or not is_worked(morning, language):
        morning += DAY
    return morning + timedelta(seconds=rng.randint(0, 9000))


def soon(rng: Random, at: datetime) -> datetime:
    return at + timedelta(seconds=rng.randint(60, 900))


def at_leisure(rng: Random, at: datetime) -> datetime:
    """Any hour of that day, most of them between breakfast and evening: when people look at a website."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
        seconds=round(rng.triangular(5, 22, 12) * 3600)
    )


@lru_cache(64)
def _free(language: str, year: int) -> frozenset:
    return frozenset(holidays.country_holidays(COUNTRY[language], years=year))
