"""Two ways out of the operational database give the same rows."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from accord.kernel.warehouse import export
from accord.kernel.warehouse.export import Wanted
from accord.kernel.warehouse.generation import generation
from accord.kernel.warehouse.tables import TRAITS
from accord.rooms.people.models import Contact

ROOT = Path(__file__).parents[3]


def test_scanner_and_cursor_give_the_same_rows_on_every_database_there_is():
    """The scanner reads files and servers only, so databases of its own are made: SQLite, and that of DATABASE_URL."""
    command = [sys.executable, "-m", "bench.mirror", "--rows", "20000", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found[0]["database"] == "sqlite"
    assert [(one["same_rows"], one["mirrored"]) for one in found] == [(True, True)] * len(found)


@pytest.mark.django_db(transaction=True)
def test_where_the_scanner_cannot_be_used_the_cursor_is(tmp_path, still, caplog):
    Contact.create({"name": "思远", "budget": "0.1"}, by=None, at=still)
    seen, _ = export.fixed([TRAITS], [])
    nowhere = Wanted(TRAITS, 0, seen.high["traits"], tmp_path / "missing" / "traits.parquet")
    assert not export.scan([nowhere], bool)
    assert "cursor" in caplog.text
    wanted = Wanted(TRAITS, 0, seen.high["traits"], tmp_path / "traits.parquet")
    export.export([wanted], bool)
    assert pq.read_table(wanted.path).column("text").to_pylist() == ["思远", "0.1"]


@pytest.mark.django_db
def test_two_readers_do_not_share_an_engine(still):
    with generation() as one, generation() as other:
        assert one.engine is not other.engine
        assert one.table(TRAITS).count().execute() == other.table(TRAITS).count().execute() == 0
