from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Sum

from accord.rooms.capture.inbox import Inbox, Queue, open_inbox
from accord.rooms.capture.models import CaptureDay, DroppedEvent, InboxMark


@dataclass(frozen=True)
class Counted:
    """Distinct events since `accord init`: all that were acknowledged, and those that became nothing."""

    events: int
    dropped: int


@dataclass(frozen=True)
class Gone:
    """Events that were acknowledged and became nothing for one reason, from the first to the last of them."""

    reason: str
    events: int
    first: datetime
    last: datetime


def gone(since: datetime, until: datetime) -> list[Gone]:
    """What was received from `since` until before `until` and dropped by then; the most frequent reason first."""
    dropped = DroppedEvent.objects.filter(received_at__gte=since, received_at__lt=until, dropped_at__lt=until)
    found = dropped.values("reason").annotate(events=Count("id"), first=Min("received_at"), last=Max("received_at"))
    return [Gone(**row) for row in found.order_by("-events", "reason")]


@contextmanager
def looking() -> Iterator[Inbox]:
    """The inbox, for as long as one looks into it."""
    inbox = open_inbox()
    try:
        yield inbox
    finally:
        inbox.close()


def queue() -> Queue:
    """Events that were acknowledged and not taken in yet."""
    with looking() as inbox:
        return inbox.queue(InboxMark.taken_of(inbox.epoch))


def arrivals(day: int) -> tuple[int, int]:
    """How many events came again on a day (since 1970), and how many were refused."""
    with looking() as inbox:
        days = [one for one in inbox.days_of_keys(day) if one.day == day]
    return sum(one.repeated for one in days), sum(one.rejected for one in days)


def counted() -> Counted:
    """Events that still wait in the inbox are counted with those that were taken, each of them once."""
    with looking() as inbox:
        taken: dict[str, int] = {}
        mark = None
        while mark != (mark := InboxMark.taken_of(inbox.epoch)):  # as long as some are taken meanwhile
            taken = _taken()
        return Counted(taken["events"] + inbox.queue(mark).events, taken["dropped"])


def _taken() -> dict[str, int]:
    return CaptureDay.objects.aggregate(events=Sum("events", default=0), dropped=Sum("dropped", default=0))
