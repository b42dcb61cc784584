"""The page of leads that nobody would look for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact
from tests.remembered import remembered
from tests.web.page import main, names, whole


def test_it_names_the_lead_and_what_is_missing(cast, as_, still):
    contact = Contact.create({"name": "Anna Alt"}, by=None, at=still)
    lead = Lead.open(contact, entry="partner", owner=cast.felix, by=None, at=still)
    page = as_(cast.saul).get("/insight/leaks/").content.decode()
    assert "Nothing leaks" in page
    lead.move("to_sal", by=cast.felix.pk, at=still)
    page = as_(cast.saul).get("/insight/leaks/").content.decode()
    assert "Anna Alt" in page
    assert "No next date" in page
    assert "Of 1 open leads 1 stands where nobody would look for it" in page
    lines = as_(cast.saul).get("/insight/leaks/figures.csv").content.decode()
    assert lines.splitlines()[1].split(",")[2:] == ["sal", "next_date"]


def test_a_partner_sees_leaks_of_their_own_leads_alone(cast, as_, still):
    lead = Lead.open(Contact.create({"name": "Ann"}, by=None, at=still), entry="marketing", by=cast.ada.pk, at=still)
    lead.move("to_sal", by=cast.ada.pk, at=still)
    assert "Ann" not in main(as_(cast.paula).get("/insight/leaks/"))
    lead.assign(cast.paula, by=cast.ada.pk, at=still)
    assert "Ann" in main(as_(cast.paula).get("/insight/leaks/"))


@pytest.fixture
@remembered
def five(cast, still):
    """Five leads in the hands of sales without a next date."""
    for number in range(5):
        contact = Contact.create({"name": f"Idle {number}"}, by=None, at=still)
        lead = Lead.open(contact, entry="partner", owner=cast.felix, by=None, at=still)
        lead.move("to_sal", by=cast.felix.pk, at=still)


def test_many_are_shown_page_by_page_and_all_are_in_the_file(five, cast, as_, monkeypatch):
    monkeypatch.setattr("accord.web.insight.leaking.PAGE", 2)
    browser = as_(cast.saul)
    page = browser.get("/insight/leaks/")
    assert "Of 5 open leads 5 stand" in main(page)
    assert "No next date 5" in main(page)
    assert names(page) == ["Idle 0", "Idle 1"]
    assert whole(browser, "/insight/leaks/") == [f"Idle {n}" for n in range(5)]
    assert len(browser.get("/insight/leaks/figures.csv").content.decode().splitlines()) == 1 + 5
    assert names(browser.get("/insight/leaks/?after=nonsense")) == ["Idle 0", "Idle 1"]


def test_a_counter_opens_its_leads(five, cast, as_, monkeypatch):
    monkeypatch.setattr("accord.web.insight.leaking.PAGE", 2)
    browser = as_(cast.saul)
    page = browser.get("/insight/leaks/")
    assert 'href="?missing=owner"' in page.content.decode()
    assert "the funnel names them stalled" in main(page)
    assert names(browser.get("/insight/leaks/?missing=owner")) == []
    assert whole(browser, "/insight/leaks/?missing=next_date") == [f"Idle {n}" for n in range(5)]
    assert len(whole(browser, "/insight/leaks/?missing=nonsense")) == 5


def test_more_leaks_ask_no_more_of_the_database(five, cast, as_, monkeypatch):
    browser, asked = as_(cast.saul), []
    for _warm in range(2):  # the first of which notes that he is here
        browser.get("/insight/leaks/")
    for many in (1, 5):
        monkeypatch.setattr("accord.web.insight.leaking.PAGE", many)
        with CaptureQueriesContext(connection) as queries:
            assert len(names(browser.get("/insight/leaks/"))) == many
        asked.append(len(queries))
    assert asked[0] == asked[1]
