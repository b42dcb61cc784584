"""Four workers sweep at once on PostgreSQL: every breach within a minute, told once, and each lead taken back once."""

import json

import pytest

COUNT = 60
# Hours of the day and not of business: the test is not to depend on when it is run.
AGREED = """
accord: 1
name: Leads
effective: 2020-01-01
review_by: 2100-12-31
leads: {open_on: {touch: [download]}}
scoring: {engagement: [{id: download, points: 10, when: {touch: download}}]}
qualified: {all: [{count: {touch: download}, at_least: 1}]}
handoffs:
  - {id: to_inside, at: mql, from: marketing, to: inside_sales, answers: [accept, return]}
promises:
  sales:
    - {id: first_contact, measure: first_human_contact, of: to_inside, within: 1 hours, share: 0.9,
       mode: enforced, remind_at: 0.5, escalate_at: 1.0, take_back_at: 1.0}
"""
TELL = """
from datetime import timedelta
from accord.kernel import clock, journal
from accord.kernel.instants import to_micros
from accord.rooms.capture.models import Touch
from accord.rooms.people.models import Contact, Identity
from accord.rooms.promises.models import Clock
from accord.rooms.team.models import Member
COLUMNS = ("identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties")
at = clock.now()
for name, role in (("ines", "inside_sales"), ("ivan", "inside_sales"), ("saul", "sales_lead")):
    Member.join(email=f"{name}@house.example", name=name, role=role, by=None, at=at)
people = [Contact.create({}, by=None, at=at, external_id=f"c{n}") for n in range(int(sys.argv[1]))]
rows = [(Identity.of("user", p.external_id).pk, "download", at, False, None, None, None, {}) for p in people]
Touch.take(Touch.rows(COLUMNS, rows), source="told", at=at)
journal.drain()
print(to_micros(max(Clock.objects.values_list("due_at", flat=True))))
"""
SWEEP = """
import time
from datetime import timedelta
from pathlib import Path
from accord.kernel import clock, journal
from accord.kernel.instants import from_micros
from accord.rooms.promises import sweeping
sweeping.BATCH = 7
at = from_micros(int(sys.argv[1])) + timedelta(seconds=30)
go = Path(sys.argv[2])
while not go.exists():
    time.sleep(0.01)
with clock.moved_to(at):
    for _again in range(3):
        sweeping.sweep(at)
        journal.drain()
"""
SAY = """
import json
from collections import Counter
from accord.kernel.journal import Parked, Pending
from accord.kernel.ledger import Fact
from accord.rooms.handoff.models import Handoff
from accord.rooms.promises.models import Clock
told = Fact.objects.filter(kind__in=("promise_broken", "clock_escalated"))
due = dict(Clock.objects.values_list("id", "due_at"))
print(json.dumps({
    "times": sorted(Counter(told.values_list("kind", "subject_id")).values()),
    "clocks": told.values("subject_id").distinct().count(),
    "late": max((f.recorded_at - due[f.subject_id]).total_seconds() for f in told),
    "dated": all(f.occurred_at == due[f.subject_id] for f in told),
    "taken_back": sorted(Handoff.objects.values_list("taken_back", flat=True)),
    "parked": list(Parked.objects.values_list("error", flat=True)), "pending": Pending.objects.count(),
}))
"""
SETUP = "import sys; from accord.cli import set_up; set_up()\n"


@pytest.mark.parametrize("scratch", ["postgresql"], indirect=True)
def test_four_workers_break_and_escalate_each_clock_once_and_in_time(scratch, tmp_path):
    agreement, go = tmp_path / "agreement.yaml", tmp_path / "go"
    agreement.write_text(AGREED)
    scratch.accord("init", "--test-home")
    scratch.accord("agreement", "import", agreement, "--sign-as-both")
    due = scratch.python(TELL, COUNT).splitlines()[-1]
    workers = [scratch.start("-c", SETUP + SWEEP, due, go) for _ in range(4)]
    go.touch()
    assert [worker.wait(300) for worker in workers] == [0, 0, 0, 0]
    said = json.loads(scratch.python(SAY))
    assert said["times"] == [1] * 2 * COUNT
    assert (said["clocks"], said["dated"], said["parked"], said["pending"]) == (COUNT, True, [], 0)
    assert 0 <= said["late"] < 60
    assert said["taken_back"] == [1] * COUNT
    assert json.loads(scratch.accord("audit", "--json").stdout)["violations"] == []
