"""The list of leads with grade, score, and why in one line."""

import pytest

from accord.kernel import clock
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact
from tests.remembered import remembered
from tests.web.page import main, names, rows
from tests.web.scoring.conftest import on, touched

COLUMNS = "?c=name,grade,score,why"


@pytest.fixture
@remembered
def three(opened, cast):
    """Kim with 30 points, Lee qualified with 20 + 10 + 15, Max with none."""
    with clock.moved_to(on("01-03")):
        lee = Contact.create({"name": "Lee Two", "company": opened.contact.company_id}, by=None, at=on("01-03"))
        free = Contact.create({"name": "Max Three"}, by=None, at=on("01-03"))
    for day in range(4, 9):
        touched(lee, "download", f"01-{day:02}")
    touched(lee, "event_attended", "01-08")
    touched(free, "form", "01-08")


def ask(browser, query):
    with clock.moved_to(on("01-08")):
        return browser.get(f"/leads/{query}")


def test_grade_score_and_why_stand_in_the_list(three, cast, as_):
    found = {row[0]: row[1:] for row in rows(ask(as_(cast.ines), COLUMNS))}
    assert found["Lee Two"] == ["B2", "45", "at least 5 × download and fit score of at least 20"]
    assert found["Kim One"][1:] == ["30", "Missing: 2 of 5 × download"]
    assert found["Max Three"][:2] == ["D4", "0"]


def test_the_list_is_sorted_by_score(three, cast, as_):
    assert names(ask(as_(cast.ines), "?sort=score")) == ["Lee Two", "Kim One", "Max Three"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("grade:is:B3", ["Kim One"]),
        ("grade:one_of:B2|D4", ["Lee Two", "Max Three"]),
        ("score:at_least:30", ["Lee Two", "Kim One"]),
        ("score:at_most:0", ["Max Three"]),
    ],
)
def test_the_list_is_filtered_by_grade_and_score(three, cast, as_, asked, found):
    assert sorted(names(ask(as_(cast.ines), f"?f={asked}"))) == sorted(found)


@pytest.mark.parametrize("asked", ["score:at_least:many", "why:contains:check", "score:contains:3"])
def test_what_cannot_be_asked_is_said(three, cast, as_, asked):
    page = ask(as_(cast.ines), f"?f={asked}")
    assert page.status_code == 200
    assert "The other conditions hold." in main(page)


def test_a_lead_without_a_score_shows_none(k_free, cast, as_, at):
    from accord.rooms.funnel.models import Lead

    Lead.open(k_free, entry="marketing", by=None, at=at)
    assert rows(as_(cast.ines).get(f"/leads/{COLUMNS}")) == [["Nobody Yet", "", "", ""]]


def test_a_place_in_the_order_that_is_none_begins_again(three, cast, as_):
    assert len(names(ask(as_(cast.ines), "?sort=score&after=x~1"))) == 3
    first = Lead.objects.get(contact__name="Lee Two")
    assert names(ask(as_(cast.ines), f"?sort=score&after=45.0~{first.pk}")) == ["Kim One", "Max Three"]


def test_more_leads_ask_no_more_queries(three, cast, as_, django_assert_max_num_queries):
    browser = as_(cast.ines)
    ask(browser, COLUMNS)
    with django_assert_max_num_queries(70) as few:
        ask(browser, COLUMNS)
    for number in range(4):
        with clock.moved_to(on("01-08")):
            contact = Contact.create({"name": f"More {number}"}, by=None, at=on("01-08"))
        touched(contact, "form", "01-08")
    with django_assert_max_num_queries(len(few)):
        ask(browser, COLUMNS)
