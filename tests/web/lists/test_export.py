"""A file holds exactly what the page shows, and nothing in it runs."""

import csv
import io

import pytest

from accord.kernel import ledger, traits
from accord.rooms.funnel.models import Deal
from accord.rooms.people.models import Contact
from accord.web.lists.export import AT_ONCE
from tests.web.page import names


def read(answer) -> list[list[str]]:
    body = b"".join(answer).decode()
    assert body[0] == "\ufeff"
    return list(csv.reader(io.StringIO(body[1:])))


@pytest.fixture
def three(cast, at, still):
    Contact.create({"name": "陈思远", "country": "China", "phone": "+86 512 5550"}, by=None, at=at)
    Contact.create({"name": '=HYPERLINK("http://x")', "country": "China", "title": "@SUM(A1)"}, by=None, at=at)
    Contact.create({"name": "Анна, «Волга»", "country": "Russia"}, by=None, at=at)


def test_the_file_holds_the_rows_and_columns_of_the_page(three, cast, as_):
    browser, asked = as_(cast.mara), {"f": "country:is:China", "c": "name,title,phone", "sort": "name"}
    answer = browser.get("/contacts/export/", asked)
    lines = read(answer)
    assert answer["Content-Disposition"] == 'attachment; filename="contacts-2026-03-02.csv"'
    assert lines[0] == ["Name", "Job title", "Phone"]
    assert len(lines) - 1 == len(names(browser.get("/contacts/", asked))) == 2
    assert ["陈思远", "", "'+86 512 5550"] in lines


def test_nothing_in_the_file_is_a_formula(three, cast, as_):
    lines = read(as_(cast.mara).get("/contacts/export/", {"f": "title:known", "c": "name,title"}))
    assert lines[1] == ['\'=HYPERLINK("http://x")', "'@SUM(A1)"]


def test_amounts_and_days_are_written_for_programs(cast, as_, at, still):
    contact = Contact.create({"name": "A"}, by=None, at=at)
    values = {"name": "Pumps", "currency": "EUR", "expected_close": "2026-05-06"}
    deal = Deal.open(lead=None, contact=contact, values=values, by=None, at=at)
    with ledger.write(at) as writing:
        traits.put(writing, "deal", deal.pk, {"amount": -1234_50}, at)
    lines = read(as_(cast.mara).get("/deals/export/", {"c": "name,amount,currency,expected_close,opened,age,outcome"}))
    assert lines[1] == ["Pumps", "-1234.50", "EUR", "2026-05-06", "2026-03-02 09:00", "0", "Open"]


def test_a_file_longer_than_one_reading_is_whole(many, cast, as_):
    many(2 * AT_ONCE + 1)
    lines = read(as_(cast.mara).get("/contacts/export/", {"c": "name,email"}))
    assert len(lines) == 1 + 2 * AT_ONCE + 1
    assert lines[-1] == ["Anna", "0@x.example"]
    assert len({email for _, email in lines}) == len(lines)


@pytest.mark.parametrize("address", ["/contacts/export/", "/companies/export/", "/leads/export/", "/deals/export/"])
def test_a_partner_takes_no_file_away(cast, as_, address):
    assert as_(cast.paula).get(address).status_code == 403
    assert "/export/" not in as_(cast.paula).get(address.replace("export/", "")).content.decode()


def test_an_empty_list_is_a_file_with_heads(cast, as_):
    assert len(read(as_(cast.mara).get("/leads/export/"))) == 1
