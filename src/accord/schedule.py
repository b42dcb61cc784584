"""What runs when nothing happens: one table of periodic work."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accord.kernel import clock, ledger
from accord.kernel.instants import to_micros
from accord.kernel.warehouse import mirror
from accord.rooms.agreement.models import Version
from accord.rooms.capture.models import InboxMark
from accord.rooms.capture.queries import looking
from accord.rooms.handoff.passing import cover
from accord.rooms.handoff.release import release
from accord.rooms.promises.sweeping import sweep
from accord.rooms.scoring import rescoring
from accord.rooms.scoring.facts import ContactsToJudge
from accord.rooms.scoring.models import ToJudge

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Periodic:
    name: str
    every: timedelta
    run: Callable[[], object]


def _forget_events() -> None:
    with looking() as inbox:
        inbox.forget(InboxMark.taken_of(inbox.epoch), to_micros(clock.now()))


def _come_into_force() -> None:
    Version.come_into_force(clock.now())


def _rescore() -> None:
    rescoring.rescore(clock.now())


def _release() -> None:
    release(clock.now())


def _cover() -> None:
    cover(clock.now())


def _sweep() -> None:
    sweep(clock.now())


def _judge_due() -> None:
    """Waits that have ended, and contacts that a worker which is gone had taken."""
    now = clock.now()
    if ToJudge.due(now):
        with ledger.write(now) as writing:
            writing.record(ContactsToJudge(source="schedule", count=0))


TABLE = (
    Periodic("put signed versions into force", timedelta(seconds=5), _come_into_force),
    Periodic("judge whose wait is over", timedelta(seconds=5), _judge_due),
    Periodic("offer what a new version brings", timedelta(seconds=5), _release),
    Periodic("do what is due of the clocks", timedelta(seconds=5), _sweep),
    Periodic("pass on what is offered to who is away", timedelta(seconds=5), _cover),
    Periodic("write back the grades that time has changed", timedelta(hours=1), _rescore),
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
