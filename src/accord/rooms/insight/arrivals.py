"""How leads came in week by week; and beside it what came to nothing on its way in, since a gap has two causes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from accord.kernel.instants import from_micros, to_micros
from accord.rooms.capture.queries import gone
from accord.rooms.insight.fates import Fates
from accord.rooms.insight.questions import Question, midnight
from accord.rooms.team.rules import ALL

MOST = 53  # weeks: a year
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Lost:
    """Events that were dropped for one reason, from the first day to the last, of the house."""

    reason: str
    events: int
    first: date
    last: date


@dataclass(frozen=True)
class Week:
    """`begins` is a Monday of the house; `lost`: whether events were dropped about then."""

    begins: date
    leads: int
    lost: bool


@dataclass(frozen=True)
class Arrivals:
    """The last MOST weeks of what was asked for, and the events that were dropped meanwhile, by reason. Events are
    nobody's yet: who sees not everything sees none of them."""

    weeks: list[Week]
    lost: list[Lost]


def arrivals(found: Fates, question: Question, moment: int) -> Arrivals:
    if not found.entered.size:
        return Arrivals([], [])
    end = min(question.end or from_micros(moment), from_micros(moment))
    begin = question.start or from_micros(int(found.entered.min()))
    mondays = _mondays(begin, end, question.zone)
    edges = [to_micros(midnight(day, question.zone)) for day in (*mondays, mondays[-1] + WEEK)]
    counts, _edges = np.histogram(found.entered, edges)
    lost = _lost(question, midnight(mondays[0], question.zone), end)
    weeks = [Week(day, int(leads), _touched(day, lost)) for day, leads in zip(mondays, counts, strict=True)]
    return Arrivals(weeks, lost)


def _lost(question: Question, begin: datetime, end: datetime) -> list[Lost]:
    if question.viewer and question.viewer.scope != ALL:
        return []
    zone = ZoneInfo(question.zone)
    return [
        Lost(one.reason, one.events, one.first.astimezone(zone).date(), one.last.astimezone(zone).date())
        for one in gone(begin, end)
    ]


def _touched(monday: date, lost: list[Lost]) -> bool:
    return any(one.first < monday + WEEK and one.last >= monday for one in lost)


def _mondays(begin: datetime, end: datetime, zone: str) -> list[date]:
    first, last = (_monday(at, zone) for at in (begin, end - timedelta(microseconds=1)))
    first = max(first, last - WEEK * (MOST - 1))
    return [first + WEEK * number for number in range((last - first) // WEEK + 1)]


def _monday(at: datetime, zone: str) -> date:
    day = at.astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=day.weekday())
