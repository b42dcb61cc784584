"""A worker that is killed between planning and applying leaves its facts to the next one, which does them once."""

import signal

KILLED = """
import os, signal
from accord.kernel import clock, journal, ledger
from accord.rooms.funnel import reactions
from accord.rooms.people.models import Contact, Merge
from accord.rooms.funnel.models import Lead
now = clock.now()
one, two = (Contact.create({"name": name}, by=None, at=now) for name in ("Ann", "Ann B"))
for contact in (one, two):
    Lead.open(contact, entry="referral", by=None, at=now)
Merge.of(one, two, reason="same", by=None, at=now)
joins = reactions.JOIN_PASSAGES
killed = journal.Reaction(joins.key, joins.plan, lambda changes, at: os.kill(os.getpid(), signal.SIGKILL))
journal.wire({"contacts_merged": [killed]})
journal.drain()
"""

AGAIN = """
from accord.kernel import journal
from accord.kernel.journal import Pending
from accord.kernel.ledger import Fact
from accord.rooms.funnel.models import Lead
print(Pending.objects.count(), sorted(Lead.objects.values_list("stage", flat=True)))
Pending.objects.update(claimed_until=None)  # what the machine's clock does in two minutes
journal.drain(); journal.drain()
stages = sorted(Lead.objects.values_list("stage", flat=True))
print(Pending.objects.count(), stages, Fact.objects.filter(kind="lead_joined").count())
"""


def test_killed_between_plan_and_apply(scratch):
    scratch.python("from django.core.management import call_command; call_command('migrate', verbosity=0)")
    worker = scratch.start("-c", "import sys, django; django.setup()\n" + KILLED)
    assert worker.wait(60) == -signal.SIGKILL

    before, after = scratch.python(AGAIN).splitlines()
    assert before == "1 ['inquiry', 'inquiry']"
    assert after == "0 ['inquiry', 'joined'] 1"
