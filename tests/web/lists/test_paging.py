"""Every record stands on one page, whatever happens between two; and a page costs the same however many there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.rooms.people.models import Contact
from accord.web.lists.conditions import Apart
from accord.web.lists.paging import after, ordered
from accord.web.people.listings import BY_NAME
from tests.web.page import main, more, names, whole

MOST_QUERIES = 12


@pytest.mark.both
@pytest.mark.parametrize("sort", ["recent", "name"])
def test_every_record_stands_on_one_page(many, cast, as_, sort):
    called = many()
    found = whole(as_(cast.mara), f"/contacts/?sort={sort}")
    assert sorted(found) == sorted(name or f"{i}@x.example" for i, name in enumerate(called))


@pytest.mark.both
def test_pages_hold_fifty(many, cast, as_):
    many()
    answer = as_(cast.mara).get("/contacts/")
    assert len(names(answer)) == 50
    assert "120" in main(answer)


@pytest.mark.both
def test_what_comes_in_between_pushes_nobody_about(many, cast, as_, at):
    many()
    browser = as_(cast.mara)
    first = browser.get("/contacts/")
    Contact.create({"name": "Newcomer"}, by=None, at=at)
    second = browser.get(f"/contacts/{more(first)}")
    assert names(first)[-1] == "Person 070"
    assert names(second)[0] == "Anna"
    assert "Newcomer" not in names(second)


@pytest.mark.both
def test_more_than_a_thousand_are_not_counted(many, cast, as_):
    many(1001)
    assert "more than 1,000" in main(as_(cast.mara).get("/contacts/"))


@pytest.mark.both
@pytest.mark.parametrize("place", ["x", "~", "a~b", "~99999999999999999999", "Anna~-1"])
def test_a_place_that_is_none_is_the_beginning(many, cast, as_, place):
    many(3)
    assert len(names(as_(cast.mara).get("/contacts/", {"after": place}))) in (0, 3)


@pytest.mark.parametrize("place", ["--5~1", "²~1", "99999999999999999~1", "-99999999999999999~1"])
def test_an_instant_in_a_place_that_is_none_is_the_beginning(world, cast, as_, place):
    world(1)
    assert len(names(as_(cast.mara).get("/leads/", {"sort": "oldest", "after": place}))) == 1


@pytest.mark.parametrize(
    "address",
    [
        "/contacts/",
        "/contacts/?sort=name&f=country:is:China&f=name:starts:a",
        "/contacts/?q=Anna",
        "/leads/",
        "/deals/",
        "/companies/",
    ],
)
def test_a_page_costs_as_many_queries_for_many_as_for_few(world, cast, as_, address):
    world(51)
    browser = as_(cast.mara)
    browser.get(address)
    few = _queries(browser, address)
    world(40)
    assert _queries(browser, address) == few
    assert few <= MOST_QUERIES


def _queries(browser, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert names(browser.get(address))
    return len(caught)


def test_the_index_gives_the_order_of_a_list(db):
    """SQLite must read along the index of the order, not sort what another index finds."""
    here = Contact.objects.here()
    page = ordered(after(here, BY_NAME, "Anna~5"), BY_NAME)[:51]
    assert "contact_sorted" in page.explain()
    assert "TEMP B-TREE" not in page.explain()
    owned = ordered(here.alias(whose=Apart("owner")).filter(whose=1), BY_NAME)[:51]
    assert "contact_sorted" in owned.explain()
