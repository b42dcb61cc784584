"""A backup under load loses nothing that was acknowledged; what a kill leaves is never taken for a whole."""

import json
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from base64 import b64encode
from collections import Counter
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from accord.kernel.backup.archive import ASIDE
from tests.restored import LARGE, beside, empty, large_file

READY = """
from accord.kernel import clock
from accord.rooms.team.models import ApiKey, House
House.get()
print(ApiKey.make(name="test", scope="capture", role="admin", by=None, at=clock.now())[1])
"""
WRITER = """
import time
from itertools import count
from pathlib import Path
from accord.kernel import clock
from accord.rooms.people.models import Contact
from accord.rooms.funnel.models import Lead
enough = Path(sys.argv[1])
for number in count():
    if enough.exists():
        break
    person = Contact.create({"name": f"Person {number}", "title": "Buyer"}, by=None, at=clock.now())
    Lead.open(person, entry="referral", by=None, at=clock.now())
    time.sleep(0.02)
"""
KNOWN = """
import json
from datetime import datetime
from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Transition
from accord.rooms.insight import reports
from accord.rooms.insight.questions import Question
as_of, until = sys.argv[1], datetime.fromisoformat(sys.argv[2])
rows = {
    model._meta.db_table: list(model.objects.filter(stored_at__lte=until).order_by("id").values_list("id", flat=True))
    for model in (Fact, Trait, Touch, Transition)
}
funnel = reports.as_json(reports.answer("funnel", Question.asked(clock.now(), as_of=as_of)))
print(json.dumps({"rows": rows, "stages": funnel["stages"]}))
"""
FEWEST = """
from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Transition
print(min(model.objects.count() for model in (Fact, Trait, Touch, Transition)))
"""
TAKEN = """
import json
from accord.kernel.audit import invariants
from accord.rooms.capture.inbox import open_inbox
from accord.rooms.capture.models import CaptureDay, DroppedEvent, InboxMark, Touch
inbox = open_inbox()
print(json.dumps({
    "numbers": [said["number"] for said in Touch.objects.values_list("properties", flat=True)],
    "counted": sum(CaptureDay.objects.values_list("events", flat=True)), "dropped": DroppedEvent.objects.count(),
    "waiting": inbox.queue(InboxMark.taken_of(inbox.epoch)).events, "violations": len(invariants.run().violations),
}))
"""
FOR_EVER = "9999-12-31T00:00:00+00:00"
PAUSE = 0.1  # seconds between two requests: the house is to be busy, and the test to end
TOGETHER, BEFORE, AFTER = 20, 200, 40  # events in a request; acknowledged before the backup begins, and after its end


