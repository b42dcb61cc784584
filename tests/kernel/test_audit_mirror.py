"""The audit of the mirror: every row of the ledger once, and none beside. These tests commit."""

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection

from accord.kernel.audit import invariants
from accord.kernel.warehouse import manifest, mirror
from accord.rooms.capture.models import Touch
from accord.rooms.people.models import Contact
from tests import audited
from tests.audited import told, violations

pytestmark = [pytest.mark.both]


@pytest.fixture
def mirrored(transactional_db, settings, tmp_path, at):
    """A house with a generation of the mirror in a home of its own, all of it committed."""
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    world = audited.house(tmp_path, at)
    world.generation = mirror.refresh()
    return world


def rewrite(generation, change) -> None:
    """Change the rows in the one file that holds touches, behind the mirror's back."""
    (file,) = generation.tables["touches"].files
    path = Path(mirror.folder() / file.name)
    rows = pq.read_table(path)
    pq.write_table(pa.Table.from_pylist(change(rows.to_pylist()), schema=rows.schema), path)


def test_a_mirror_that_holds_the_ledger_as_it_is(mirrored):
    assert mirrored.generation.tables["touches"].rows == 5
    assert violations() == set()
    with_mirror = invariants.run().checked
    for path in mirror.folder().glob(manifest.PATTERN):
        path.unlink()
    append_only = ("facts", "retractions", "traits", "links", "touches", "verdicts", "transitions")
    rows = sum(mirrored.generation.tables[name].rows for name in append_only)
    assert with_mirror - invariants.run().checked == rows


def test_a_row_that_the_mirror_missed(mirrored):
    gone = Touch.objects.order_by("id")[1].pk
    rewrite(mirrored.generation, lambda rows: [row for row in rows if row["id"] != gone])
    # The file is shorter than its manifest says, too: that is told of the last row it should hold.
    assert violations() == {("mirror", f"touch:{gone}"), ("mirror", f"touch:{Touch.objects.latest('id').pk}")}
    assert told(f"touch:{gone}") == ["is missing in the mirror, generation 1"]


def test_a_row_that_the_mirror_has_twice(mirrored):
    twice = Touch.objects.order_by("id")[1].pk
    rewrite(mirrored.generation, lambda rows: [one for row in rows for one in [row] * (2 if row["id"] == twice else 1)])
    assert told(f"touch:{twice}") == ["is in the mirror twice, generation 1"]


def test_a_row_that_only_the_mirror_has(mirrored):
    row = Touch.objects.latest("id")
    Touch.objects.filter(pk=row.pk).delete()
    assert ("mirror", f"touch:{row.pk}") in violations()


def test_rows_newer_than_the_generation_are_not_missed(mirrored, at):
    Contact.create({"name": "New"}, by=mirrored.ada.pk, at=at + timedelta(days=2))
    assert violations() == set()


def test_the_audit_reads_one_state_and_leaves_no_transaction_open(mirrored, at):
    invariants.run()
    assert not connection.in_atomic_block
    Contact.create({"name": "After"}, by=mirrored.ada.pk, at=at + timedelta(days=2))
    assert Contact.objects.filter(name="After").count() == 1
