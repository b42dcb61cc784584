"""What runs when nothing happens: one table of periodic work."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accord.kernel import clock
from accord.kernel.instants import to_micros
from accord.kernel.warehouse import mirror
from accord.rooms.capture.models import InboxMark
from accord.rooms.capture.queries import looking

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Periodic:
    name: str
    every: timedelta
    run: Callable[[], object]


def _forget_events() -> None:
    with looking() as inbox:
        inbox.forget(InboxMark.taken_of(inbox.epoch), to_micros(clock.now()))


TABLE = (
    Periodic("refresh the mirror", timedelta(minutes=1), mirror.refresh),
    Periodic("let go of events that were taken", timedelta(hours=1), _forget_events),
)


@dataclass
class Due:
    """Which entries of the table ran when, in this process."""

    last: dict[str, datetime] = field(default_factory=dict)

    def run(self, now: datetime) -> None:
        """Run what is due. An entry that fails is logged and waits for its next turn; the others go on."""
        for entry in TABLE:
            if entry.name not in self.last or now - self.last[entry.name] >= entry.every:
                self.last[entry.name] = now
                _run(entry)


def _run(entry: Periodic) -> None:
    try:
        entry.run()
    except Exception:
        log.exception("%s failed", entry.name)
