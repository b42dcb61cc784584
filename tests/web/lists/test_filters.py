"""What a filter of a list finds is what reading every record would find."""

import re
from datetime import timedelta

import pytest

from accord.kernel import clock, fields
from accord.kernel.text import normalise
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Company, Contact
from accord.web.lists.filters import read as read_condition
from accord.web.people.listings import CONTACTS
from tests.remembered import remembered
from tests.web.page import main, names, whole

pytestmark = pytest.mark.both

CHINESE, BRITISH = {"country": "China"}, {"title": "Director of Works"}
PEOPLE = [
    {
        "name": "陈思远",
        "email": "siyuan@hengrui.example",
        "title": "设备部经理",
        "budget": "5000",
        "company": "恒锐精密",
    }
    | CHINESE,
    {
        "name": "Дмитрий Соколов",
        "email": "dima@volga.example",
        "title": "Инженер",
        "country": "Russia",
        "company": "Волга",
    },
    {"name": "Анна Белова", "country": "Russia", "budget": "12000.5", "medium": "HCl", "visited": "2026-01-15"},
    {
        "name": "Hannah Okafor",
        "email": "hannah@water.example",
        "title": "director",
        "country": "china",
        "budget": "900",
    },
    {"name": "Tom Ashdown", "phone": "+44 20 1", "medium": "NaOH 100%", "visited": "2026-02-01"} | BRITISH,
    {"name": "王丽娜", "country": "中国", "budget": "-3", "medium": "hcl_2", "visited": "2026-01-15"},
]


@pytest.fixture
@remembered
def people(cast, at) -> dict[str, dict[str, str]]:
    """Six contacts by name, with a field of the house's own of text and one of dates."""
    fields.add("contact", "medium", at, label="Dosing medium")
    fields.add("contact", "visited", at, label="Visited", type="date")
    companies = {c: Company.create({"name": c}, by=None, at=at) for c in ("恒锐精密", "Волга")}
    for values in PEOPLE:
        company = {"company": companies[values["company"]].pk} if "company" in values else {}
        Contact.create({**values, **company}, by=None, at=at)
    return {values["name"]: values for values in PEOPLE}


def read(people, holds) -> set[str]:
    """The plain reading: every contact, one after the other."""
    return {name for name, values in people.items() if holds(values)}


def text(slug, holds):
    return lambda values: slug in values and holds(normalise(values[slug]))


def number(slug, holds):
    return lambda values: slug in values and holds(float(values[slug]))


QUESTIONS = [
    ("country:is:CHINA", text("country", lambda v: v in ("china", "中国"))),
    ("country:is:cn", text("country", lambda v: v in ("china", "中国"))),
    ("country:one_of:China|Russland", text("country", lambda v: v in ("china", "中国", "russia"))),
    ("title:contains:DIRECTOR", text("title", lambda v: "director" in v)),
    ("title:contains:部经", text("title", lambda v: "部经" in v)),
    ("title:starts:инж", text("title", lambda v: v.startswith("инж"))),
    ("medium:contains:%", text("medium", lambda v: "%" in v)),
    ("medium:contains:_", text("medium", lambda v: "_" in v)),
    ("medium:starts:hcl", text("medium", lambda v: v.startswith("hcl"))),
    ("title:known", lambda values: "title" in values),
    ("title:unknown", lambda values: "title" not in values),
    ("name:contains:思", text("name", lambda v: "思" in v)),
    ("name:contains:ОЛОВ", text("name", lambda v: "олов" in v)),
    ("name:starts:анна", text("name", lambda v: v.startswith("анна"))),
    ("name:is:hannah okafor", text("name", lambda v: v == "hannah okafor")),
    ("email:known", lambda values: "email" in values),
    ("email:unknown", lambda values: "email" not in values),
    ("email:contains:volga", text("email", lambda v: "volga" in v)),
    ("phone:contains:20", text("phone", lambda v: "20" in v)),
    ("budget:at_least:5000", number("budget", lambda v: v >= 5000)),
    ("budget:at_most:900", number("budget", lambda v: v <= 900)),
    ("budget:is:12 000,5", number("budget", lambda v: v == 12000.5)),
    ("visited:is:15.01.2026", lambda values: values.get("visited") == "2026-01-15"),
    ("visited:at_least:2026-01-16", lambda values: values.get("visited", "") >= "2026-01-16"),
    ("visited:at_most:2026-01-15", lambda values: "" < values.get("visited", "") <= "2026-01-15"),
    ("company:is:волга", lambda values: values.get("company") == "Волга"),
    ("company:contains:精密", lambda values: "精密" in values.get("company", "")),
    ("company:unknown", lambda values: "company" not in values),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "holds"), QUESTIONS, ids=[asked for asked, _ in QUESTIONS])
