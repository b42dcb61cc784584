"""What runs when nothing happens: one table of periodic work."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Thread

from django.db import connections

from accord.kernel import bulk, clock, ledger
from accord.kernel.instants import to_micros
from accord.kernel.jobs import Job
from accord.kernel.journal import Pending
from accord.kernel.mail.sending import send_due
from accord.kernel.warehouse import mirror
from accord.rooms.agreement.models import Version
from accord.rooms.capture.models import InboxMark
from accord.rooms.capture.queries import looking
from accord.rooms.desk.ending import let_go
from accord.rooms.desk.mailing import give_up
from accord.rooms.funnel import usual
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.passing import cover
from accord.rooms.handoff.release import release
from accord.rooms.notices.digests import digest
from accord.rooms.promises.sweeping import sweep
from accord.rooms.scoring.facts import ContactsToJudge
from accord.rooms.scoring.models import ScoreNow, ToJudge

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Periodic:
    """`aside`: it waits for a server of somebody else, in a thread of its own, so that nothing here waits with it."""

    name: str
    every: timedelta
    run: Callable[[], object]
    aside: bool = False


def _forget_events() -> None:
    with looking() as inbox:
        inbox.forget(InboxMark.taken_of(inbox.epoch), to_micros(clock.now()))


def _come_into_force() -> None:
    Version.come_into_force(clock.now())


def _rescore() -> None:
    if ScoreNow.objects.exists():
        Job.again("rescore")


def _usual() -> None:
    if usual.due(clock.now()) and Lead.objects.exists():
        Job.again("usual")


def _release() -> None:
    release(clock.now())


def _cover() -> None:
    cover(clock.now())


def _sweep() -> None:
    sweep(clock.now())


def _digest() -> None:
    digest(clock.now())


def _send_mail() -> None:
    send_due(clock.now())


def _give_up_mail() -> None:
    give_up(clock.now())


def _let_steps_go() -> None:
    let_go(clock.now())


def _judge_due() -> None:
    """Waits that have ended, and contacts that a worker which is gone had taken."""
    now = clock.now()
    if ToJudge.due(now):
        with ledger.write(now) as writing:
            writing.record(ContactsToJudge(source="schedule", count=0))


def _tidy_queues() -> None:
    for queue in (Pending, ToJudge):
        bulk.vacuum(queue)


TABLE = (
    Periodic("put signed versions into force", timedelta(seconds=5), _come_into_force),
    Periodic("judge whose wait is over", timedelta(seconds=5), _judge_due),
    Periodic("offer what a new version brings", timedelta(seconds=5), _release),
    Periodic("do what is due of the clocks", timedelta(seconds=5), _sweep),
    Periodic("pass on what is offered to who is away", timedelta(seconds=5), _cover),
    Periodic("write the digests of the morning", timedelta(minutes=1), _digest),
    Periodic("send the mail that is due", timedelta(seconds=5), _send_mail, aside=True),
    Periodic("say which mails did not arrive", timedelta(seconds=5), _give_up_mail),
    Periodic("let go of steps with whom it has ended", timedelta(seconds=5), _let_steps_go),
    Periodic("write back the grades that time has changed", timedelta(hours=1), _rescore),
    Periodic("say what is usual in a stage", timedelta(hours=1), _usual),
    Periodic("take out what left the queues", timedelta(seconds=5), _tidy_queues),
    Periodic("refresh the mirror", timedelta(minutes=1), mirror.refresh),
    Periodic("let go of events that were taken", timedelta(hours=1), _forget_events),
)


@dataclass
class Due:
    """Which entries of the table ran when, in this process."""

    last: dict[str, datetime] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)

    def run(self, now: datetime) -> None:
        """Run what is due. An entry that fails is logged and waits for its next turn; the others go on."""
        for entry in TABLE:
            if entry.name not in self.last or now - self.last[entry.name] >= entry.every:
                self.last[entry.name] = now
                self._aside(entry) if entry.aside else _run(entry)

    def wait(self) -> None:
        """Until what runs aside has ended."""
        for thread in self.threads.values():
            thread.join()

    def _aside(self, entry: Periodic) -> None:
        """Begin it, unless its last turn still waits."""
        if entry.name not in self.threads or not self.threads[entry.name].is_alive():
            self.threads[entry.name] = Thread(target=_alone, args=(entry,), daemon=True)
            self.threads[entry.name].start()


def _alone(entry: Periodic) -> None:
    try:
        _run(entry)
    finally:
        connections.close_all()


def _run(entry: Periodic) -> None:
    try:
        entry.run()
    except Exception:
        log.exception("%s failed", entry.name)
