"""Briefs: of what marketing wrote for sellers, the page that fits somebody best."""

import pytest

from accord.kernel import clock
from accord.rooms.content.briefs import brief_for
from accord.rooms.content.models import Asset
from accord.rooms.people.models import Contact
from tests.scenarios.living import company, contact, on

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("house")]


@pytest.fixture
def at():
    return on("2025-12-30")


def written(name: str, day: str = "2026-01-02", **values) -> Asset:
    with clock.moved_to(on(day)):
        return Asset.create({"name": name, "brief": f"Of {name}.", **values}, by=None, at=on(day))


def anna(title: str = "Head of Procurement", industry: str = "Paper") -> Contact:
    employer = company(name=f"Mill of {industry}", industry=industry)
    return contact("anna", title=title, company=employer.pk)


def test_the_one_that_names_most_of_somebody(cast):
    whose = anna()
    assert brief_for(whose, cast.ines) is None
    for name, said in {
        "Anybody": {}, "Paper mills": {"industry": "paper"}, "Buyers": {"persona": "procurement"},
        "Buyers of paper mills": {"industry": "Paper", "persona": "Procurement"},
        "Buyers of water works": {"industry": "Water", "persona": "Procurement"},
    }.items():  # fmt: skip
        written(name, **said)
    found = brief_for(whose, cast.ines)
    assert (str(found.asset), found.text) == ("Buyers of paper mills", "Of Buyers of paper mills.")
    assert (found.industry, found.persona, found.written_at) == ("Paper", "Procurement", on("2026-01-02"))


def test_of_equals_the_newest_and_none_from_the_trash(cast):
    whose = anna()
    written("Paper, last year", industry="Paper")
    newer = written("Paper, this year", "2026-02-02", industry="Paper")
    assert brief_for(whose, cast.ines).asset == newer
    newer.trash(by=None, at=on("2026-02-03"))
    assert str(brief_for(whose, cast.ines).asset) == "Paper, last year"


def test_what_is_for_others_or_says_nothing_is_for_nobody_here(cast):
    with clock.moved_to(on("2026-01-02")):
        Asset.create({"name": "Empty", "industry": "Paper"}, by=None, at=on("2026-01-02"))
    written("Of engineers", persona="engineer")
    assert brief_for(anna(), cast.ines) is None
    assert brief_for(contact("bert", title="Chief Engineer"), cast.ines).text == "Of Of engineers."
    assert brief_for(contact("carl"), cast.paula) is None