def test_a_condition_finds_what_a_plain_reading_finds(people, cast, as_, asked, holds):
    expected = read(people, holds)
    assert 0 < len(expected) < len(people)
    assert set(names(as_(cast.mara).get("/contacts/", {"f": asked}))) == expected


@pytest.mark.parametrize("asked", [asked for asked, _ in QUESTIONS])
def test_a_condition_finds_the_same_by_its_index_and_along_the_list_s_order(people, cast, asked):
    """Of a condition that finds many, the order of the list leads; both ways give the same records."""
    condition = read_condition(asked, CONTACTS.columns(), cast.mara)
    here = Contact.objects.here()
    by_index = set(condition.narrow(here).values_list("pk", flat=True))
    assert set(condition.narrow(here, "sort_key").order_by("sort_key").values_list("pk", flat=True)) == by_index
    assert (
        condition.few(Contact) is None
        or set(condition.few(Contact)) & set(here.values_list("pk", flat=True)) == by_index
    )


@pytest.mark.parametrize("sort", ["recent", "name"])
def test_conditions_hold_together(people, cast, as_, sort):
    asked = {"f": ["country:one_of:China|Russia|中国", "budget:at_least:0", "email:known"], "sort": sort}
    assert set(names(as_(cast.mara).get("/contacts/", asked))) == {"陈思远", "Hannah Okafor"}


def test_a_search_of_two_chinese_characters_finds_the_person(people, cast, as_):
    assert names(as_(cast.mara).get("/contacts/", {"q": "思远"})) == ["陈思远"]


def test_a_search_and_a_condition_hold_together(people, cast, as_):
    browser = as_(cast.mara)
    assert set(names(browser.get("/contacts/", {"q": "н", "f": "country:is:russia"}))) == {"Анна Белова"}


@pytest.fixture
@remembered
def namesakes(cast, at) -> list[str]:
    """Sixty called Müller and one who is not; the first 52 are the partner's."""
    called = [f"Ina Müller {number:02}" for number in range(60)]
    for number, name in enumerate([*called, "Ina Muth"]):
        Contact.create({"name": name, **({"owner": cast.paula.pk} if number < 52 else {})}, by=None, at=at)
    return called


@pytest.mark.parametrize("query", ["Müller", "MULL", "a müller", "ü"])
def test_a_search_that_finds_too_many_to_name_each_finds_the_same(namesakes, cast, as_, monkeypatch, query):
    for few in (100, 1):
        monkeypatch.setattr("accord.web.lists.filters.FEW", few)
        found = whole(as_(cast.mara), f"/contacts/?q={query}")
        assert set(found) == {*namesakes, *(["Ina Muth"] if query == "ü" else [])}


@pytest.mark.parametrize("counted", [10, 50, 52, 58, 60])
def test_what_a_search_finds_is_counted_as_far_as_the_member_sees_it(namesakes, cast, as_, monkeypatch, counted):
    """Whether those that it names first are enough to say "more", or are not, or hide what the member does not see."""
    monkeypatch.setattr("accord.web.lists.filters.FEW", 55)
    monkeypatch.setattr("accord.web.lists.filters.COUNTED", counted)
    for member, number in ((cast.mara, 60), (cast.paula, 52)):
        said = f"more than {counted}" if number > counted else str(number)
        assert main(as_(member).get("/contacts/", {"q": "müller"})).startswith(f"Contacts {said} ")


def test_a_condition_that_means_nothing_is_told_and_the_others_hold(people, cast, as_):
    answer = as_(cast.mara).get("/contacts/", {"f": ["budget:at_least:plenty", "country:is:russia"]})
    assert "“plenty” is not a number: write it like 1234.5." in main(answer)
    assert set(names(answer)) == {"Дмитрий Соколов", "Анна Белова"}
    assert 'value="plenty"' in answer.content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        "nonsense",
        "salary:is:1",
        "budget:contains:1",
        "created:at_least:2026-01-01",
        "owner:is:x",
        "owner:is:" + "9" * 30,
        "owner:one_of:" + "9" * 5000,
        "country:contains: ",
        "name:starts:\t",
        "country:is",
        "visited:is:sometime",
    ],
)
def test_what_cannot_be_asked_is_told_and_hides_nobody(people, cast, as_, asked):
    answer = as_(cast.mara).get("/contacts/", {"f": asked})
    assert 'role="alert"' in answer.content.decode()
    assert len(names(answer)) == 6


def test_a_condition_is_filled_in_and_becomes_part_of_the_address(people, cast, as_):
    browser = as_(cast.mara)
    assert "Dosing medium" in main(browser.get("/contacts/"))
    answer = browser.get(
        "/contacts/", {"f": "country:is:China", "field": "budget", "op": "at_least", "value": " 1000 "}
    )
    assert answer["Location"] == "/contacts/?f=country%3Ais%3AChina&f=budget%3Aat_least%3A1000"
    assert names(browser.get(answer["Location"])) == ["陈思远"]


