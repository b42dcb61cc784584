"""Making and changing a contact: what is wrong is told by the field, and what was typed stays."""

import re

import pytest

from accord.kernel import clock, fields, traits
from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.rooms.people.models import Company, Contact
from tests.web.page import fill, main

pytestmark = pytest.mark.usefixtures("still")


def test_a_contact_is_made_with_fields_of_the_house_and_a_new_company(cast, as_, at):
    fields.add("contact", "medium", at, label="Dosing medium")
    browser = as_(cast.mara)
    form = fill(
        browser.get("/contacts/new/"), name="陈思远", email="S@Hengrui.example", company="恒锐精密", medium="HCl"
    )
    answer = browser.post("/contacts/new/", form)
    made = Contact.objects.get(name="陈思远")
    assert answer["Location"] == f"/contacts/{made.pk}/"
    assert made.company.name == "恒锐精密"
    assert {slug: row.text for slug, row in traits.now("contact", [made.pk])[made.pk].items()} == {"medium": "HCl"}
    known = set(Trait.objects.filter(kind="contact", record=made.pk).values_list("field", flat=True))
    assert known == {"name", "email", "company", "medium"}


def test_a_known_company_is_found_by_its_name_whatever_the_case(cast, as_, at):
    company = Company.create({"name": "Волга-Реагент"}, by=None, at=at)
    browser = as_(cast.mara)
    browser.post("/contacts/new/", fill(browser.get("/contacts/new/"), name="Анна", company="волга-реагент"))
    assert Contact.objects.get().company == company
    assert Company.objects.count() == 1


