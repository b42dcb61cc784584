"""Closing a deal: the reason is chosen, what is wrong stands beside its field, and nothing is half done."""

from datetime import timedelta
from functools import partial
from html import unescape

import pytest

from accord.kernel import clock, journal, traits
from accord.kernel.ledger import Fact
from accord.rooms.content.models import Competitor
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Company, Contact
from tests.web.page import fill, main

pytestmark = pytest.mark.usefixtures("still")
DAY = timedelta(days=1)


@pytest.fixture
def deal(cast, at) -> Deal:
    company = Company.create({"name": "Volga"}, by=None, at=at)
    anna = Contact.create({"name": "Anna", "company": company.pk}, by=None, at=at)
    lead = Lead.open(anna, entry="referral", owner=cast.felix, by=None, at=at)
    values = {"name": "Six pumps", "amount": 24_000_00, "currency": "EUR", "owner": cast.felix.pk}
    return Deal.open(lead=lead, values=values, by=None, at=at)


@pytest.mark.parametrize(
    ("act", "said", "field", "words"),
    [
        ("winning", {"reason": ""}, "reason", "This field is required."),
        ("winning", {"reason": "no_budget"}, "reason", "Select a valid choice"),
        ("winning", {"reason": "other"}, "note", "Say in a few words what the reason was."),
        ("losing", {"reason": "too dear"}, "reason", "Select a valid choice"),
        ("losing", {"reason": "other", "note": " "}, "note", "Say in a few words what the reason was."),
        ("losing", {"reason": "not_now"}, "come_back_on", "say on which day to ask again"),
        ("losing", {"reason": "price", "come_back_on": "2026-03-02"}, "come_back_on", "This day is not ahead"),
        ("losing", {"reason": "price", "come_back_on": "2026-02-30"}, "come_back_on", "Write a day like 2026-12-24."),
        ("giving-back", {"reason": "no_budget"}, "come_back_on", "say on which day to ask again"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(deal, cast, as_, act, said, field, words):
    facts = Fact.objects.count()
    answer = as_(cast.felix).post(f"/deals/{deal.pk}/{act}/", said)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert words in body[body.index(f'id="id_{field}_error"') :].split("</p>")[0]
    assert (Deal.objects.get().outcome, Fact.objects.count()) == ("open", facts)


def test_the_way_back_is_the_page_that_it_was_begun_on(deal, cast, as_):
    browser = as_(cast.felix)
    form = fill(browser.get(f"/deals/{deal.pk}/winning/", {"back": "/pipeline/?view=mine"}), reason="fit")
    assert browser.post(f"/deals/{deal.pk}/winning/", form)["Location"] == "/pipeline/?view=mine"
    assert "Reason Fits their need best" in main(browser.get(f"/deals/{deal.pk}/"))


def test_a_deal_is_lost_to_a_competitor_of_it_and_says_when_to_ask_again(deal, cast, as_):
    browser = as_(cast.felix)
    browser.post(f"/deals/{deal.pk}/competitors/", {"competitor": "Brightflow"})
    page = browser.get(f"/deals/{deal.pk}/losing/")
    assert '<option value="Brightflow">' in page.content.decode()
    form = fill(page, reason="competitor", lost_to="Brightflow", come_back_on="2026-09-01")
    answer = browser.post(f"/deals/{deal.pk}/losing/", form, follow=True).content.decode()
    assert "“Six pumps” is lost." in unescape(answer)
    assert '<a href="/pipeline/?view=back">It comes back on Sep 1, 2026.</a>' in answer
    text = main(browser.get(f"/deals/{deal.pk}/"))
    assert "Lost Decided for somebody else · Brightflow Come back on Sep 1, 2026" in text
    assert "Lost to Brightflow" in text
    assert deal.competitors.count() == 1
    browser.post(f"/deals/{deal.pk}/reopening/")
    assert "Come back on" not in main(browser.get(f"/deals/{deal.pk}/"))


def test_a_competitor_that_is_new_is_kept_with_the_lost_deal(deal, cast, as_):
    browser = as_(cast.felix)
    browser.post(f"/deals/{deal.pk}/losing/", {"reason": "competitor", "lost_to": "Grundig Flow"})
    assert deal.competitors.get().competitor.name == "Grundig Flow"
    assert "Lost to Grundig Flow" in main(browser.get(f"/deals/{deal.pk}/"))


def test_half_a_competitors_name_is_asked_about(deal, cast, as_):
    browser = as_(cast.felix)
    browser.post(f"/deals/{deal.pk}/competitors/", {"competitor": "Brightflow"})
    said = {"reason": "competitor", "lost_to": "Brightf"}
    page = browser.post(f"/deals/{deal.pk}/losing/", said)
    assert page.status_code == 422
    assert "There is no competitor “Brightf” yet." in main(page)
    assert [field.name for field in page.context["form"]][:3] == ["reason", "lost_to", "meant"]
    browser.post(f"/deals/{deal.pk}/losing/", said | {"meant": "brightflow"})
    assert "Lost to Brightflow" in main(browser.get(f"/deals/{deal.pk}/"))
    assert Competitor.objects.count() == 1


def test_what_is_not_known_of_a_deal_is_named(deal, cast, as_):
    assert "Not known: Expected close" in main(as_(cast.felix).get(f"/deals/{deal.pk}/"))


def test_in_the_last_stage_no_move_is_chosen_before(deal, cast, as_):
    browser = as_(cast.felix)
    assert '<option value="discovery" selected>' in browser.get(f"/deals/{deal.pk}/").content.decode()
    browser.post(f"/deals/{deal.pk}/moves/", {"seen": "qualified", "stage": "signing"})
    body = browser.get(f"/deals/{deal.pk}/").content.decode()
    assert '<option value="" selected disabled>' in body
    assert '<option value="qualified">' in body


def test_given_back_with_a_day_its_owner_is_woken_on_it(deal, cast, as_, at):
    browser = as_(cast.felix)
    form = fill(browser.get(f"/deals/{deal.pk}/giving-back/"), come_back_on="2026-09-01", note="After the rebuilding")
    assert form["reason"] == "not_now"
    browser.post(f"/deals/{deal.pk}/giving-back/", form)
    journal.drain()
    deal = Deal.objects.select_related("lead").get()
    assert (deal.outcome, deal.lead.stage) == ("lost", "recycled")
    task = Task.objects.open().get(lead=deal.lead, kind="wake")
    assert (task.owner, task.due_at.isoformat()) == (cast.felix, "2026-09-01T09:00:00+00:00")
    text = main(browser.get(f"/deals/{deal.pk}/"))
    assert "In their words After the rebuilding" in text
    assert "Deal lost: Six pumps" in text
    browser.post(f"/deals/{deal.pk}/reopening/")
    journal.drain()
    assert not Task.objects.open().filter(kind="wake").exists()
    assert traits.now("deal", [deal.pk])[deal.pk]["come_back_on"].text is None


def test_a_lost_deal_with_a_day_wakes_its_owner_as_well(deal, cast, at):
    deal.lose(reason="price", come_back_on=(at + 30 * DAY).date(), by=cast.felix.pk, at=at)
    journal.drain()
    task = Task.objects.open().get(kind="wake")
    assert (task.lead_id, task.owner, task.due_at.date()) == (deal.lead_id, cast.felix, (at + 30 * DAY).date())


def test_lost_again_with_the_same_day_its_owner_is_woken_all_the_same(deal, cast, at):
    day = (at + 30 * DAY).date()
    deal.lose(reason="price", come_back_on=day, by=cast.felix.pk, at=at)
    journal.drain()
    for hour, verb in ((1, deal.reopen), (2, partial(deal.lose, reason="price", come_back_on=day))):
        with clock.moved_to(at + timedelta(hours=hour)):
            verb(by=cast.felix.pk, at=at + timedelta(hours=hour))
            journal.drain()
            deal.refresh_from_db()
    assert Task.objects.open().get(kind="wake").due_at.date() == day
    assert Task.objects.filter(kind="wake").count() == 2


def test_a_lost_deal_without_a_day_wakes_nobody(deal, at):
    deal.lose(reason="price", by=None, at=at)
    journal.drain()
    assert not Task.objects.filter(kind="wake").exists()


@pytest.mark.parametrize("act", ["winning", "losing", "giving-back"])
def test_whoever_comes_after_the_end_is_told_at_once(deal, cast, as_, at, act):
    deal.lose(reason="price", by=None, at=at)
    answer = as_(cast.felix).get(f"/deals/{deal.pk}/{act}/", follow=True)
    assert answer.redirect_chain[0][0] == f"/deals/{deal.pk}/"
    assert "Somebody was faster: this deal is Lost." in answer.content.decode()


def test_a_win_that_no_agreement_hands_over_says_so(deal, cast, as_, at):
    deal.win(reason="fit", by=None, at=at)
    text = main(as_(cast.felix).get(f"/deals/{deal.pk}/"))
    assert "The agreement in force hands over nothing that is won" in text


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"amount": "-5"}, "amount", "An amount cannot be below zero"),
        ({"currency": "ZZZ"}, "currency", "Write the three letters of the currency"),
        ({"expected_close": "2026-03-01"}, "expected_close", "This day is over"),
    ],
)
def test_the_form_of_a_deal_refuses_what_it_cannot_have(deal, cast, as_, typed, field, words):
    browser, address = as_(cast.felix), f"/deals/{deal.pk}/edit/"
    answer = browser.post(address, fill(browser.get(address), **typed))
    body = answer.content.decode()
    assert answer.status_code == 422
    assert words in body[body.index(f'id="id_{field}_error"') :].split("</p>")[0]
    assert (Deal.objects.get().version, Deal.objects.get().amount_minor) == (0, 24_000_00)


def test_a_stage_chosen_in_the_form_is_a_move(deal, cast, as_):
    browser, address = as_(cast.felix), f"/deals/{deal.pk}/edit/"
    browser.post(address, fill(browser.get(address), stage="signing"))
    assert Deal.objects.get().stage == "signing"
    assert "Deal in Signing: Six pumps" in main(browser.get(f"/deals/{deal.pk}/"))
