"""What is printed when Accord is served: one line a role, and what to look at first."""

import pytest

from accord.cli import sign_ins
from tests.served import Served, until

PRINTED = [
    "marketing", "marketing lead", "inside sales", "field sales", "partner", "sales lead", "service", "executive",
    "admin",
]  # fmt: skip

IN_ENGLISH = ("Nele Brandis", "Owen Tranter", "Тимур Ахметов")


@pytest.fixture
def home(tmp_path):
    home = Served.at(tmp_path / "home")
    yield home
    home.close()


def printed(home: Served) -> list[str]:
    """What `accord serve` prints first."""
    said = home.log.with_name("said.txt")
    with said.open("w") as out:
        web = home._run("-u", "-m", "accord.cli", "serve", "--port", str(home.port), stdout=out)
        try:
            until(home._answers)
        finally:
            web.terminate()
            web.wait()
    return said.read_text(encoding="utf-8").splitlines()


def test_a_simulated_house_offers_one_sign_in_of_each_role(home):
    home.accord("demo", "--contacts", "20", "--months", "1")
    kept = (home.log.parent / "sign-ins.txt").read_text(encoding="utf-8").splitlines()
    address, *lines = printed(home)
    assert address == f"Accord is at {home.url}"
    assert [line.split("   ")[0].strip() for line in lines] == PRINTED
    password = kept[0].split()[1]
    assert all(password in line and "@tarnbeck.example" in line for line in lines)
    assert len({line.index(password) for line in lines}) == 1
    assert lines[2].startswith(tuple(f"inside sales     {name}" for name in IN_ENGLISH))
    assert lines[2].endswith("   the desk: whom to call next, and why")
    assert len(kept) == 16  # all of them stand in the file


def test_a_real_house_has_its_administrator(home):
    home.accord("init")
    _address, line = printed(home)
    assert line.split()[0] == "admin@accord.local"
    assert line.endswith("Administrator")


def test_a_file_that_somebody_wrote_in_is_printed_as_it_is():
    said = ["admin@accord.local  secret   Administrator", "", "moved", "otto@house.example changed"]
    sign_ins.FILE.write_text("\n".join(said) + "\n", encoding="utf-8")
    try:
        assert sign_ins.printed() == said
    finally:
        sign_ins.FILE.unlink()
