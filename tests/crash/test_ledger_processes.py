"""Several processes write at once: instants and ids commit in one order, and the mirror misses and doubles nothing."""

import json
import subprocess

WRITER = """
import time
from itertools import count
from pathlib import Path
from accord.kernel import clock
from accord.rooms.people.models import Contact
who, least, enough = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
for number in count():
    if number >= least and enough.exists():
        break
    values = {"name": f"{who} {number}", "title": "Buyer", "email": f"{who}{number}@x.example"}
    Contact.create(values, by=None, at=clock.now(), external_id=f"{who}-{number}")
    time.sleep(0.01)  # SQLite gives its lock to who asks again soonest: the mirror would wait for long
print(number)
"""

MIRROR = """
import time
from accord.kernel.warehouse import mirror
wanted, generations = int(sys.argv[1]), {mirror.refresh().number}
print("ready", flush=True)
while len(generations) < wanted:
    generations.add(mirror.refresh().number)
    time.sleep(0.02)
"""

COMPARE = """
import json
from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.kernel.warehouse import tables
from accord.kernel.warehouse.generation import generation
found = {}
for model in (Fact, Trait):
    rows = list(model.objects.order_by("id").values_list("id", "stored_at"))
    stored = [at for _id, at in rows]
    with generation() as read:
        table = next(t for t in tables.kept() if t.model is model)
        mirrored = sorted(read.table(table).id.to_pyarrow().to_pylist())
    found[model._meta.db_table] = {
        "rows": len(rows), "ordered": stored == sorted(stored), "same": mirrored == [pk for pk, _at in rows],
    }
print(json.dumps(found))
"""


GENERATIONS = 3  # of the mirror, while four write
LEAST = 25  # contacts of each writer, who goes on until the mirror has them; more in each further attempt


def test_four_writers_and_a_mirror(scratch, tmp_path, attempt):
    setup, enough = "import sys; from accord.cli import set_up; set_up()\n", tmp_path / "enough"
    least = LEAST + 10 * attempt
    mirror = scratch.start("-c", setup + MIRROR, GENERATIONS, stdout=subprocess.PIPE)
    assert mirror.stdout.readline() == "ready\n"
    writers = [
        scratch.start("-c", setup + WRITER, who, least, enough, stdout=subprocess.PIPE)
        for who in ("ann", "bob", "eve", "gus")
    ]
    try:
        assert mirror.wait(300) == 0
    finally:  # or they would go on for ever
        enough.touch()
    made = [int(writer.communicate(timeout=120)[0]) for writer in writers]
    assert min(made) >= least

    found = json.loads(scratch.python(COMPARE))

    # A contact brings itself and its identities as facts, and its values with one more; three values each.
    assert found["fact"] == {"rows": sum(made) * 4, "ordered": True, "same": True}
    assert found["trait"] == {"rows": sum(made) * 3, "ordered": True, "same": True}
