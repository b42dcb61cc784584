"""When to push back: before the disk is full, or more waits than can ever be taken."""

import shutil
from datetime import timedelta

from django.conf import settings

from accord.kernel import clock
from accord.rooms.capture.inbox import Inbox, open_inbox
from accord.rooms.capture.models import InboxMark

EVERY = timedelta(seconds=2)  # between two looks
MOST_ROWS = 20_000_000  # requests that wait to be taken


class Pressure:
    def __init__(self) -> None:
        self._looked, self.why = clock.machine() - EVERY, ""
        self._inbox: Inbox | None = None

    def due(self) -> bool:
        """Whether it is time to look again; then somebody does, and nobody else until the next time."""
        now = clock.machine()
        if now - self._looked < EVERY:
            return False
        self._looked = now
        return True

    def look(self) -> str:
        """Why nothing more is taken now; empty while there is room."""
        self.why = self._reason()
        return self.why

    def _reason(self) -> str:
        if shutil.disk_usage(settings.HOME).free < settings.DISK_RESERVE:
            return "the disk is nearly full"
        inbox, self._inbox = self._inbox or open_inbox(), None
        inbox.refresh()
        waiting = inbox.last() - InboxMark.taken_of(inbox.epoch)
        self._inbox = inbox  # one that failed is not asked again
        return "too many events wait" if waiting > MOST_ROWS else ""
