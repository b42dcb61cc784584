"""The chip of a clock, the same everywhere: what time of work is left, or how much is over; and what has no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.kernel.worktime import Calendar
from accord.rooms.promises.counting import Counted
from accord.web.shell import wording

OVER, LOW, RUN = "over", "low", "run"
LOW_SHARE = 0.25
HOUR, MINUTE, FAR = timedelta(hours=1), timedelta(minutes=1), timedelta(days=2)


@dataclass(frozen=True)
class Chip:
    """`left`: the share that is left, in tenths; `words`: 2 h 10 min, 1 h 12 min over, or the day where it is far."""

    state: str
    left: int
    words: str
    due_at: datetime


def chip(due_at: datetime, start: datetime, now: datetime, calendar: Calendar) -> Chip:
    """The clock that began at `start`, in working time of the calendar."""
    if due_at <= now:
        over = calendar.between(due_at, now)
        return Chip(OVER, 0, _("%(time)s over") % {"time": span(over)} if over >= MINUTE else _("just over"), due_at)
    left, whole = calendar.between(now, due_at), calendar.between(start, due_at)
    share = left / whole if whole else 0.0
    words = wording.short(due_at, now) if due_at - now > FAR else span(left)
    return Chip(LOW if share < LOW_SHARE else RUN, min(10, round(share * 10)), words, due_at)


def overdue(due_at: datetime, now: datetime) -> Chip | None:
    """Of a step that was promised for a day that is over: by how many days, whoever works on them or not."""
    days = (timezone.localtime(now).date() - timezone.localtime(due_at).date()).days
    if days <= 0:
        return None
    said = ngettext("%(count)s day overdue", "%(count)s days overdue", days)
    return Chip(OVER, 0, said % {"count": wording.number(days)}, due_at)


def counted(found: Counted, since: str) -> str:
    """What is counted without a clock from a day on: so many of so many, or how many were answered."""
    if found.number is not None:
        told = {"number": wording.number(found.number), "least": wording.number(found.at_least or 0), "day": since}
        return _("%(number)s of %(least)s since %(day)s") % told
    of = found.rate.denominator if found.rate else 0
    told = {"answered": wording.number(of), "open": wording.number(found.open), "day": since}
    return _("%(answered)s answered since %(day)s; %(open)s are still open") % told


def span(time: timedelta) -> str:
    hours, minutes = time // HOUR, time % HOUR // MINUTE
    if hours and minutes:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    return _("%(hours)s h") % {"hours": hours} if hours else _("%(minutes)s min") % {"minutes": minutes}
