import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Company, Contact


@pytest.fixture
def known(cast, at):
    """A company with one person, who has a lead of Paula's and a deal; and somebody else."""
    by = cast.ada.pk
    company = Company.create({"name": "苏州恒锐精密机械", "domain": "hengrui.example"}, by=by, at=at)
    chen = Contact.create({"name": "陈思远", "email": "chen@hengrui.example", "company": company.pk}, by=by, at=at)
    Contact.create({"name": "Hannah Okafor", "email": "hannah@brightwater.example"}, by=by, at=at)
    lead = Lead.open(chen, entry="partner", by=by, at=at, owner=cast.paula)
    deal = Deal.open(lead=lead, contact=chen, company=company, values={"name": "两台 DX-60"}, by=by, at=at)
    return {"chen": chen, "company": company, "lead": lead, "deal": deal}


def found(browser, query, **headers):
    page = browser.get("/search/", {"q": query}, headers=headers).content.decode()
    return re.findall(r'<li><a href="(/[a-z]+/\d+/)">', page)


def test_two_chinese_characters_find_the_person_the_company_the_lead_and_the_deal(cast, as_, known):
    browser = as_(cast.mara)
    lead = f"/leads/{known['lead'].pk}/"
    assert found(browser, "思远") == [f"/contacts/{known['chen'].pk}/", lead, f"/deals/{known['deal'].pk}/"]
    assert found(browser, "恒锐") == [f"/companies/{known['company'].pk}/", f"/deals/{known['deal'].pk}/"]


def test_any_part_of_a_name_is_enough_whatever_its_case(cast, as_, known):
    hannah = Contact.objects.get(name="Hannah Okafor")
    assert found(as_(cast.mara), "OKAF hann") == [f"/contacts/{hannah.pk}/"]


def test_what_was_sought_is_marked_and_nothing_in_it_is_markup(cast, as_, at):
    Contact.create({"name": "<b>Okafor"}, by=cast.ada.pk, at=at)
    page = as_(cast.mara).get("/search/", {"q": "okaf"}).content.decode()
    assert "&lt;b&gt;<mark>Okaf</mark>or" in page


def test_a_partner_finds_only_their_own(cast, as_, known):
    hidden = Contact.objects.get(name="Hannah Okafor")
    browser = as_(cast.paula)
    assert f"/contacts/{hidden.pk}/" not in found(browser, "Hannah")
    assert f"/leads/{known['lead'].pk}/" in found(browser, "思远")


def test_more_than_are_shown_lead_to_the_list_that_has_them_all(cast, as_, at):
    for number in range(21):
        Contact.create({"name": f"Okafor {number}"}, by=cast.ada.pk, at=at)
    browser = as_(cast.mara)
    page = browser.get("/search/", {"q": "okafor"}).content.decode()
    assert page.count('<li><a href="/contacts/') == 21
    assert '<li><a href="/contacts/?q=okafor">' in page
    assert "These are the first 20: show all" in page
    assert "show all" not in browser.get("/search/", {"q": "okafor 7"}).content.decode()
    quick = browser.get("/search/", {"q": "okafor"}, headers={"HX-Request": "true"}).content.decode()
    assert "These are the first 5: show all" in quick


def test_deals_of_who_was_found_do_not_lead_to_the_list_that_knows_them_by_name_alone(cast, as_, at):
    company = Company.create({"name": "Okafor Ltd"}, by=cast.ada.pk, at=at)
    for number in range(21):
        Deal.open(lead=None, company=company, values={"name": f"Pump {number}"}, by=cast.ada.pk, at=at)
    browser = as_(cast.mara)
    assert "/deals/?q=" not in browser.get("/search/", {"q": "okafor"}).content.decode()
    assert '<a href="/deals/?q=pump">' in browser.get("/search/", {"q": "pump"}).content.decode()


def test_a_record_in_the_trash_is_not_found(cast, as_, known, at):
    hannah = Contact.objects.get(name="Hannah Okafor")
    hannah.trash(by=cast.ada.pk, at=at)
    assert found(as_(cast.mara), "Hannah") == []


def test_nothing_found_says_what_would_be_enough(cast, as_):
    page = as_(cast.mara).get("/search/", {"q": "zzzz"}).content.decode()
    assert "Nothing is called “zzzz”" in page


def test_the_palette_goes_and_creates_as_the_role_may(cast, as_):
    page = as_(cast.paula).get("/search/", headers={"HX-Request": "true"}).content.decode()
    assert "New lead" in page
    assert "New contact" not in page
    assert "Imports" not in page
    assert "<html" not in page


def test_the_number_of_queries_does_not_grow_with_what_is_found(cast, as_, at):
    browser = as_(cast.mara)
    counts = []
    for more in (1, 12):
        for number in range(more):
            contact = Contact.create({"name": f"Zoltan {more} {number}"}, by=cast.ada.pk, at=at)
            Lead.open(contact, entry="referral", by=cast.ada.pk, at=at)
        browser.get("/search/", {"q": "zoltan"})
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get("/search/", {"q": "zoltan"})
        counts.append(len(queries))
    assert counts[0] == counts[1]
