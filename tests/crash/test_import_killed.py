"""An import that is killed in the middle goes on where it was: nothing is half-written, lost or doubled."""

import json
import signal

PROGRESS = """
import json
from accord.kernel.imports.models import Import, ImportedRecord, ImportKey
from accord.kernel.jobs import Job
from accord.kernel.search import SearchEntry
from accord.kernel.traits import Trait
from accord.rooms.people.models import Contact
made = Import.objects.first()
print(json.dumps({
    "taken": made.next_row if made else 0, "contacts": Contact.objects.count(), "keys": ImportKey.objects.count(),
    "values": Trait.objects.count(), "found": SearchEntry.objects.count(), "records": ImportedRecord.objects.count(),
    "finished": bool(made and made.finished_at), "jobs": [j.state for j in Job.objects.all()],
}))
"""
# It kills at once: until another process had ended and told of it, the import might have as well.
KILL_LATER = """
import os, signal, time
from accord.kernel.imports.models import Import
while not Import.objects.filter(next_row__gt=int(sys.argv[1])).exists():
    time.sleep(0.01)
os.kill(int(sys.argv[2]), signal.SIGKILL)
"""
EXPIRE = """
from accord.kernel import clock
from accord.kernel.jobs import Job
Job.objects.update(leased_until=clock.machine())
"""
ROWS, LATER = 30_000, 2_000


def test_killed_in_the_middle_and_started_again(scratch, tmp_path, attempt):
    file = tmp_path / "contacts.csv"
    file.write_text("external_id,name,title\n" + "".join(f"k{i},Name {i},Buyer\n" for i in range(ROWS)))
    program = scratch.start("-m", "accord.cli", "import", "contacts", file)
    scratch.python(KILL_LATER, attempt * LATER, program.pid)
    assert program.wait(30) == -signal.SIGKILL

    half = json.loads(scratch.python(PROGRESS))
    assert attempt * LATER < half["taken"] < ROWS
    assert {half[name] for name in ("contacts", "keys", "found", "records")} == {half["taken"]}
    assert half["values"] == 2 * half["taken"]

    scratch.python(EXPIRE)  # what the machine's clock does in half a minute
    scratch.accord("work", "--drain")

    whole = json.loads(scratch.python(PROGRESS))
    assert whole == {
        "taken": ROWS, "contacts": ROWS, "keys": ROWS, "values": 2 * ROWS, "found": ROWS, "records": ROWS,
        "finished": True, "jobs": ["done"],
    }  # fmt: skip
