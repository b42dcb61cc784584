"""Many clocks at once, one that cannot be swept, and many who sweep."""

import json

import pytest

from accord.rooms.handoff.models import Handoff
from accord.rooms.promises.models import Clock
from tests.rooms.promises.conftest import AGREED
from tests.rooms.promises.days import seller, standing, swept, told
from tests.scenarios.living import on


@pytest.mark.both
def test_a_clock_that_cannot_be_taken_back_holds_up_no_other(cast, enforced, handed, clock_of, caplog):
    ivan = seller("ivan")
    one, two = handed("anna"), handed("bert", "2026-02-02T09:00:01")
    owners = {one.owner, two.owner}
    Handoff.objects.filter(pk=one.pk).update(kind="gone")
    swept("2026-02-02T15:00:05")
    two.refresh_from_db()
    assert owners == {cast.ines, ivan}
    assert two.taken_back == 1
    first = clock_of(one)
    assert standing(first)[0] == "broken"
    assert first.next_at == on("2026-02-02T15:05:05")
    assert f"the hand-off of clock {first.pk} could not be taken back" in caplog.text


@pytest.mark.both
def test_only_what_is_due_is_looked_at(cast, enforced, handed, django_assert_max_num_queries):
    for number in range(3):
        handed(f"person {number}", f"2026-02-02T09:00:0{number}")
    before = dict(Clock.objects.values_list("id", "next_at"))
    swept("2026-02-02T10:59:59")
    assert dict(Clock.objects.values_list("id", "next_at")) == before
    swept("2026-02-02T11:00:01")
    # Two of the three are halfway.
    assert told("clock_reminded") == [on("2026-02-02T11:00:00"), on("2026-02-02T11:00:01")]


TELL = """
from datetime import UTC, datetime
from accord.kernel import clock
from accord.rooms.capture.models import Touch
from accord.rooms.people.models import Contact, Identity
from accord.rooms.promises.models import Clock
from accord.rooms.promises.starting import of_offers, start
from accord.rooms.handoff.models import Handoff
from accord.rooms.team.models import Member
from accord.kernel import journal
COLUMNS = ("identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties")
at = datetime(2040, 3, 5, 9, tzinfo=UTC)
with clock.moved_to(at):
    for name in ("ines", "ivan"):
        Member.join(email=f"{name}@house.example", name=name, role="inside_sales", by=None, at=at)
    for number in range(int(sys.argv[1])):
        person = Contact.create({}, by=None, at=at, external_id=f"c{number}")
        own = Identity.of("user", person.external_id)
        rows = [(own.pk, "download", at, False, None, None, None, {})]
        Touch.take(Touch.rows(COLUMNS, rows), source="told", at=at)
    journal.drain()
    start(of_offers(Handoff.objects.exclude(pk__in=Clock.objects.values("handoff")).values_list("id", flat=True)), at)
"""
SWEEP = """
from datetime import UTC, datetime
from pathlib import Path
import time
from accord.kernel import clock
from accord.rooms.promises.sweeping import sweep
at = datetime(2040, 3, 5, 15, 0, 5, tzinfo=UTC)
Path(sys.argv[1], f"ready {sys.argv[2]}").touch()
while not Path(sys.argv[1], "go").exists():
    time.sleep(0.005)
with clock.moved_to(at):
    sweep(at)
"""
SAY = """
import json
from accord.kernel.ledger import Fact
from accord.rooms.handoff.models import Choice, Handoff
from accord.rooms.promises.models import Clock
facts = {kind: sorted(Fact.objects.filter(kind=kind).values_list("subject_id", flat=True))
         for kind in ("promise_broken", "clock_escalated", "clock_reminded")}
print(json.dumps({**facts, "clocks": sorted(Clock.objects.filter(promise="first_contact").values_list("id", flat=True)),
    "taken_back": sorted(Handoff.objects.values_list("taken_back", flat=True)),
    "choices": Choice.objects.filter(why="taken_back").count(),
    "left": Clock.objects.filter(promise="first_contact", taken_back_at=None).count()}))
"""
SETUP = "import sys; from accord.cli import set_up; set_up()\n"


def test_several_workers_sweep_and_everything_happens_once(scratch, tmp_path):
    handoffs, workers = 8, 2
    agreement = tmp_path / "agreement.yaml"
    agreement.write_text(AGREED.format(mode="enforced"))
    scratch.accord("init", "--test-home")
    scratch.accord("agreement", "import", agreement, "--sign-as-both")
    scratch.python(TELL, handoffs)
    sweeping = [scratch.start("-c", SETUP + SWEEP, tmp_path, number) for number in range(workers)]
    while len(list(tmp_path.glob("ready *"))) < workers:
        assert all(one.poll() is None for one in sweeping)
    (tmp_path / "go").touch()
    assert [one.wait(120) for one in sweeping] == [0] * workers
    said = json.loads(scratch.python(SAY))
    assert len(said["clocks"]) == handoffs
    assert said["promise_broken"] == said["clock_escalated"] == said["clocks"]
    assert said["clock_reminded"] == []
    assert said["taken_back"] == [1] * handoffs
    assert said["choices"] == handoffs
    assert said["left"] == 0