class Sender(threading.Thread):
    """Sends numbered events until it is told to stop, and keeps the numbers that were acknowledged."""

    def __init__(self, port: int, key: str) -> None:
        super().__init__(daemon=True)
        self.address = f"http://127.0.0.1:{port}/v1/batch"
        self.key = "Basic " + b64encode(f"{key}:".encode()).decode()
        self.acknowledged: list[int] = []
        self.stopped = threading.Event()

    def run(self) -> None:
        for first in count(0, TOGETHER):
            if self.stopped.is_set():
                return
            numbers = range(first, first + TOGETHER)
            self._send(numbers)
            self.acknowledged += numbers
            time.sleep(PAUSE)

    def until(self, many: int) -> set[int]:
        while len(self.acknowledged) < many and self.is_alive():
            time.sleep(0.01)
        return set(self.acknowledged)

    def _send(self, numbers: range) -> None:
        batch = [
            {"type": "track", "event": "Download", "anonymousId": f"device-{number % 7}", "messageId": f"m-{number}",
             "properties": {"number": number}}
            for number in numbers
        ]  # fmt: skip
        headers = {"Authorization": self.key, "Content-Type": "application/json"}
        request = urllib.request.Request(self.address, json.dumps({"batch": batch}).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert json.load(answer) == {"success": True}


@contextmanager
def busy_house(scratch, key: str, folder: Path):
    """Somebody sends events and somebody opens leads, as long as the block lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    enough = folder / "enough"
    serving = scratch.start("-m", "accord.cli", "serve", "--port", port, stdout=subprocess.DEVNULL)
    writing = scratch.start("-c", "import sys; from accord.cli import set_up; set_up()\n" + WRITER, enough)
    sender = Sender(port, key)
    try:
        _answers(port)
        sender.start()
        yield sender
    finally:
        sender.stopped.set()
        enough.touch()
        sender.join(60)
        assert writing.wait(60) == 0
        serving.terminate()
        serving.wait(60)


def _answers(port: int) -> None:
    for _attempt in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not come up")


def wait_for_all(scratch) -> None:
    """Until the worker and whoever writes have begun, too: programs start slowly where much else runs."""
    for _again in range(30):
        if int(scratch.python(FEWEST)):
            return
    raise AssertionError("nobody wrote anything")


@pytest.mark.parametrize("scratch", ["sqlite", pytest.param("postgresql", marks=pytest.mark.prove)], indirect=True)
def test_a_backup_under_load_holds_all_that_was_acknowledged(scratch, tmp_path):
    key = scratch.python(READY).strip()
    file, other = tmp_path / "backup.tar", beside(scratch, tmp_path / "other")
    with busy_house(scratch, key, tmp_path) as sender:
        wait_for_all(scratch)
        before = sender.until(BEFORE)
        backed_up = scratch.accord("backup", file, "--json", check=False)
        assert backed_up.returncode == 0, backed_up.stderr
        during = set(sender.acknowledged)
        sender.until(len(during) + AFTER)
    known_at = json.loads(backed_up.stdout)["known_at"]
    assert len(before) >= BEFORE
    assert len(during) > len(before)

    other.accord("restore", file)

    was, kept = (
        json.loads(scratch.python(KNOWN, known_at, known_at)),
        json.loads(other.python(KNOWN, known_at, FOR_EVER)),
    )
    assert kept == was
    assert min(len(rows) for rows in was["rows"].values()) > 0
    other.accord("work", "--drain")
    taken = json.loads(other.python(TAKEN))
    numbers = Counter(taken.pop("numbers"))
    assert before - set(numbers) == set()
    assert set(numbers.values()) == {1}
    assert len(numbers) >= len(was["rows"]["touch"])  # more, where some were in the inbox alone
    assert taken == {"counted": len(numbers), "dropped": 0, "waiting": 0, "violations": 0}


def kill_when(program: subprocess.Popen, reached) -> None:
    while not reached():
        assert program.poll() is None, "it was done before it could be killed"
        time.sleep(0.002)
    program.send_signal(signal.SIGKILL)
    assert program.wait(30) == -signal.SIGKILL


def beyond(path: Path | None, size: int) -> bool:
    return path is not None and path.exists() and path.stat().st_size > size


def share(attempt: int) -> int:
    """How far a large file has got when it happens."""
    return attempt * LARGE // 12


@pytest.mark.parametrize("scratch", ["sqlite"], indirect=True)
def test_a_killed_backup_leaves_no_archive(scratch, tmp_path, attempt):
    scratch.python(READY)
    large, folder = large_file(scratch), tmp_path / "backups"
    folder.mkdir()
    program = scratch.start("-m", "accord.cli", "backup", folder / "backup.tar", stderr=subprocess.DEVNULL)
    kill_when(program, lambda: beyond(next(folder.glob(f"{ASIDE}*/archive"), None), share(attempt) + 2**20))
    assert [path.name.startswith(ASIDE) for path in folder.iterdir()] == [True]

    large.unlink()
    scratch.accord("backup", folder / "next.tar")
    assert [path.name for path in folder.iterdir()] == ["next.tar"]


def in_files(scratch, attempt: int) -> bool:
    return beyond(scratch.home / "files" / "imports" / "1", share(attempt))


def in_database(scratch, _attempt: int) -> bool:
    """The rows are there, and what follows has not been done."""
    if scratch.vendor == "sqlite":
        return (scratch.home / "accord.sqlite3").exists()
    with psycopg.connect(scratch.environment["DATABASE_URL"]) as database:
        return database.execute("SELECT to_regclass('house') IS NOT NULL").fetchone() == (True,)


@pytest.mark.parametrize(
    ("scratch", "moment"),
    [("sqlite", in_files), ("sqlite", in_database), ("postgresql", in_database)],
    indirect=["scratch"],
)
def test_a_killed_restore_is_recognised_and_begun_again(scratch, tmp_path, attempt, moment):
    scratch.python(READY)
    large_file(scratch)
    file, other = tmp_path / "backup.tar", beside(scratch, tmp_path / "other")
    scratch.accord("backup", file)

    program = other.start("-m", "accord.cli", "restore", file, stderr=subprocess.DEVNULL)
    kill_when(program, lambda: moment(other, attempt))
    refused = other.accord("serve", check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "is under way or was broken off" in refused.stderr
    assert not empty(other)

    other.accord("restore", file)
    assert (other.home / "files" / "imports" / "1").stat().st_size == LARGE
    assert json.loads(other.accord("audit", "--json").stdout)["violations"] == []
