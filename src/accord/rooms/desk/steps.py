"""When the next step is due: in a few words, by the calendar of whoever takes it."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accord.kernel.worktime import Calendar

LATER, TOMORROW, IN_THREE_DAYS, NEXT_WEEK, ON = "later", "tomorrow", "in_three_days", "next_week", "on"
SOON = (LATER, TOMORROW, IN_THREE_DAYS, NEXT_WEEK)
TWO_HOURS = timedelta(hours=2)


def due(when: str, calendar: Calendar, at: datetime) -> datetime:
    """Two hours of work from now, when work begins next, in three working days, or when it begins in a week.

    Raises KeyError for another word.
    """
    ways = {
        LATER: lambda: calendar.after(at, TWO_HOURS),
        TOMORROW: lambda: _opening(calendar, at, 1),
        IN_THREE_DAYS: lambda: calendar.days_after(at, 3),
        NEXT_WEEK: lambda: _opening(calendar, at, 7),
    }
    return ways[when]()


def _opening(calendar: Calendar, at: datetime, days: int) -> datetime:
    zone = ZoneInfo(calendar.zone)
    day = at.astimezone(zone).date() + timedelta(days=days)
    return calendar.next_opening(datetime.combine(day, time(), zone))
