"""An import that is no history says how many leads would qualify; above twenty it wants to be told that it is meant."""

import csv
import json
from datetime import timedelta

import pytest
from django.conf import settings

from accord.cli import trying
from accord.kernel import clock
from accord.kernel.imports import reading, run
from accord.kernel.imports.models import Import
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact
from tests.cli.test_report_scores import EXAMPLE, ON_SQLITE
from tests.scenarios.living import agreed, on, simple


@pytest.fixture
def at():
    return on("2025-12-29")


def downloads(path, contacts, each, last):
    """A file in which so many contacts download so often, once a day until that day."""
    days = [(last - timedelta(days=n)).date().isoformat() for n in range(each)]
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["external_id", "contact", "kind", "occurred_at"])
        writer.writerows((f"{c} {day}", f"c{c}", "download", day) for c in range(contacts) for day in days)
    return path


@pytest.mark.parametrize(("each", "expected"), [(2, 0), (3, 25)])
def test_leads_are_counted_by_the_rule_in_force_and_nothing_is_kept(cast, tmp_path, each, expected):
    agreed(cast, simple(3), "2026-01-01")
    file = downloads(tmp_path / "touches.csv", 25, each, on("2026-06-01"))
    chosen = run.plain_map("touches", reading.inspect(file).header)
    with clock.moved_to(on("2026-06-01")):
        assert trying.would_qualify(file, chosen, None) == expected
    assert not any(model.objects.exists() for model in (Touch, Lead, Contact, Import))


@ON_SQLITE
def test_twenty_one_leads_are_not_let_in_unasked(scratch, tmp_path):
    scratch.accord("init", "--test-home")
    scratch.accord("agreement", "import", EXAMPLE, "--sign-as-both")
    scratch.accord("import", "traits", _directors(tmp_path, 21), "--history")
    file = downloads(tmp_path / "touches.csv", 21, 3, clock.now())
    looked = json.loads(scratch.accord("import", "touches", file, "--dry-run", "--json").stdout)
    assert looked["would_qualify"] == 21
    refused = scratch.accord("import", "touches", file, "--json", check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "21 leads would qualify" in " ".join(refused.stderr.split())
    taken = json.loads(scratch.accord("import", "touches", file, "--yes", "--json").stdout)
    assert (taken["created"], taken["would_qualify"]) == (63, 21)


def test_what_was_only_looked_at_leaves_no_rows_of_the_file_behind(cast, tmp_path):
    agreed(cast, simple(3), "2026-01-01")
    file = tmp_path / "touches.csv"
    file.write_text("contact,kind,occurred_at\nc1,download,2026-05-30\nc2,download,yesterday\n", encoding="utf-8")
    chosen = run.plain_map("touches", reading.inspect(file).header)
    with clock.moved_to(on("2026-06-01")):
        trying.would_qualify(file, chosen, None)
    assert [path for path in (settings.HOME / "files").rglob("*") if path.is_file()] == []


@ON_SQLITE
def test_a_file_that_is_not_there_is_told_in_words(scratch, tmp_path):
    scratch.accord("init")
    chosen = tmp_path / "map.yaml"
    chosen.write_text("kind: leads\ncolumns: {who: contact, when: occurred_at}\n", encoding="utf-8")
    refused = scratch.accord("import", "leads", tmp_path / "none.csv", "--map", chosen, check=False)
    assert (refused.returncode, refused.stderr.strip()) == (1, "There is no file “none.csv”.")


def _directors(folder, count):
    file = folder / "traits.csv"
    rows = "".join(f"c{n},contact.seniority,director,2026-01-01\n" for n in range(count))
    file.write_text("contact,field,value,occurred_at\n" + rows)
    return file