def test_names_of_companies_are_offered_while_one_types(cast, as_, at):
    Company.create({"name": "苏州恒锐精密机械有限公司"}, by=None, at=at)
    Company.create({"name": "Hengst"}, by=None, at=at)
    answer = as_(cast.mara).get("/companies/names/", {"company": "恒锐"})
    assert re.findall(r'<option value="([^"]*)"', answer.content.decode()) == ["苏州恒锐精密机械有限公司"]


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({}, "Write a name, an e-mail address or a phone number"),
        ({"name": "A", "email": "anna at volga"}, "This is no e-mail address"),
        ({"name": "A", "budget": "a lot"}, "“a lot” is not a number: write it like 1234.5."),
        ({"name": "A", "visited": "1/2/2026"}, "“1/2/2026” can be read in two ways"),
        ({"name": "x" * 300}, "Ensure this value has at most 255 characters"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_made(cast, as_, at, typed, complaint):
    fields.add("contact", "visited", at, type="date")
    browser = as_(cast.mara)
    answer = browser.post("/contacts/new/", fill(browser.get("/contacts/new/"), **typed))
    assert complaint in main(answer)
    assert Contact.objects.count() == Fact.objects.filter(kind="contact_created").count() == 0
    for value in typed.values():
        assert f'value="{value}"' in answer.content.decode()


def test_a_probable_duplicate_is_shown_first_and_made_only_when_meant(cast, as_, at):
    known = Contact.create({"name": "Анна Белова", "email": "anna@volga.example"}, by=None, at=at)
    browser = as_(cast.mara)
    form = fill(browser.get("/contacts/new/"), name="A. Belova", email="ANNA@volga.example", title="Engineer")
    answer = browser.post("/contacts/new/", form)
    assert "Probably known already: Анна Белова anna@volga.example Create anyway" in main(answer)
    assert f'href="/contacts/{known.pk}/"' in answer.content.decode()
    assert Contact.objects.count() == 1
    again = browser.post("/contacts/new/", fill(answer, anyway="1"))
    assert again.status_code == 302
    assert Contact.objects.get(name="A. Belova").email == "ANNA@volga.example"


def test_only_what_was_changed_is_recorded(cast, as_, at):
    kept = Contact.create({"name": "Анна", "title": "Инженер", "budget": "900"}, by=None, at=at)
    before = Trait.objects.count()
    browser = as_(cast.mara)
    browser.post(f"/contacts/{kept.pk}/edit/", fill(browser.get(f"/contacts/{kept.pk}/edit/"), title="Director"))
    added = Trait.objects.order_by("id")[before:]
    assert [(trait.field, trait.text, trait.by_id) for trait in added] == [("title", "Director", cast.mara.pk)]


def test_a_value_is_emptied(cast, as_, at):
    company = Company.create({"name": "Волга"}, by=None, at=at)
    kept = Contact.create({"name": "Анна", "title": "Инженер", "company": company.pk}, by=None, at=at)
    browser = as_(cast.mara)
    browser.post(f"/contacts/{kept.pk}/edit/", fill(browser.get(f"/contacts/{kept.pk}/edit/"), title="", company=""))
    kept.refresh_from_db()
    assert kept.company is None
    assert traits.now("contact", [kept.pk])[kept.pk]["title"].text is None


def test_a_lost_race_keeps_what_was_typed_and_shows_both_sides(cast, as_, at):
    kept = Contact.create({"name": "Анна", "title": "Инженер", "country": "Russia"}, by=None, at=at)
    browser = as_(cast.mara)
    form = fill(browser.get(f"/contacts/{kept.pk}/edit/"), title="Director")
    kept.edit({"title": "Buyer", "country": "China"}, seen=0, by=cast.ines.pk, at=at)
    answer = browser.post(f"/contacts/{kept.pk}/edit/", form)
    text = main(answer)
    assert "Somebody else changed this record while you were typing." in text
    assert "Job title Director Buyer Инженер" in text
    assert "Country Russia China Russia" in text
    assert traits.now("contact", [kept.pk])[kept.pk]["title"].text == "Buyer"

    again = fill(answer)
    assert (again["title"], again["country"]) == ("Director", "China")
    assert browser.post(f"/contacts/{kept.pk}/edit/", again).status_code == 302
    now = traits.now("contact", [kept.pk])[kept.pk]
    assert (now["title"].text, now["country"].text) == ("Director", "China")


def test_a_race_over_different_fields_takes_nothing_back(cast, as_, at):
    kept = Contact.create({"name": "Анна", "title": "Инженер"}, by=None, at=at)
    browser = as_(cast.mara)
    form = fill(browser.get(f"/contacts/{kept.pk}/edit/"), country="China")
    kept.edit({"title": "Buyer"}, seen=0, by=cast.ines.pk, at=at)
    browser.post(f"/contacts/{kept.pk}/edit/", fill(browser.post(f"/contacts/{kept.pk}/edit/", form)))
    now = traits.now("contact", [kept.pk])[kept.pk]
    assert (now["title"].text, now["country"].text) == ("Buyer", "China")


def test_a_race_that_is_lost_makes_no_company(cast, as_, at):
    kept = Contact.create({"name": "Анна"}, by=None, at=at)
    browser = as_(cast.mara)
    form = fill(browser.get(f"/contacts/{kept.pk}/edit/"), company="Nobody knows it")
    kept.edit({"title": "Buyer"}, seen=0, by=None, at=at)
    browser.post(f"/contacts/{kept.pk}/edit/", form)
    assert Company.objects.count() == 0


@pytest.mark.parametrize("who", ["paula", "eva"])
def test_who_may_not_edit_changes_nothing(cast, as_, at, who):
    kept = Contact.create({"name": "Анна", "owner": cast.paula.pk}, by=None, at=at)
    browser = as_(getattr(cast, who))
    facts = Fact.objects.count()
    assert browser.get("/contacts/new/").status_code == 403
    assert browser.post("/contacts/new/", {"name": "B"}).status_code == 403
    assert browser.post(f"/contacts/{kept.pk}/edit/", {"name": "B", "seen": 0}).status_code == 403
    assert Fact.objects.count() == facts


def test_an_owner_who_left_stays_chosen(cast, as_, at):
    kept = Contact.create({"name": "Анна", "owner": cast.ines.pk}, by=None, at=at)
    with clock.moved_to(at):
        cast.ines.leave(by=None, at=at)
    form = fill(as_(cast.mara).get(f"/contacts/{kept.pk}/edit/"))
    assert form["owner"] == str(cast.ines.pk)


def test_rank_and_language_are_chosen_by_name_and_what_a_file_brought_stays(cast, as_, at):
    known = {"name": "Kim", "seniority": "vp", "language": "zh"}
    kim = Contact.create(known, by=cast.mila.pk, at=at)
    lee = Contact.create({"name": "Lee", "seniority": "Senior buyer"}, by=cast.mila.pk, at=at)
    browser = as_(cast.ines)
    form = browser.get(f"/contacts/{kim.pk}/edit/").content.decode()
    assert '<option value="vp" selected>Vice president</option>' in form
    assert '<option value="zh" selected>Chinese</option>' in form
    told = main(browser.get(f"/contacts/{kim.pk}/"))
    assert "Seniority Vice president" in told
    assert "Language Chinese" in told
    free = browser.get(f"/contacts/{lee.pk}/edit/")
    assert '<option value="Senior buyer" selected>Senior buyer</option>' in free.content.decode()
    browser.post(f"/contacts/{lee.pk}/edit/", fill(free, name="Lee Ann"))
    lee.refresh_from_db()
    kept = traits.now("contact", [lee.pk])[lee.pk]
    assert (lee.name, kept["seniority"].text) == ("Lee Ann", "Senior buyer")


def test_countries_are_offered_by_their_names_in_the_readers_language(cast, as_):
    browser = as_(cast.ines)
    page = browser.get("/contacts/new/").content.decode()
    assert 'list="known-country"' in page
    assert '<option value="Sweden">' in page
    browser.post("/language/", {"language": "zh-hans"})
    assert '<option value="瑞典">' in browser.get("/companies/new/").content.decode()
