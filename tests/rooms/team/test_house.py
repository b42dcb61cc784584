from datetime import timedelta

import pytest

from accord.kernel import clock, fields, traits
from accord.kernel.ledger import Fact
from accord.rooms.team.models import FieldTaken, House
from accord.rooms.team.queries import by_side

pytestmark = pytest.mark.usefixtures("still")


def test_what_was_settled_earlier_stays_known(house, at):
    house.settle({"currency": "EUR", "fiscal_year_start": 1}, by=None, at=at)
    later = at + timedelta(days=90)
    with clock.moved_to(later):
        house.edit(name="Halden", values={"currency": "CHF", "fiscal_year_start": 4}, by=None, at=later)

    kept = House.get()
    assert (kept.name, kept.currency, kept.fiscal_year_start) == ("Halden", "CHF", 4)
    before = traits.known("house", house.pk, later - timedelta(days=1), later)
    assert (before["currency"].text, before["fiscal_year_start"].number) == ("EUR", 1)


def test_a_field_of_the_house_can_be_filled_at_once(cast, house, at):
    field = house.define_field(
        "company", "pumps", by=cast.ada.pk, at=at, label="Pumps in use", type="number", owner="sales", personal=False
    )
    assert (field.name, field.type, field.custom) == ("company.pumps", "number", True)
    assert fields.of("company")["pumps"].label == "Pumps in use"
    told = Fact.objects.latest("id")
    assert (told.kind, told.payload, told.by_id) == ("field_defined", {"of": "company", "field": "pumps"}, cast.ada.pk)


@pytest.mark.parametrize("slug", ["title", "pumps"])
def test_a_short_name_is_given_once(house, at, slug):
    house.define_field("contact", "pumps", by=None, at=at, label="Pumps", type="number")
    before = Fact.objects.count()
    with pytest.raises(FieldTaken):
        house.define_field("contact", slug, by=None, at=at, label="Other", type="text")
    assert Fact.objects.count() == before
    assert (fields.of("contact")["pumps"].type, fields.of("contact")["pumps"].label) == ("number", "Pumps")


def test_what_is_said_about_a_field_can_change_but_not_about_one_that_ships(house, at):
    house.define_field("contact", "pumps", by=None, at=at, label="Pumps", type="number")
    house.describe_field("contact", "pumps", by=None, at=at, label="Pumps in use", definition="Ours and others’")
    count = Fact.objects.count()
    house.describe_field("contact", "title", by=None, at=at, label="Rank")

    field = fields.of("contact")["pumps"]
    assert (field.label, field.definition, field.type) == ("Pumps in use", "Ours and others’", "number")
    assert str(fields.of("contact")["title"].label) == "Job title"
    assert Fact.objects.count() == count


def test_members_stand_by_side_and_who_left_stands_last(cast, house, at):
    cast.felix.leave(by=cast.ada.pk, at=at)
    everybody = vars(cast).values()

    sides = by_side(everybody, house)
    assert {side: [m.name for m in people] for side, people in sides.items()} == {
        "marketing": ["Mara Meier", "Mila Berg"],
        "sales": ["Ines Ito", "Paula Pires", "Saul Stein", "Felix Roth"],
        "none": ["Ada Adler", "Eva Lang", "Sven Vogt"],
    }
    house.inside_sales_side = "marketing"
    assert [m.name for m in by_side(everybody, house)["marketing"]] == ["Ines Ito", "Mara Meier", "Mila Berg"]
