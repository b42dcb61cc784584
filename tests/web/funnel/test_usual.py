"""The age of a lead in its stage: on the list, its view, the desk and the lead page."""

from datetime import timedelta

import pytest

from accord.kernel import clock
from accord.rooms.funnel import usual
from accord.rooms.funnel.models import Lead, Usual
from accord.rooms.people.models import Company, Contact
from tests.web.page import main, names

pytestmark = pytest.mark.django_db


@pytest.fixture
def placed(cast, at):
    """Usual in SQL: 9 days for half, 12 for three quarters, 20 for 95 in 100; in steel 2, 4 and 6. Four stand there."""
    steel = Company.create({"name": "Stahl AG", "industry": "Steel"}, by=None, at=at)
    for name, ago, company in (("Fresh", 5, None), ("Steely", 5, steel.pk), ("Long", 14, None), ("Stalled", 21, None)):
        then = at - timedelta(days=ago)
        with clock.moved_to(then):
            values = {"name": name, **({"company": company} if company else {})}
            contact = Contact.create(values, by=None, at=then)
            lead = Lead.open(contact, entry="referral", owner=cast.ines, by=None, at=then)
            lead.move("to_sql", by=None, at=then)
    told = {"kind": "lead", "stage": "sql", "n": 40, "left": 25, "computed_at": at}
    usual.publish(
        [
            Usual(**told, median=9.0, p75=12.0, p95=20.0),
            Usual(**told, segment="steel", median=2.0, p75=4.0, p95=6.0),
        ],
        at,
    )


def test_the_list_marks_the_age_and_has_a_view_of_those_that_stand_long(placed, cast, as_, at):
    browser = as_(cast.saul)
    with clock.moved_to(at):
        page = browser.get("/leads/").content.decode()
        assert page.count('data-age="long"') == 2
        assert page.count('data-age="stalled"') == 1
        assert '21 d<span class="visually-hidden">, longer than 95 in 100 of those that moved on from here' in page
        assert "Long for its stage</a>" in page
        assert names(browser.get("/leads/?f=usual:is:long")) == ["Steely", "Long", "Stalled"]
        assert names(browser.get("/leads/?f=usual:one_of:stalled")) == ["Stalled"]
        assert "Age in its stage longer than three quarters" in main(browser.get("/leads/?f=usual:is:long"))
        assert names(browser.get("/leads/?f=usual:is:long&f=owner:is:me")) == []
        assert "cannot be asked that" in main(browser.get("/leads/?f=usual:contains:x"))


def test_a_partner_finds_their_own_alone(placed, cast, as_, at):
    with clock.moved_to(at):
        Lead.objects.get(contact__name="Long").assign(cast.paula, by=None, at=at)
        assert names(as_(cast.paula).get("/leads/?f=usual:is:long")) == ["Long"]


def test_desk_and_lead_page_say_what_is_usual(placed, cast, as_, at):
    with clock.moved_to(at):
        desk = main(as_(cast.ines).get("/desk/"))
        assert desk.count("usual 9 d, here 14 d") >= 1
        assert "usual 2 d, here 5 d" in desk
        lead = Lead.objects.get(contact__name="Long")
        assert "usual 9 d, here 14 d" in main(as_(cast.ines).get(f"/leads/{lead.pk}/"))
        usual.publish([], at)
        assert "usual 9 d" not in main(as_(cast.ines).get(f"/leads/{lead.pk}/"))
