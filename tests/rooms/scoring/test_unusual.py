"""What no random document asks, against the plain reading."""

import pytest

from accord.kernel import fields
from tests.rooms.scoring import plain
from tests.rooms.scoring.plain_known import Attribute, World
from tests.rooms.scoring.test_expression import LATER, replayed, scores, told
from tests.rooms.scoring.test_plain import at_least, document, move, on, touch, value


@pytest.fixture
def topics(db, at):
    """Assets have a field of this house's own."""
    fields.add("asset", "topic", at)


def holds_as_it_is_read(world: World, rule: dict) -> dict:
    found = replayed(world, rule, LATER)
    assert found == told(plain.scores(world, rule, LATER, LATER))
    return found


def about(topic: str) -> Attribute:
    return Attribute("asset", "a1", "topic", topic, on("01-05"), on("01-05"))


def test_a_document_may_ask_for_more_attributes_than_an_integer_has_bits(topics):
    rules = [
        {"id": f"r{n}", "points": n, "when": {"touch": "download", "where": [{"asset": "topic", "is": f"t{n}"}]}}
        for n in range(1, 81)
    ]
    world = World(touches=[touch("download", "01-02", asset="a1"), touch("page", "01-06")], attributes=[about("t70")])
    rule = document({"score": "engagement", "at_least": 70}, engagement=rules)
    assert list(holds_as_it_is_read(world, rule)) == ["K"]
    assert scores(world, rule, LATER, LATER)["K"][1] == 70


@pytest.mark.parametrize("days", [1e9, 1e12])
def test_a_window_may_be_longer_than_all_of_history(db, days):
    world = World(touches=[touch("download", "01-02"), touch("download", "01-09")])
    assert list(holds_as_it_is_read(world, document(at_least(2, within_days=days)))) == ["K"]


def test_whoever_waits_for_ever_does_not_qualify_again(db):
    world = World(
        touches=[touch("download", "01-02"), touch("download", "01-05")], transitions=[move("returned", "01-03")]
    )
    rule = document(at_least(1), leads={"requalify": {"wait_days": 1e9}})
    assert holds_as_it_is_read(world, rule) == {"K": [("2026-01-02T00:00:00Z", "returned")]}


def test_a_colleagues_touch_opens_for_an_asset_that_turned_into_what_opens(topics):
    """The asset of 01-02 turns on 01-05; that is no fact, the colleague's page of 01-07 is one."""
    world = World(
        traits=[value("contact.company", "Z", "01-01", contact=one) for one in ("K", "L")],
        touches=[touch("download", "01-02", asset="a1"), touch("page", "01-07", contact="L")],
        attributes=[about("pricing")],
    )
    world.traits.append(value("contact.title", "x", "01-09"))
    opening = {"touch": ["download"], "where": [{"asset": "topic", "is": "pricing"}]}
    rule = document({"any": [at_least(1), at_least(99, of="company")]}, leads={"open_on": opening})
    assert holds_as_it_is_read(world, rule) == {"K": [("2026-01-07T00:00:00Z", None)]}


@pytest.mark.parametrize("said", [-0.0, [-0.0, 3]])
def test_nothing_equals_nothing_whatever_its_sign(db, said):
    world = World(touches=[touch("download", "01-02", properties={"number": said})])
    assert list(holds_as_it_is_read(world, document(at_least(1, where=[{"property": "number", "is": 0}])))) == ["K"]


def test_the_company_of_a_contact_is_a_text_its_external_id(db):
    world = World(
        traits=[value("contact.company", "Acme Nord", "01-01"), value("contact.company", "Zeta", "01-05")],
        touches=[touch("download", "01-02"), touch("download", "01-06")],
    )
    rules = [
        {"id": "is", "points": 1, "when": {"field": "contact.company", "is": "ＡＣＭＥ nord"}},
        {"id": "starts", "points": 2, "when": {"field": "contact.company", "starts_with": "acme"}},
        {"id": "in", "points": 4, "when": {"field": "contact.company", "in": ["zeta", "co2"]}},
    ]
    rule = document({"score": "fit", "at_least": 3}, fit=rules)
    assert holds_as_it_is_read(world, rule) == {"K": [("2026-01-02T00:00:00Z", None)]}
    assert scores(world, rule, on("01-04"), LATER)["K"][0] == 1 + 2
    assert scores(world, rule, LATER, LATER)["K"][0] == 4
