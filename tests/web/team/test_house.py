import re
from datetime import date

import pytest

from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.rooms.team.models import DayOff, House

pytestmark = pytest.mark.usefixtures("still")
GIVEN = {
    "name": "Halden Flow", "zone": "Asia/Shanghai", "currency": "CNY", "fiscal_year_start": "4", "calendar": "CN",
    "hours": "mon-fri 09:00-12:00 13:30-18:00", "inside_sales_side": "marketing",
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


def test_currencies_are_called_in_the_language_of_whoever_reads(ada, cast, as_):
    assert "CNY · Chinese Yuan" in words(ada.get("/settings/house/"))
    ada.post("/language/", {"language": "zh-hans"})
    assert "CNY · 人民币" in words(ada.get("/settings/house/"))


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
        ("hours", "nine to five"),
        ("hours", "mon-fri 17:00-09:00"),
        ("hours", ""),
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


def test_hours_that_cannot_be_read_say_how_they_are_written(ada):
    response = ada.post("/settings/house/", GIVEN | {"hours": "nine to five"})
    assert response.context["form"].errors["hours"] == [
        "“nine to five” says no working hours: write them like “Mon–Fri 09:00–17:00; Sat 10:00–14:00”."
    ]


@pytest.mark.parametrize(
    ("language", "typed", "kept", "shown"),
    [
        ("en", "Monday – Friday 9:00 - 17:00", "mon - fri 9:00 - 17:00", "Mon–Fri 09:00–17:00"),
        ("zh-hans", "周一至周五 09:00–12:00、13:30–18:00；星期六 10:00–14:00",
         "mon-fri 09:00-12:00,13:30-18:00;sat 10:00-14:00", "周一至周五 09:00–17:00"),
    ],
)  # fmt: skip
def test_hours_are_written_and_shown_with_the_days_of_the_reader_s_language(ada, language, typed, kept, shown):
    ada.post("/language/", {"language": language})
    assert f'value="{shown}"' in ada.get("/settings/house/").content.decode()
    ada.post("/settings/house/", GIVEN | {"hours": typed})
    assert House.get().hours == kept


def test_hours_that_nobody_touched_are_not_changed(ada):
    ada.post("/settings/house/", GIVEN)
    shown = re.search(r'name="hours" value="([^"]*)"', ada.get("/settings/house/").content.decode())[1]
    assert shown == "Mon–Fri 09:00–12:00 13:30–18:00"
    last = Fact.objects.latest("id")
    ada.post("/settings/house/", GIVEN | {"hours": shown})
    assert Fact.objects.latest("id") == last


DAY = {"day": "2026-10-10", "works": "yes", "label": "for 5 October"}


def test_the_house_says_of_a_day_that_it_is_worked_and_takes_it_back(ada):
    page = ada.post("/settings/house/days/", DAY, follow=True)
    assert "On Oct 10, 2026 people work." in words(page)
    kept = DayOff.objects.get()
    assert (kept.date, kept.works, kept.label) == (date(2026, 10, 10), True, "for 5 October")
    ada.post("/settings/house/days/", DAY | {"works": "no", "label": "Outing"})
    kept.refresh_from_db()
    assert (kept.works, kept.label) == (False, "Outing")
    assert "Outing" in words(ada.get("/settings/house/"))

    gone = ada.post(f"/settings/house/days/{kept.pk}/removal/", follow=True)
    assert "Oct 10, 2026 is as the calendar has it again." in words(gone)
    assert not DayOff.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"day": "10 October"}, "Write a day like 2026-12-24."),
        ({"day": "1900-01-01"}, "This day is far from today: choose one within three years."),
        ({"day": "2099-12-31"}, "This day is far from today: choose one within three years."),
        ({"day": ""}, "This field is required."),
        ({"works": "perhaps"}, "Select a valid choice."),
    ],
)
def test_a_day_that_cannot_be_is_refused_by_its_field(ada, wrong, told):
    facts = Fact.objects.count()
    response = ada.post("/settings/house/days/", DAY | wrong)
    form = response.context["day_form"]
    assert list(form.errors) == list(wrong)
    assert told in words(response)
    assert {name: form[name].value() for name in DAY} == DAY | wrong
    assert (DayOff.objects.count(), Fact.objects.count()) == (0, facts)


def test_a_country_that_moves_working_days_says_until_when_they_are_known(ada, house):
    assert "they are known until" not in words(ada.get("/settings/house/"))
    House.objects.update(calendar="CN")
    assert "they are known until Dec 31, 2026." in words(ada.get("/settings/house/"))


def test_a_lead_sets_no_day(cast, as_):
    DayOff.objects.create(date=date(2026, 10, 10), works=True)
    for lead in (cast.mila, cast.saul, cast.eva):
        assert as_(lead).post("/settings/house/days/", DAY | {"day": "2026-10-11"}).status_code == 403
        assert as_(lead).post(f"/settings/house/days/{DayOff.objects.get().pk}/removal/").status_code == 403
    assert DayOff.objects.get().date == date(2026, 10, 10)
