"""Four workers judge at once, late, and all of it twice: the same moments of qualification."""

import json

import pytest

from tests.scenarios.living import simple

CONTACTS = 16
TELL = """
import time
from accord.kernel import clock
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.people.models import Contact, Identity
COLUMNS = ("identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties")
def touch(identity, kind, machine=False):
    at = clock.now()
    rows = [(identity.pk, kind, at, machine, None, None, None, {})]
    Touch.take(Touch.rows(COLUMNS, rows), source="told", at=at)
    return Touch.objects.filter(identity=identity).latest("id").pk
first, count = int(sys.argv[1]), int(sys.argv[2])
for number in range(first, first + count):
    # By number modulo 4: two downloads; one of three by a machine; known late by a link; one only, the rest machines.
    person = Contact.create({}, by=None, at=clock.now(), external_id=f"c{number}")
    own, visitor = Identity.of("user", person.external_id), Identity.of("anonymous", f"v{number}")
    case = number % 4
    identity = visitor if case == 2 else own
    touch(identity, "download")
    judged = touch(identity, "download", machine=case in (1, 3))
    if case == 1:
        touch(own, "download")
    if case == 2:
        visitor.link(person.pk, by=None, at=clock.now())
    if case == 3:
        Verdict.give([judged], machine=True, source="told", at=clock.now())
"""
WORK = """
import time
from pathlib import Path
from accord.kernel import journal
from accord.kernel.journal import Pending
enough = Path(sys.argv[1])
while not (enough.exists() and not Pending.objects.exists()):
    if not journal.drain():
        time.sleep(0.02)
"""
AGAIN = """
from accord.kernel import clock, ledger
from accord.rooms.scoring.facts import RowsToLook
from accord.rooms.scoring.models import Mark
Mark.objects.update(last=0)
with ledger.write(clock.now()) as writing:
    writing.record(RowsToLook(source="test"))
"""
SAY = """
import json
from accord.kernel.journal import Parked
from accord.kernel.instants import to_micros
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Lead, Qualification, Transition
from accord.rooms.people.models import Contact, Link
from accord.rooms.scoring.models import ToJudge
names = dict(Contact.objects.values_list("id", "external_id"))
touches, links = {}, {}
for value, at in Touch.objects.order_by("id").values_list("identity__value", "recorded_at"):
    touches.setdefault(value, []).append(to_micros(at))
for value, at in Link.objects.filter(identity__kind="anonymous").values_list("identity__value", "recorded_at"):
    links[value] = to_micros(at)
print(json.dumps({
    "touches": touches, "links": links, "parked": list(Parked.objects.values_list("error", flat=True)),
    "qualified": [[names[c], to_micros(at)] for c, at in Qualification.objects.values_list("contact_id", "at")],
    "stages": {names[c]: stage for c, stage in Lead.objects.values_list("contact_id", "stage")},
    "steps": Transition.objects.count(), "waiting": ToJudge.objects.count(),
}))
"""
SETUP = "import sys; from accord.cli import set_up; set_up()\n"


@pytest.mark.prove
def test_four_workers_at_once_and_everything_twice(scratch, tmp_path):
    count = CONTACTS
    agreement = tmp_path / "agreement.yaml"
    agreement.write_text(simple(2))
    scratch.accord("init", "--test-home")
    scratch.accord("agreement", "import", agreement, "--sign-as-both")
    scratch.python(TELL, 0, count // 2)
    _work(scratch, tmp_path / "enough", lambda: scratch.python(TELL, count // 2, count // 2))
    once = json.loads(scratch.python(SAY))
    assert sorted(map(tuple, once["qualified"])) == sorted(_expected(once, count).items())
    assert once["stages"] == {f"c{n}": "mql" if n % 4 != 3 else once["stages"][f"c{n}"] for n in range(count)}
    assert (once["parked"], once["waiting"]) == ([], 0)
    _work(scratch, tmp_path / "enough again", lambda: scratch.python(AGAIN))
    assert json.loads(scratch.python(SAY)) == once


def _work(scratch, enough, meanwhile):
    workers = [scratch.start("-c", SETUP + WORK, enough) for _ in range(4)]
    meanwhile()
    enough.touch()
    assert [worker.wait(300) for worker in workers] == [0, 0, 0, 0]
    scratch.accord("work", "--drain")


def _expected(said, count):
    """When the second download of a human that is known of the contact began to count."""
    second = {
        0: lambda n: said["touches"][f"c{n}"][1],
        1: lambda n: said["touches"][f"c{n}"][2],
        2: lambda n: said["links"][f"v{n}"],
    }
    return {f"c{n}": second[n % 4](n) for n in range(count) if n % 4 in second}
