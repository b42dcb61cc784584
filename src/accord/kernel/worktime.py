"""Working time: intervals of local days in a zone, right over daylight saving, holidays and working Saturdays.

Values in, values out: no clock, no query. Every instant that comes back is in UTC.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from unicodedata import normalize
from zoneinfo import ZoneInfo

import holidays
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
DAY, NOTHING = timedelta(days=1), timedelta(0)
DASHES = str.maketrans("–—−", "---")
DAYS = re.compile(rf"({'|'.join(WEEKDAYS)})(?:-({'|'.join(WEEKDAYS)}))?")
WINDOW = re.compile(r"([0-9]{1,2}):([0-5][0-9])-([0-9]{1,2}):([0-5][0-9])")
TERM = re.compile(r"([1-9][0-9]{0,3}) (business )?(minute|hour|day|week)s?")
# Years in which the library is asked for weekends that a country made working days by decree.
DECREES = range(2010, 2041)

NO_HOURS = _("“{text}” says no working hours: write them like “mon-fri 09:00-17:00; sat 10:00-14:00”.")
BACKWARD = _(
    "“{window}” ends before it begins: write the earlier time first. What goes on past midnight"
    " is two windows, like “fri 22:00-24:00; sat 00:00-04:00”."
)
OVERLAP = _("Two windows of {day} overlap: write “{day}” with windows that follow one another.")
NO_TERM = _("Write a time such as “4 business hours” or “10 business days”.")

Windows = tuple[tuple[int, int], ...]
Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Hours:
    """The working hours of a week: seven times windows, in minutes since local midnight."""

    week: tuple[Windows, ...]

    @classmethod
    def read(cls, text: str) -> "Hours":
        """“mon-fri 09:00-12:00 13:00-18:00; sat 10:00-14:00”. Raises ValueError, in words, for what says no hours."""
        week: list[list[tuple[int, int]]] = [[] for _day in WEEKDAYS]
        for part in _parts(text):
            days, windows = _part(part, text)
            for day in days:
                week[day] += windows
        if not any(week):
            raise ValueError(format_lazy(NO_HOURS, text=text.strip()))
        for name, its_windows in zip(WEEKDAYS, week, strict=True):
            its_windows.sort()
            if any(following[0] < window[1] for window, following in pairwise(its_windows)):
                raise ValueError(format_lazy(OVERLAP, day=name))
        return cls(tuple(tuple(its_windows) for its_windows in week))

    @property
    def usual(self) -> Windows:
        """The windows of the first day of the week that has any: what a working Saturday is worked by."""
        return next(windows for windows in self.week if windows)

    @property
    def days(self) -> int:
        """How many days of a week are worked."""
        return sum(1 for windows in self.week if windows)


class Decreed(NamedTuple):
    """What a country says about the days of a year: which are free, and which weekend days are worked."""

    off: frozenset[date]
    on: frozenset[date]


@dataclass(frozen=True)
class Days:
    """Days that are worked or not, whatever weekday they are: those of a country, and above them the house's own."""

    country: str = ""
    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()

    def works(self, day: date) -> bool | None:
        """Whether the day is worked; None: its weekday says."""
        for free, worked in ((self.off, self.on), decreed(self.country, day.year)):
            if day in worked:
                return True
            if day in free:
                return False
        return None


