"""One thread that makes events durable: each commit takes all that came while the last one ran."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from accord.rooms.capture.inbox import Arrived, Inbox, Kept

TOGETHER = 0.003  # seconds for which a commit waits for those who were answered by the last one
MOST_WAITING = 50_000  # events in memory that are not durable yet
log = logging.getLogger(__name__)


class Busy(Exception):
    """More came than could be written: the sender is to come again."""


@dataclass
class _Asked:
    arrived: Arrived
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Kept]"


class Writer:
    """Holds the only connection by which this process writes to the inbox."""

    def __init__(self, opened: Callable[[], Inbox]) -> None:
        self._opened = opened
        self._inbox: Inbox | None = None
        self._asked: list[_Asked] = []
        self._events = 0
        self._enough = 1  # that have asked, for the next commit to begin at once
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._thread.start()

    async def keep(self, arrived: Arrived) -> Kept:
        """Returns once the events are durable. Raises Busy where they cannot be taken now."""
        loop = asyncio.get_running_loop()
        asked = _Asked(arrived, loop, loop.create_future())
        with self._changed:
            if self._events > MOST_WAITING:
                raise Busy
            self._events += len(arrived.events)
            self._asked.append(asked)
            if len(self._asked) in (1, self._enough):
                self._changed.notify()
        return await asked.answer

    def _run(self) -> None:
        while True:
            self._write(self._taken())

    def _taken(self) -> list[_Asked]:
        """All that wait, as soon as there are some. A commit costs the same for one as for all who come with it."""
        with self._changed:
            self._changed.wait_for(lambda: self._asked)
            self._changed.wait_for(lambda: len(self._asked) >= self._enough, TOGETHER)
            taken, self._asked, self._events = self._asked, [], 0
            self._enough = len(taken)
        return taken

    def _write(self, taken: list[_Asked]) -> None:
        try:
            if self._inbox is None:
                self._inbox = self._opened()
            kept: list[Kept] | None = self._inbox.keep([asked.arrived for asked in taken])
        except Exception:
            # A full disk or a database that is away: nobody is told that it was kept, and the next commit tries anew.
            log.exception("the inbox could not be written")
            kept = None
            self._close()
        taken[0].loop.call_soon_threadsafe(_answer, taken, kept)

    def _close(self) -> None:
        inbox, self._inbox = self._inbox, None
        if inbox:
            inbox.close()


def _answer(taken: list[_Asked], kept: list[Kept] | None) -> None:
    for place, asked in enumerate(taken):
        if asked.answer.done():
            continue
        if kept is None:
            asked.answer.set_exception(Busy())
        else:
            asked.answer.set_result(kept[place])
