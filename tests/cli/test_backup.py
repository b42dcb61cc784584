"""`accord backup` and `accord restore`: what comes back, and what is refused with nothing written."""

import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conftest import Scratch, new_home
from tests.restored import MADE_BY_ANY_START, beside, empty
from tests.tables import MIGRATE

ON_SQLITE = pytest.mark.parametrize("scratch", ["sqlite"], indirect=True)
SEEN = """
import json
from django.apps import apps
from django.db import connection
def seen():
    rows = {}
    with connection.cursor() as cursor:
        for table in sorted({m._meta.db_table for m in apps.get_models(include_auto_created=True)}):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows[table] = sorted(str(row) for row in cursor.fetchall())
    return rows
"""
FURNISH = (
    SEEN
    + """
from datetime import UTC, datetime, timedelta
from django.contrib.sessions.models import Session
from accord.kernel import clock, journal
from accord.rooms.people.models import Contact, Merge
from accord.rooms.funnel.models import Lead
from accord.rooms.team.models import House, Member
at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
House.get()
with clock.moved_to(at):
    ada = Member.join(email="ada@house.example", name="Ada", role="admin", by=None, at=at, password="a long password")
    kim, twin = (Contact.create({"name": name, "email": f"{n}@x.example", "title": "Buyer"}, by=ada.pk, at=at)
                 for n, name in enumerate(("陈思远", "Kim\\tMüller\\n\\\\N")))
    Lead.open(kim, entry="referral", by=ada.pk, at=at)
    Merge.of(kim, twin, reason="same person", by=ada.pk, at=at)
    journal.drain()
Session.objects.create(session_key="k" * 32, session_data="x", expire_date=at + timedelta(days=9999))
print(json.dumps(seen()))
"""
)
RESTORED = (
    SEEN
    + """
from accord.kernel import clock, search
from accord.kernel.audit import invariants
from accord.rooms.people.models import Contact
before, violations = seen(), invariants.run().violations
fresh = Contact.create({"name": "Bo Lund", "email": "bo@x.example"}, by=None, at=clock.now())
found = [search.find(words, "contact") for words in ("思远", "lund")]
print(json.dumps({"rows": before, "violations": len(violations), "fresh": fresh.pk, "found": found}))
"""
)
UPGRADED = """
from accord.api.models import Answer
from accord.rooms.team.models import House
print(House.objects.count(), Answer.objects.count())
"""
EARLIER = "from accord.rooms.team.models import House; House.get()\n" + MIGRATE.replace(
    "'migrate'", "'migrate', 'api', 'zero'"
)


@dataclass(frozen=True)
class Furnished:
    """A home with something in it, what is in it, and its backup."""

    home: Scratch
    rows: dict[str, list[str]]
    file: Path
    told: dict


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def furnished(request, tmp_path_factory) -> Furnished:
    folder = tmp_path_factory.mktemp("furnished")
    cluster = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    home = new_home(folder / "home", cluster, tables=True)
    rows = json.loads(home.python(FURNISH))
    rejects = home.home / "files" / "rejects" / "1-rejects.csv"
    rejects.parent.mkdir(parents=True)
    rejects.write_text("line,reason\n", encoding="utf-8")
    file = folder / "backup.tar"
    return Furnished(home, rows, file, json.loads(home.accord("backup", file, "--json").stdout))


def test_everything_comes_back_and_goes_on(furnished, tmp_path):
    told, other = furnished.told, beside(furnished.home, tmp_path / "other")
    assert (told["bytes"], told["vendor"]) == (furnished.file.stat().st_size, furnished.home.vendor)
    assert told["known_at"].startswith("2026-03-02T09:00:00")  # when its clock stood still

    back = json.loads(other.accord("restore", furnished.file, "--json").stdout)

    assert (back["known_at"], back["parts"], back["left_out"]) == (told["known_at"], told["parts"], [])
    found = json.loads(other.python(RESTORED))
    assert len(furnished.rows["django_session"]) == 1
    assert found["rows"] == {**furnished.rows, "django_session": [], "mirror_lease": []}
    # The next number is nobody's, and the old as well as the new are found.
    assert (found["violations"], found["fresh"], found["found"]) == (0, 3, [[1], [3]])
    assert (other.home / "files" / "rejects" / "1-rejects.csv").read_text(encoding="utf-8") == "line,reason\n"
    assert (other.home / "secret-key").read_text() == (furnished.home.home / "secret-key").read_text()
    assert not (other.home / "restoring").exists()


def names(home: Scratch) -> set[str]:
    """What is in the home, but for files that are there only while its database is open."""
    return {path.name for path in home.home.iterdir()} - {"accord.sqlite3-shm", "accord.sqlite3-wal"}


def rows(home: Scratch) -> dict[str, list[str]]:
    return json.loads(home.python(SEEN + "print(json.dumps(seen()))"))


def test_what_is_not_empty_is_left_alone(furnished, tmp_path):
    home, before = furnished.home, names(furnished.home)
    assert_refused(home.accord("restore", furnished.file, check=False), "is not empty")
    url = home.environment.get("DATABASE_URL", f"sqlite:///{home.home / 'accord.sqlite3'}")
    other = replace(home, environment={**home.environment, "ACCORD_HOME": str(tmp_path / "o"), "DATABASE_URL": url})
    assert_refused(other.accord("restore", furnished.file, check=False), "is not empty")

    assert {path.name for path in other.home.iterdir()} == MADE_BY_ANY_START
    assert names(home) == before
    assert rows(home) == {**furnished.rows, "job": rows(home)["job"]}


def test_the_home_knows_its_last_backup_and_no_earlier_one(furnished, tmp_path):
    sizes = [json.loads(furnished.home.accord("backup", tmp_path / f"{n}.tar", "--json").stdout)["bytes"] for n in "12"]
    (noted,) = rows(furnished.home)["job"]
    assert f"'bytes': {sizes[1]}" in noted.replace('"', "'")


def test_a_damaged_archive_is_refused_and_nothing_written(furnished, tmp_path):
    whole, file, other = furnished.file.read_bytes(), tmp_path / "hurt.tar", beside(furnished.home, tmp_path / "other")
    file.write_bytes(whole[:520] + bytes([whole[520] ^ 1]) + whole[521:])  # in the first part: its header has 512 bytes
    assert_refused(other.accord("restore", file, check=False), "is damaged")
    file.write_bytes(whole[: len(whole) // 2])
    assert_refused(other.accord("restore", file, check=False), "is no backup")
    assert empty(other)


def test_a_backup_from_before_an_upgrade_is_brought_up_to_date(scratch, tmp_path):
    scratch.python(EARLIER)
    file, other = tmp_path / "backup.tar", beside(scratch, tmp_path / "other")
    scratch.accord("backup", file)
    other.accord("restore", file)
    assert other.python(UPGRADED).split() == ["1", "0"]


@pytest.mark.parametrize("bare", ["sqlite"], indirect=True)
def test_what_cannot_be_is_said(bare, tmp_path):
    assert_refused(bare.accord("backup", tmp_path / "backup.tar", check=False), "nothing to back up")
    (tmp_path / "letter.tar").write_text("Dear all,\n" * 100, encoding="utf-8")
    assert_refused(bare.accord("restore", tmp_path / "letter.tar", check=False), "is no backup")
    assert_refused(bare.accord("restore", tmp_path / "absent.tar", check=False), "There is no file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "letter.tar"]
    assert empty(bare)


def assert_refused(finished: subprocess.CompletedProcess[str], why: str) -> None:
    assert (finished.returncode, finished.stdout) == (1, "")
    assert why in finished.stderr
    assert "Traceback" not in finished.stderr