@dataclass(frozen=True)
class Calendar:
    """When people of a zone work."""

    zone: str
    hours: Hours
    days: Days = field(default_factory=Days)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two instants; none where the end is not after the start."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end <= start:
            return NOTHING
        first, last = self._day(start), self._day(end)
        total = self._within(first, start, end)
        if last > first:
            total += self._within(last, start, end)
        for day in _days(first + DAY, last):
            total += self._worked(day)
        return total

    def after(self, start: datetime, spent: timedelta) -> datetime:
        """The first instant at which that much working time has passed since the start."""
        start, left = start.astimezone(UTC), spent
        if left <= NOTHING:
            return start
        day = self._day(start)
        here = self._within(day, start, self._midnight(day + DAY))
        while here < left:
            left -= here
            day += DAY
            here = self._worked(day)
        begins = start
        for opens, closes in self._intervals(day):
            begins = max(opens, start)
            if closes - begins >= left:
                break
            left -= max(closes - begins, NOTHING)
        return begins + left

    def days_after(self, start: datetime, count: int) -> datetime:
        """That many working days later, at the same time of day.

        What starts outside working time starts at the next opening; what would end outside ends at the closing
        before, or where the day opens later, at its opening.
        """
        opening = self.next_opening(start)
        if not count:
            return opening
        day, passed = self._day(opening), 0
        while passed < count:
            day += DAY
            passed += bool(self._worked(day))
        local = opening.astimezone(self._zone)
        return self._clipped(day, self._instant(datetime.combine(day, local.time())))

    def working(self, at: datetime) -> bool:
        at = at.astimezone(UTC)
        return any(opens <= at < closes for opens, closes in self._intervals(self._day(at)))

    def next_opening(self, at: datetime) -> datetime:
        """The instant itself where it lies in working time, else the next opening."""
        at = at.astimezone(UTC)
        return next(
            max(opens, at) for day in _days(self._day(at)) for opens, closes in self._intervals(day) if closes > at
        )

    def intervals(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """What is worked between two instants, in order."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        for day in _days(self._day(start), self._day(end) + DAY):
            for opens, closes in self._intervals(day):
                if (begins := max(opens, start)) < (ends := min(closes, end)):
                    yield begins, ends

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def _day(self, at: datetime) -> date:
        """The local day, from its first midnight on: some zones once went back over midnight."""
        day = at.astimezone(self._zone).date()
        return day + DAY if self._midnight(day + DAY) <= at else day

    def _midnight(self, day: date) -> datetime:
        return self._instant(datetime.combine(day, time()))

    def _windows(self, day: date) -> Windows:
        works = self.days.works(day)
        if works is False:
            return ()
        windows = self.hours.week[day.weekday()]
        return windows or (self.hours.usual if works else ())

    def _intervals(self, day: date) -> list[Interval]:
        """What is worked on a local day, in order; no two of them overlap, and none is empty."""
        found: list[Interval] = []
        midnight, ends = datetime.combine(day, time()), self._midnight(day + DAY)
        for opening, closing in self._windows(day):
            opens = self._instant(midnight + timedelta(minutes=opening))
            closes = self._instant(midnight + timedelta(minutes=closing), latest=closing < MIDNIGHT)
            opens = max(opens, found[-1][1]) if found else opens
            if opens < (closes := min(closes, ends)):
                found.append((opens, closes))
        return found

    def _within(self, day: date, start: datetime, end: datetime) -> timedelta:
        spans = (min(closes, end) - max(opens, start) for opens, closes in self._intervals(day))
        return sum((max(span, NOTHING) for span in spans), NOTHING)

    def _worked(self, day: date) -> timedelta:
        """The working time of a whole day."""
        windows = self._windows(day)
        if windows and self._offset(day) != self._offset(day + DAY):
            return sum((closes - opens for opens, closes in self._intervals(day)), NOTHING)
        return timedelta(minutes=sum(closing - opening for opening, closing in windows))

    def _offset(self, day: date) -> timedelta | None:
        return self._zone.utcoffset(datetime.combine(day, time()))

    def _instant(self, local: datetime, *, latest: bool = False) -> datetime:
        """A local time as an instant. Of two alike the first, or the latest; where there is none, the leap."""
        early = local.replace(tzinfo=self._zone).astimezone(UTC)
        late = local.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        if late < early:
            return self._leap(late, early)
        return late if latest else early

    def _leap(self, before: datetime, after: datetime) -> datetime:
        """The second between two instants from which on the zone has its new offset."""
        new = after.astimezone(self._zone).utcoffset()
        while after - before > timedelta(seconds=1):
            middle = (before + (after - before) / 2).replace(microsecond=0)
            if middle.astimezone(self._zone).utcoffset() == new:
                after = middle
            else:
                before = middle
        return after

    def _clipped(self, day: date, at: datetime) -> datetime:
        intervals = self._intervals(day)
        begun = [closes for opens, closes in intervals if opens <= at]
        return min(at, begun[-1]) if begun else intervals[0][0]


@dataclass(frozen=True)
class Worked:
    """When people worked, who changed their hours: calendars, each with the instant since which it held, in order.

    What was worked once stays so, whatever is said of hours later. The first holds from the beginning of time.
    """

    calendars: tuple[tuple[datetime, Calendar], ...]

    def between(self, start: datetime, end: datetime) -> timedelta:
        """As of a calendar."""
        return sum((calendar.between(*held) for calendar, held in self._held(start, end)), NOTHING)

    def intervals(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """As of a calendar; what was being worked at a change may be told as two."""
        for calendar, held in self._held(start, end):
            yield from calendar.intervals(*held)

    def _held(self, start: datetime, end: datetime) -> Iterator[tuple[Calendar, Interval]]:
        """Which calendar held for which part of a time."""
        changes = [since for since, _calendar in self.calendars[1:]]
        for (_since, calendar), begins, ends in zip(self.calendars, [start, *changes], [*changes, end], strict=True):
            if (begins := max(begins, start)) < (ends := min(ends, end)):
                yield calendar, (begins, ends)


@dataclass(frozen=True, slots=True)
class Span:
    """A time that an agreement gives: “4 business hours”, “10 business days”, “2 weeks”."""

    count: int
    unit: str
    business: bool

    @classmethod
    def read(cls, text: str) -> "Span":
        """Raises ValueError, in words, for what is no such time."""
        found = TERM.fullmatch(text)
        if not found:
            raise ValueError(NO_TERM)
        return cls(int(found[1]), found[3], bool(found[2]))

    def due(self, calendar: Calendar, start: datetime) -> datetime:
        """When the time is over that began at the start. A day without “business” has 24 hours."""
        if not self.business:
            return start.astimezone(UTC) + self._length
        if self.unit == "day":
            return calendar.days_after(start, self.count)
        if self.unit == "week":
            return calendar.days_after(start, self.count * calendar.hours.days)
        return calendar.after(start, self._length)

    def share(self, calendar: Calendar, start: datetime, fraction: float) -> datetime:
        """When that fraction of it has passed: 0.5 halfway, 1.5 half of it beyond its end."""
        if fraction == 1:
            return self.due(calendar, start)
        if not self.business:
            return start.astimezone(UTC) + self._length * fraction
        whole = calendar.between(start, self.due(calendar, start))
        return calendar.after(start, whole * fraction)

    @property
    def _length(self) -> timedelta:
        return timedelta(**{f"{self.unit}s": self.count})


@lru_cache(maxsize=1024)
def decreed(country: str, year: int) -> Decreed:
    """The holidays of a country in a year, and its working weekends (调休), which are no absence of a holiday."""
    if not country:
        return Decreed(frozenset(), frozenset())
    known = holidays.country_holidays(country, years=year)
    # The library keeps these days of all its years, whichever was asked for.
    on = {day for day in known.weekend_workdays if day.year == year}
    return Decreed(frozenset(known) - on, frozenset(on))


@lru_cache(maxsize=256)
def known_until(country: str) -> date | None:
    """The last day for which the country has said which weekends are worked; None: it moves no working days."""
    years = [year for year in DECREES if country and decreed(country, year).on]
    return date(years[-1], 12, 31) if years else None


def _days(first: date, before: date | None = None) -> Iterator[date]:
    day = first
    while before is None or day < before:
        yield day
        day += DAY


def _parts(text: str) -> Iterable[str]:
    plain = normalize("NFKC", text).lower().translate(DASHES)
    return filter(None, (part.strip() for part in re.sub(r"\s*-\s*", "-", plain).split(";")))


def _part(part: str, text: str) -> tuple[list[int], list[tuple[int, int]]]:
    """Days and windows of “mon-fri 09:00-12:00 13:00-18:00”."""
    days: list[int] = []
    windows: list[tuple[int, int]] = []
    for word in re.split(r"[\s,]+", part):
        if (named := DAYS.fullmatch(word)) and not windows:
            days += _named(*named.groups())
        elif (window := WINDOW.fullmatch(word)) and days:
            windows.append(_window(window))
        else:
            raise ValueError(format_lazy(NO_HOURS, text=text.strip()))
    if not windows:
        raise ValueError(format_lazy(NO_HOURS, text=text.strip()))
    return days, windows


def _named(first: str, last: str | None) -> list[int]:
    """Weekdays from one to another, over the end of the week where they are written so (“sun-thu”)."""
    start = WEEKDAYS.index(first)
    length = (WEEKDAYS.index(last or first) - start) % 7
    return [(start + step) % 7 for step in range(length + 1)]


def _window(window: re.Match[str]) -> tuple[int, int]:
    hour, minute, to_hour, to_minute = map(int, window.groups())
    opens, closes = hour * 60 + minute, to_hour * 60 + to_minute
    if closes > MIDNIGHT:
        raise ValueError(format_lazy(NO_HOURS, text=window[0]))
    if closes <= opens:
        raise ValueError(format_lazy(BACKWARD, window=window[0]))
    return opens, closes
