import re

import pytest

from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.rooms.team.models import House

pytestmark = pytest.mark.usefixtures("still")
GIVEN = {
    "name": "Halden Flow", "zone": "Asia/Shanghai", "currency": "CNY", "fiscal_year_start": "4", "calendar": "CN",
    "inside_sales_side": "marketing",
}  # fmt: skip


@pytest.fixture
def ada(cast, as_):
    return as_(cast.ada)


def words(response):
    return re.sub(r"<[^>]*>|\s+", " ", response.content.decode())


def test_the_house_is_settled(ada, cast):
    assert ada.post("/settings/house/", GIVEN).status_code == 302
    house = House.get()
    kept = {name: str(getattr(house, name)) for name in GIVEN}
    assert kept == GIVEN
    assert cast.ines.side(house) == "marketing"


def test_only_what_changed_is_dated(ada):
    ada.post("/settings/house/", GIVEN)
    last = Fact.objects.latest("id").pk
    ada.post("/settings/house/", GIVEN | {"currency": "EUR", "name": "Halden"})
    (told,) = Fact.objects.filter(id__gt=last)
    assert told.payload == {"kind": "house", "fields": ["currency"]}
    assert [t.text for t in Trait.objects.filter(kind="house", field="currency").order_by("id")] == ["CNY", "EUR"]
    ada.post("/settings/house/", GIVEN | {"currency": "EUR", "name": "Halden"})
    assert Fact.objects.latest("id") == told


@pytest.mark.parametrize(
    ("wrong", "value"),
    [
        ("zone", "Europe/Atlantis"),
        ("zone", ""),
        ("currency", "XYZ"),
        ("currency", "DEM"),
        ("fiscal_year_start", "13"),
        ("calendar", "XX"),
        ("inside_sales_side", "none"),
        ("name", ""),
    ],
)
def test_what_does_not_exist_is_refused_by_its_field_and_the_rest_kept(ada, wrong, value):
    before = Fact.objects.count()
    response = ada.post("/settings/house/", GIVEN | {wrong: value})
    form = response.context["form"]
    assert list(form.errors) == [wrong]
    shown = {name: form[name].value() for name in GIVEN}
    assert shown == GIVEN | {wrong: value}
    assert str(form.errors[wrong][0]) in words(response)
    assert (Fact.objects.count(), House.get().name) == (before, "Accord")


def test_both_positions_of_the_switch_are_told(ada):
    said = words(ada.get("/settings/house/"))
    assert "Inside sales qualifies for marketing." in said
    assert "Inside sales answers what marketing hands over." in said


def test_a_lead_cannot_settle_the_house(cast, as_):
    for lead in (cast.mila, cast.saul, cast.eva):
        assert as_(lead).post("/settings/house/", GIVEN).status_code == 403
    assert House.get().currency == "EUR"
