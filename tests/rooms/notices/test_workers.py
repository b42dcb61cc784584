"""Several workers, each a process of its own: every notice once, and one digest for everybody."""

import json

from tests.rooms.promises.conftest import AGREED
from tests.rooms.promises.test_sweeping import TELL

AGAIN = """
from accord.kernel.journal import Pending
from accord.kernel.ledger import Fact
from accord.rooms.notices.models import Notice, Switch
from accord.rooms.notices.rules import KINDS, Way
from accord.rooms.team.models import Member
for member in Member.objects.all():
    Switch.turn(member, dict.fromkeys(KINDS, Way(True, True)))
Notice.objects.all().delete()
facts = Fact.objects.filter(kind="handoff_offered").values_list("id", flat=True)
Pending.objects.bulk_create(Pending(fact_id=pk, reaction="notices.notice") for pk in [*facts] * 2)
"""
WORK = """
import sys, time
from accord.cli import set_up
set_up()
from datetime import UTC, datetime
from pathlib import Path
from accord.kernel import clock, journal
from accord.rooms.notices.digests import digest
Path(sys.argv[1], f"ready {sys.argv[2]}").touch()
while not Path(sys.argv[1], "go").exists():
    time.sleep(0.005)
with clock.moved_to(datetime(2040, 3, 5, 10, tzinfo=UTC)):
    journal.drain()
with clock.moved_to(datetime(2040, 3, 6, 8, tzinfo=UTC)):
    digest(clock.now())
"""
SAY = """
import json
from accord.kernel.journal import Parked
from accord.kernel.mail.models import Mail
from accord.rooms.notices.models import Notice
print(json.dumps({"notices": sorted(Notice.objects.values_list("fact_id", "member_id")),
    "told": Notice.objects.values("member").distinct().count(), "parked": Parked.objects.count(),
    "lines": sum(mail.text.count("- Offered to you") for mail in Mail.objects.all()),
    "mails": Mail.objects.count(), "left": Notice.objects.to_mail().count()}))
"""


def test_several_workers_tell_and_mail_everything_once(scratch, tmp_path):
    handoffs, workers = 12, 2
    agreement = tmp_path / "agreement.yaml"
    agreement.write_text(AGREED.format(mode="pilot"))
    scratch.environment["ACCORD_SMTP"] = "smtp://127.0.0.1:1"
    scratch.environment["ACCORD_MAIL_FROM"] = "accord@house.example"
    scratch.accord("init", "--test-home")
    scratch.accord("agreement", "import", agreement, "--sign-as-both")
    scratch.python(TELL + AGAIN, handoffs)
    working = [scratch.start("-c", WORK, tmp_path, number) for number in range(workers)]
    while len(list(tmp_path.glob("ready *"))) < workers:
        assert all(one.poll() is None for one in working)
    (tmp_path / "go").touch()
    assert [one.wait(120) for one in working] == [0] * workers
    said = json.loads(scratch.python(SAY))
    assert len(said["notices"]) == len({fact for fact, _member in said["notices"]}) == handoffs
    assert (said["told"], said["parked"], said["mails"]) == (2, 0, 2)
    # What a worker told after another had written the digests waits for the next morning.
    assert said["lines"] + said["left"] == handoffs
