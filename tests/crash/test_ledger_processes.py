"""Several processes write at once: instants and ids commit in one order, and the mirror misses and doubles nothing."""

import json
import subprocess

import pytest

WRITER = """
from accord.kernel import clock, ledger, traits
from accord.rooms.people.models import Contact
who, many = sys.argv[1], int(sys.argv[2])
for number in range(many):
    values = {"name": f"{who} {number}", "title": "Buyer", "email": f"{who}{number}@x.example"}
    Contact.create(values, by=None, at=clock.now(), external_id=f"{who}-{number}")
"""

MIRROR = """
import time
from accord.kernel.warehouse import mirror
from accord.rooms.people.models import Contact
wanted, generations = int(sys.argv[1]), {mirror.refresh().number}
print("ready", flush=True)
while Contact.objects.count() < wanted:
    generations.add(mirror.refresh().number)
    time.sleep(0.02)
generations.add(mirror.refresh().number)
print(len(generations))
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


@pytest.mark.parametrize("each", [25])
def test_four_writers_and_a_mirror(scratch, each):
    scratch.python("from django.core.management import call_command; call_command('migrate', verbosity=0)")
    setup = "import sys, django; django.setup()\n"
    mirror = scratch.start("-c", setup + MIRROR, 4 * each, stdout=subprocess.PIPE)
    assert mirror.stdout.readline() == "ready\n"
    writers = [scratch.start("-c", setup + WRITER, who, each) for who in ("ann", "bob", "eve", "gus")]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0, 0]
    generations = int(mirror.communicate(timeout=60)[0])

    found = json.loads(scratch.python(COMPARE))

    # A contact brings itself and its identities as facts, and its values with one more; three values each.
    assert found["fact"] == {"rows": 4 * each * 4, "ordered": True, "same": True}
    assert found["trait"] == {"rows": 4 * each * 3, "ordered": True, "same": True}
    assert generations > 2
