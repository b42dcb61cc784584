"""A worker that is killed between planning and applying leaves its facts to the next one, which does them once."""

import signal

import pytest

KILLED = """
import os, signal
from accord.kernel import clock, journal, ledger
from accord.rooms.funnel import reactions
from accord.rooms.people.models import Contact, Merge
from accord.rooms.funnel.models import Lead
now, pairs, written = clock.now(), int(sys.argv[1]), sys.argv[2] == "written"
for number in range(pairs):
    one, two = (Contact.create({"name": f"{name} {number}"}, by=None, at=now) for name in ("Ann", "Ann B"))
    for contact in (one, two):
        Lead.open(contact, entry="referral", by=None, at=now)
    Merge.of(one, two, reason="same", by=None, at=now)
joins = reactions.JOIN_PASSAGES
def die(changes, at):
    if written:
        joins.apply(changes, at)
    os.kill(os.getpid(), signal.SIGKILL)
journal.wire({"contacts_merged": [journal.Reaction(joins.key, joins.plan, die)]})
journal.drain()
"""

AGAIN = """
from collections import Counter
from accord.kernel import journal
from accord.kernel.journal import Pending
from accord.kernel.ledger import Fact
from accord.rooms.funnel.models import Lead
def say():
    stages = Counter(Lead.objects.values_list("stage", flat=True))
    waiting = Pending.objects.filter(reaction="funnel.join_passages").count()
    print(waiting, stages["inquiry"], stages["joined"], Fact.objects.filter(kind="lead_joined").count())
say()
Pending.objects.update(claimed_until=None)  # what the machine's clock does in two minutes
journal.drain(); journal.drain()
say()
"""


@pytest.mark.parametrize("moment", ["planned", "written"])
def test_killed_before_its_changes_are_committed(scratch, attempt, moment):
    """Killed once it has planned, and once it has written what the transaction has not committed yet."""
    pairs = 1 + attempt
    worker = scratch.start("-c", "import sys; from accord.cli import set_up; set_up()\n" + KILLED, pairs, moment)
    assert worker.wait(60) == -signal.SIGKILL

    before, after = scratch.python(AGAIN).splitlines()
    # Waiting, leads as they were opened, leads that went into another, facts that say so.
    assert before == f"{pairs} {2 * pairs} 0 0"
    assert after == f"0 {pairs} {pairs} {pairs}"