def test_what_a_file_brought_beside_the_choices_is_asked_for_too(cast, as_, at):
    for name, seniority in (("Kim", "vp"), ("Lee", "Senior buyer"), ("Ann", "director")):
        Contact.create({"name": name, "seniority": seniority}, by=cast.mila.pk, at=at)
    browser = as_(cast.mila)
    form = browser.get("/contacts/?open=seniority").content.decode()
    assert '<input type="checkbox" name="value" value="vp">' in form
    assert '<input class="slot" name="value" value=""' in form
    answer = browser.get("/contacts/", {"field": "seniority", "op": "is", "value": ["vp", "Senior Buyer"]})
    assert answer.headers["Location"] == "/contacts/?f=seniority%3Aone_of%3Avp%7CSenior+Buyer"
    assert sorted(names(browser.get(answer.headers["Location"]))) == ["Kim", "Lee"]
    again = browser.get("/contacts/?open=seniority:one_of:vp|Senior Buyer").content.decode()
    assert 'value="vp" checked>' in again
    assert '<input class="slot" name="value" value="Senior Buyer"' in again


def test_a_badly_filled_condition_stays_open_with_what_was_typed(people, cast, as_):
    browser = as_(cast.mara)
    answer = browser.get("/contacts/", {"field": "budget", "op": "at_least", "value": "much"}, follow=True)
    assert "“much” is not a number" in main(answer)
    assert 'name="value" value="much"' in answer.content.decode()
    mended = browser.get(
        "/contacts/", {"field": "budget", "op": "at_least", "value": "9000", "instead": "budget:at_least:much"}
    )
    assert mended["Location"] == "/contacts/?f=budget%3Aat_least%3A9000"


def test_a_chip_names_the_condition_and_takes_it_off(people, cast, as_):
    answer = as_(cast.mara).get("/contacts/", {"f": ["country:is:China", f"owner:one_of:me|{cast.ines.pk}"]})
    assert "Country is China" in main(answer)
    assert "Owner is one of me, Ines Ito" in main(answer)
    assert 'href="?f=country%3Ais%3AChina" aria-label="Remove the filter Owner is one of"' in answer.content.decode()


def test_mine_are_those_i_own(people, cast, as_, at):
    contact = Contact.objects.get(name="Tom Ashdown")
    contact.edit({"owner": cast.ines.pk}, seen=0, by=None, at=at)
    assert names(as_(cast.ines).get("/contacts/", {"f": "owner:is:me"})) == ["Tom Ashdown"]
    assert names(as_(cast.mara).get("/contacts/", {"f": "owner:is:me"})) == []


def heads(answer) -> list[str]:
    found = answer.content.decode().split("<thead>")[1].split("</thead>")[0]
    return re.findall(r"<th[^>]*>([^<]*)</th>", found)


def test_columns_are_chosen_and_stay_chosen(people, cast, as_):
    browser = as_(cast.mara)
    assert heads(browser.get("/contacts/"))[:3] == ["Name", "Company", "Job title"]
    browser.get("/contacts/", {"col": ["budget", "medium", "title", "company"]})
    assert heads(browser.get("/contacts/", {"sort": "name"})) == [
        "Name",
        "Company",
        "Job title",
        "Budget",
        "Dosing medium",
    ]
    assert heads(browser.get("/contacts/", {"c": "medium,nonsense"})) == ["Name", "Dosing medium"]
    assert heads(browser.get("/contacts/")) == ["Name", "Dosing medium"]


def test_names_are_sorted_as_they_sound(people, cast, as_):
    """Chen before Hannah before Tom before Wang; Cyrillic after Latin."""
    found = whole(as_(cast.mara), "/contacts/?sort=name")
    assert found == ["陈思远", "Hannah Okafor", "Tom Ashdown", "王丽娜", "Анна Белова", "Дмитрий Соколов"]


def test_a_day_is_a_day_of_the_reader_s_zone(cast, as_, at):
    """A lead opened on Monday at 23:30 in London was opened on Tuesday in Shanghai."""
    late = at + timedelta(hours=14, minutes=30)
    with clock.moved_to(late):
        Lead.open(Contact.create({"name": "Late"}, by=None, at=late), entry="referral", by=None, at=late)
    asked = {"f": "opened:at_least:2026-03-03"}
    assert names(as_(cast.mara).get("/leads/", asked)) == []
    type(cast.mara).objects.filter(pk=cast.mara.pk).update(zone="Asia/Shanghai")
    assert names(as_(cast.mara).get("/leads/", asked)) == ["Late"]
