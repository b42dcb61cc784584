"""`accord agreement`, as somebody types it."""

import json
import os
from pathlib import Path

import pytest
from django.conf import settings
from typer.testing import CliRunner, Result

from accord.cli.app import app
from accord.rooms.agreement import starter
from accord.rooms.agreement.models import Version

EXAMPLE = (Path(__file__).parents[1] / "rooms" / "agreement" / "example.yaml").read_text(encoding="utf-8")
NAME = "Qualified leads and promises"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still")]


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "agreement.yaml"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


@pytest.fixture
def test_home():
    mark = settings.HOME / "test-home"
    mark.touch()
    yield mark
    mark.unlink(missing_ok=True)


def accord(*words: object) -> Result:
    done = CliRunner().invoke(app, ["agreement", *map(str, words)], env={"COLUMNS": "200"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def told(*words: object) -> dict:
    done = accord(*words, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def refused(*words: object) -> str:
    """What is said on stderr by a command that fails, with nothing on stdout."""
    done = accord(*words)
    assert (done.exit_code, done.stdout) == (1, "")
    return done.stderr


def versions() -> list[tuple]:
    return [(one["agreement"], one["number"], one["status"], one["in_force"]) for one in told("show")["versions"]]


def test_from_the_starter_to_what_both_signed(cast, file, at):
    starter.begin(at, "UTC")
    assert versions() == [("Marketing and sales", 1, "in_force", True)]
    assert told("show")["unsigned_starter"] is True
    assert "the unsigned starter: neither side has signed it" in accord("show").stdout
    taken = told("import", file)
    assert (taken["agreement"], taken["number"], taken["status"]) == (NAME, 1, "draft")
    file.write_text(EXAMPLE + "# once more\n", encoding="utf-8")
    assert told("import", file)["number"] == 1
    assert told("propose")["status"] == "proposed"
    assert "Version 1 of “Qualified leads and promises” is open already" in refused("import", file)
    assert "Nobody else signs" in refused("sign", "--as", "ada@house.example")
    assert "Nobody signs in as who@house.example" in refused("sign", "--as", "who@house.example")
    assert told("sign", "--as", "Mila@House.example")["signed_by"] == "marketing: Mila Berg"
    assert "One person never signs for both sides" in refused("sign", "--as", "mila@house.example")
    signed = told("sign", "--as", "saul@house.example")
    assert (signed["status"], signed["signed_by"]) == ("in_force", "marketing: Mila Berg, sales: Saul Stein")
    assert versions() == [("Marketing and sales", 1, "superseded", False), (NAME, 1, "in_force", True)]
    assert told("show")["unsigned_starter"] is False
    assert "No draft and no proposal is open" in refused("sign", "--as", "saul@house.example")
    assert "There is no agreement “Nobody’s”" in refused("propose", "--agreement", "Nobody’s")


def test_what_is_exported_is_what_was_imported(cast, file, tmp_path, test_home):
    told("import", file, "--sign-as-both")
    out, as_json = tmp_path / "out.yaml", tmp_path / "out.json"
    assert accord("export", out).exit_code == accord("export", NAME, as_json).exit_code == 0
    assert out.read_text(encoding="utf-8") == EXAMPLE
    assert accord("export", "-").stdout == EXAMPLE
    before = Version.objects.get()
    told("import", as_json, "--sign-as-both")
    assert Version.objects.get(number=2).hash == before.hash
    assert "There is no agreement “Nobody’s”" in refused("export", "Nobody’s", out)
    assert "cannot be written" in refused("export", tmp_path)


def test_what_is_piped_in_is_kept_as_it_was_written(cast):
    here, there = os.pipe()
    os.write(there, EXAMPLE.encode())
    os.close(there)
    told("import", f"/dev/fd/{here}")
    os.close(here)
    assert Version.objects.get().source == EXAMPLE


def test_without_an_agreement_the_starter_is_exported(house, tmp_path):
    out = tmp_path / "out.yaml"
    assert accord("export", out).exit_code == 0
    assert "effective: 2026-03-02" in out.read_text(encoding="utf-8")
    assert "can be an agreement: “Marketing and sales”" in accord("validate", out).stdout


def test_a_home_for_tests_signs_as_both_and_a_real_one_does_not(house, file, test_home):
    file.write_text(EXAMPLE.replace("company.employees", "company.shoe_size"), encoding="utf-8")
    assert "icp.all[1].field: The house has no field company.shoe_size." in refused("import", file)
    done = accord("import", file, "--sign-as-both", "--json")
    assert json.loads(done.stdout)["in_force"] is True
    assert "Warning: icp.all[1].field: The house has no field company.shoe_size." in done.stderr
    test_home.unlink()
    assert "Let each side sign here." in refused("import", file, "--sign-as-both")
    assert versions() == [(NAME, 1, "in_force", True)]


def test_a_company_is_asked_as_a_text_and_an_owner_of_a_contact_not_at_all(house, file):
    icp = "{field: company.employees, at_least: 50}"
    assert icp in EXAMPLE
    file.write_text(EXAMPLE.replace(icp, "{field: contact.company, at_least: 50}"), encoding="utf-8")
    assert "The field holds texts" in accord("validate", file).stderr
    file.write_text(EXAMPLE.replace(icp, "{field: contact.owner, known: true}"), encoding="utf-8")
    assert "icp.all[1].field: contact.owner changes with the work on a lead" in refused("import", file)


def test_a_file_that_cannot_be_an_agreement(house, file, tmp_path):
    assert "can be an agreement" in accord("validate", file).stdout
    assert told("validate", file) == {"valid": True, "problems": [], "warnings": []}
    file.write_text(EXAMPLE.replace("cap: 24", "cap: 0"), encoding="utf-8")
    wrong = "A cap is more than zero. Write a larger one, or none."
    for command in ("validate", "import"):
        assert f"scoring.engagement[0].cap: {wrong}" in refused(command, file)
    done = accord("validate", file, "--json")
    expected = {"valid": False, "problems": [{"path": "scoring.engagement[0].cap", "message": wrong}], "warnings": []}
    assert (done.exit_code, json.loads(done.stdout)) == (1, expected)
    assert not Version.objects.exists()


def test_a_file_that_is_no_document(house, tmp_path):
    assert "cannot be read" in refused("validate", tmp_path / "nowhere.yaml")
    assert "cannot be read" in refused("import", tmp_path)
    huge, binary = tmp_path / "huge.yaml", tmp_path / "binary.yaml"
    huge.write_text("a: " + "x" * 5_000_000, encoding="utf-8")
    binary.write_bytes(b"\xff\xfe\x00\x01")
    assert "more than 256 KB" in refused("validate", huge)
    assert "This is no UTF-8 text" in refused("import", binary)


def test_init_begins_the_starter_once(bare):
    assert "the unsigned starter “Marketing and sales”" in bare.accord("init").stdout
    assert "unsigned starter" not in bare.accord("init").stdout
    shown = json.loads(bare.accord("agreement", "show", "--json").stdout)
    assert [(one["status"], one["starter"]) for one in shown["versions"]] == [("in_force", True)]
