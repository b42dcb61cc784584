"""What a member has to do, as a calendar that other programs fetch (RFC 5545)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import translation
from icalendar import Calendar, Event

from accord.kernel.instants import MICROSECOND
from accord.rooms.desk.fields import TASK_NAMES
from accord.rooms.desk.models import Task
from accord.rooms.team.models import Absence, House, Member

MOST = 500
LASTS = timedelta(minutes=30)
PRODUCT = "-//Accord//Desk//EN"


def feed(member: Member, at: datetime, host: str, address: Callable[[Task], str]) -> bytes:
    """Their open tasks and their absences. Of other people it says the name and nothing else. Four queries."""
    calendar = Calendar()
    for name, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", "PUBLISH"), ("x-wr-calname", "Accord")):
        calendar.add(name, value)
    tasks = Task.objects.visible_to(member).here().open().filter(owner=member).select_related("lead__contact", "deal")
    with translation.override(member.language or translation.get_language()):
        for task in tasks.order_by("due_at", "id")[:MOST]:
            calendar.add_component(_due(task, at, host, address(task)))
        if absences := list(member.absences.filter(called_off_at=None, until__gt=at)):
            zone = ZoneInfo(member.zone or House.get().zone)
            for absence in absences:
                calendar.add_component(_away(absence, zone, at, host))
    return calendar.to_ical()


def _due(task: Task, at: datetime, host: str, address: str) -> Event:
    said = str(TASK_NAMES[task.kind])
    event = _event(f"task-{task.pk}@{host}", f"{said}: {about}" if (about := task.lead or task.deal) else said, at)
    event.add("dtstart", task.due_at)
    event.add("dtend", task.due_at + LASTS)
    event.add("url", address)
    return event


def _away(absence: Absence, zone: ZoneInfo, at: datetime, host: str) -> Event:
    """Whole days, the last one included."""
    event = _event(f"absence-{absence.pk}@{host}", translation.gettext("Away"), at)
    event.add("dtstart", _day(absence.since, zone))
    event.add("dtend", _day(absence.until - MICROSECOND, zone) + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    return event


def _event(uid: str, summary: str, at: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", at)
    event.add("summary", summary)
    return event


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
