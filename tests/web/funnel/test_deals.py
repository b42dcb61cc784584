"""Deals: amounts as people write them, won and lost with a reason, and the leads that belong to them."""

from datetime import timedelta

import pytest

from accord.kernel import clock, traits
from accord.kernel.ledger import Fact
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Company, Contact
from tests.remembered import remembered
from tests.web.page import fill, main, names, rows, words

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
@remembered
def lead(cast, at) -> Lead:
    company = Company.create({"name": "Волга"}, by=None, at=at)
    anna = Contact.create({"name": "Анна Белова", "company": company.pk}, by=None, at=at)
    return Lead.open(anna, entry="referral", owner=cast.ines, by=None, at=at)


@pytest.fixture
@remembered
def deal(lead, cast, at) -> Deal:
    values = {"name": "Six pumps", "amount": 24_000_00, "currency": "EUR", "owner": cast.felix.pk}
    return Deal.open(lead=lead, values=values, by=cast.felix.pk, at=at)


def test_a_deal_is_opened_from_its_lead(lead, cast, as_):
    browser = as_(cast.felix)
    form = fill(
        browser.get("/deals/new/", {"lead": lead.pk}),
        name="2 × DX-60",
        amount="€ 24.500,50",
        expected_close="2026-06-30",
    )
    assert form["currency"] == "EUR"
    answer = browser.post(f"/deals/new/?lead={lead.pk}", form)
    made = Deal.objects.get()
    assert answer["Location"] == f"/deals/{made.pk}/"
    assert (made.amount_minor, made.currency, made.expected_close, made.owner) == (
        24_500_50,
        "EUR",
        "2026-06-30",
        cast.felix,
    )
    lead.refresh_from_db()
    assert lead.stage == "opportunity"


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"amount": "1,234"}, "“1,234” can be read in two ways: write 1234, or 1.234 if that is meant."),
        ({"amount": "12.500"}, "“12.500” can be read in two ways: write 12500, or 12.5 if that is meant."),
        ({"amount": "USD 5"}, "convert it, or choose that currency."),
        ({"amount": "5.255"}, "can be read in two ways"),
        ({"amount": "5.2555"}, "has more decimals than EUR has (2): round it."),
        ({"amount": "plenty"}, "is not an amount"),
        ({"amount": "5", "currency": ""}, "An amount needs its currency."),
        ({"amount": "5", "currency": "EURO"}, "at most 3 characters"),
        ({"amount": "5", "currency": "E1R"}, "Write the three letters of the currency"),
        ({"name": "", "amount": ""}, "Say in a few words what is to be sold."),
        ({"expected_close": "soon"}, "“soon” is not a date"),
    ],
)
def test_what_is_wrong_is_told_by_the_field(lead, cast, as_, typed, complaint):
    browser = as_(cast.felix)
    answer = browser.post(
        f"/deals/new/?lead={lead.pk}", fill(browser.get("/deals/new/", {"lead": lead.pk}), **{"name": "x", **typed})
    )
    assert answer.status_code == 422
    assert complaint in main(answer)
    assert not Deal.objects.exists()


def test_whose_deal_it_is_is_chosen_first(lead, cast, as_):
    browser = as_(cast.felix)
    assert "Whose deal is it?" in main(browser.get("/deals/new/"))
    found = browser.get("/deals/new/", {"q": "белова"})
    assert f'href="?contact={lead.contact_id}"' in found.content.decode()
    for address in (f"?contact={lead.contact_id}", f"?company={lead.contact.company_id}"):
        form = fill(browser.get(f"/deals/new/{address}"), name=address)
        assert browser.post(f"/deals/new/{address}", form).status_code == 302
    assert Deal.objects.filter(company=lead.contact.company_id).count() == 2


def test_a_deal_is_begun_for_a_company_that_is_found_by_name_and_named_on_the_form(lead, cast, as_):
    browser = as_(cast.felix)
    found = browser.get("/deals/new/", {"q": "волга"})
    company = lead.contact.company
    assert f'href="?company={company.pk}"' in found.content.decode()
    assert "Волга New deal" in main(browser.get("/deals/new/", {"company": company.pk}))
    assert "Анна Белова · Волга New deal" in main(browser.get("/deals/new/", {"contact": lead.contact_id}))
    page = browser.get(f"/companies/{company.pk}/").content.decode()
    assert page.index(f'href="/deals/new/?company={company.pk}"') < page.index('id="timeline"')
    assert f"/deals/new/?company={company.pk}" not in as_(cast.mara).get(f"/companies/{company.pk}/").content.decode()


def test_an_amount_in_another_currency_is_worked_out_anew(deal, cast, as_):
    browser = as_(cast.felix)
    browser.post(
        f"/deals/{deal.pk}/edit/", fill(browser.get(f"/deals/{deal.pk}/edit/"), currency="jpy", amount="24000")
    )
    deal.refresh_from_db()
    assert (deal.amount_minor, deal.currency) == (24_000, "JPY")


def test_an_edit_that_changes_nothing_records_no_value(deal, cast, as_):
    browser = as_(cast.felix)
    before = len(traits.history("deal", deal.pk))
    browser.post(f"/deals/{deal.pk}/edit/", fill(browser.get(f"/deals/{deal.pk}/edit/")))
    assert len(traits.history("deal", deal.pk)) == before


def test_a_lost_race_is_told(deal, cast, as_, at):
    browser = as_(cast.felix)
    form = fill(browser.get(f"/deals/{deal.pk}/edit/"), amount="30000.00")
    deal.edit({"amount": 20_000_00}, seen=0, by=None, at=at)
    answer = browser.post(f"/deals/{deal.pk}/edit/", form)
    assert "Amount 30000.00 20000.00 24000.00" in main(answer)
    browser.post(f"/deals/{deal.pk}/edit/", fill(answer))
    deal.refresh_from_db()
    assert deal.amount_minor == 30_000_00


def test_the_page_shows_what_belongs_to_the_deal(lead, cast, as_, at):
    bert = Contact.create({"name": "Bert", "company": lead.contact.company_id}, by=None, at=at)
    Lead.open(bert, entry="referral", owner=cast.ines, by=None, at=at)
    deal = Deal.open(lead=lead, values={"name": "Six pumps", "amount": 24_000_00, "currency": "EUR"}, by=None, at=at)
    text = main(as_(cast.mara).get(f"/deals/{deal.pk}/"))
    assert "Six pumps €24,000.00 · Волга · Анна Белова Open" in text
    assert "Opened by Анна Белова Joined Bert" in text
    assert "Deal opened: Six pumps" in text


@pytest.mark.parametrize(("days", "past"), [(0, False), (1, True)])
def test_an_expected_close_that_is_past_is_marked_while_the_deal_is_open(lead, cast, as_, at, days, past):
    deal = Deal.open(lead=lead, values={"name": "Six pumps", "expected_close": "2026-03-02"}, by=None, at=at)
    browser = as_(cast.mara)
    with clock.moved_to(at + timedelta(days=days)):
        assert (" past " in main(browser.get(f"/deals/{deal.pk}/"))) == past
        deal.lose(reason="price", by=cast.felix.pk, at=clock.now())
        assert " past " not in main(browser.get(f"/deals/{deal.pk}/"))


def test_a_deal_is_won_with_a_reason(deal, lead, cast, as_):
    browser = as_(cast.felix)
    answer = browser.post(f"/deals/{deal.pk}/winning/", {"reason": " "})
    assert answer.status_code == 422
    assert Deal.objects.get().outcome == "open"
    browser.post(f"/deals/{deal.pk}/winning/", {"reason": "price"})
    lead.refresh_from_db()
    assert (Deal.objects.get().outcome, Deal.objects.get().reason, lead.stage) == ("won", "price", "won")


def test_a_deal_is_lost_with_a_day_to_come_back_and_opened_again(deal, lead, cast, as_):
    browser = as_(cast.felix)
    browser.post(f"/deals/{deal.pk}/losing/", {"reason": "no_budget", "come_back_on": "2026-09-01"})
    assert "Come back on Sep 1, 2026" in main(browser.get(f"/deals/{deal.pk}/"))
    lead.refresh_from_db()
    assert lead.stage == "lost"
    browser.post(f"/deals/{deal.pk}/reopening/")
    lead.refresh_from_db()
    assert (Deal.objects.get().outcome, lead.stage) == ("open", "opportunity")


def test_a_day_that_is_none_is_told(deal, cast, as_):
    answer = as_(cast.felix).post(f"/deals/{deal.pk}/losing/", {"reason": "no_budget", "come_back_on": "later"})
    assert 'id="id_come_back_on_error"' in answer.content.decode()
    assert 'value="no_budget" selected' in answer.content.decode()
    assert Deal.objects.get().outcome == "open"


def test_a_closed_deal_is_not_closed_twice(deal, cast, as_, at):
    deal.win(reason="price", by=None, at=at)
    answer = as_(cast.felix).post(f"/deals/{deal.pk}/losing/", {"reason": "budget"}, follow=True)
    assert "Somebody was faster: this deal is Won." in answer.content.decode()
    assert Deal.objects.get().outcome == "won"


def test_who_may_not_changes_nothing(deal, lead, cast, as_):
    facts = Fact.objects.count()
    for who in (cast.mara, cast.sven, cast.eva):
        browser = as_(who)
        assert browser.get(f"/deals/new/?lead={lead.pk}").status_code == 403
        for act in ("edit", "winning", "losing", "reopening"):
            assert browser.post(f"/deals/{deal.pk}/{act}/", {"reason": "x"}).status_code == 403
        assert f"/deals/{deal.pk}/edit/" not in browser.get(f"/deals/{deal.pk}/").content.decode()
    assert Fact.objects.count() == facts


def test_a_partner_sees_and_sells_their_own(deal, cast, as_, at):
    browser = as_(cast.paula)
    mine = Contact.create({"name": "Mine", "owner": cast.paula.pk}, by=None, at=at)
    form = fill(browser.get(f"/deals/new/?contact={mine.pk}"), name="Own", owner=str(cast.felix.pk))
    browser.post(f"/deals/new/?contact={mine.pk}", form)
    assert Deal.objects.get(name="Own").owner == cast.paula
    assert names(browser.get("/deals/")) == ["Own"]
    assert browser.get(f"/deals/{deal.pk}/").status_code == 404
    assert browser.post(f"/deals/{deal.pk}/winning/", {"reason": "x"}).status_code == 404


def test_deals_are_found_by_amount_and_outcome(deal, cast, as_, at):
    yen = {"name": "Yen", "amount": 900_000, "currency": "JPY"}
    Deal.open(lead=None, contact=deal.contact, values=yen, by=None, at=at)
    small = Deal.open(
        lead=None, contact=deal.contact, values={"name": "Small", "amount": 10_00, "currency": "EUR"}, by=None, at=at
    )
    small.lose(reason="price", by=None, at=at)
    browser = as_(cast.mara)
    assert names(browser.get("/deals/", {"f": "amount:at_least:24000"})) == ["Yen", "Six pumps"]
    assert names(browser.get("/deals/", {"f": "amount:at_least:24000.01"})) == ["Yen"]
    assert names(browser.get("/deals/", {"f": "amount:at_most:10"})) == ["Small"]
    assert names(browser.get("/deals/", {"f": "outcome:one_of:lost|won"})) == ["Small"]
    assert names(browser.get("/deals/", {"q": "pump"})) == ["Six pumps"]


def test_a_deal_is_put_in_the_trash_and_taken_back(deal, lead, cast, as_):
    chief, seller, page = as_(cast.saul), as_(cast.felix), f"/deals/{deal.pk}/"
    assert f'action="{page}trashing/"' in chief.get(page).content.decode()
    assert f'action="{page}trashing/"' not in seller.get(page).content.decode()
    assert seller.post(f"{page}trashing/").status_code == 403
    answer = chief.post(f"{page}trashing/", follow=True)
    body = answer.content.decode()
    assert "In the trash" in main(answer)
    assert "Deal put in the trash: Six pumps" in main(answer)
    assert f'action="{page}restoring/"' in body
    assert not [verb for verb in ("edit", "winning", "losing", "trashing") if f"{page}{verb}/" in body]
    assert "Restore" not in main(seller.get(page))
    assert seller.get(f"{page}edit/").status_code == seller.post(f"{page}winning/").status_code == 404
    assert seller.get(f"{page}fields/amount/").status_code == 200
    assert names(chief.get("/deals/")) == []
    assert f'href="{page}"' not in chief.get("/search/", {"q": "pumps"}).content.decode()
    assert seller.post(f"{page}restoring/").status_code == 403
    answer = chief.post(f"{page}restoring/", follow=True)
    assert "Deal taken back from the trash: Six pumps" in main(answer)
    assert names(chief.get("/deals/")) == ["Six pumps"]
    assert f'href="{page}"' in chief.get("/search/", {"q": "pumps"}).content.decode()
    lead.refresh_from_db()
    assert lead.stage == "opportunity"


def test_who_may_remove_and_not_sell_finds_the_button_too(deal, cast, as_):
    page = as_(cast.mila).get(f"/deals/{deal.pk}/").content.decode()
    assert f"/deals/{deal.pk}/trashing/" in page
    assert f"/deals/{deal.pk}/winning/" not in page


def test_a_deal_does_not_come_back_before_its_lead(deal, lead, cast, as_):
    browser = as_(cast.saul)
    browser.post(f"/deals/{deal.pk}/trashing/")
    browser.post(f"/leads/{lead.pk}/trashing/")
    answer = browser.post(f"/deals/{deal.pk}/restoring/", follow=True)
    assert "Its lead is in the trash: restore that one first." in words(answer)
    assert f'<a href="/leads/{lead.pk}/">' in answer.content.decode()
    assert Deal.objects.get().trashed_at is not None
    browser.post(f"/leads/{lead.pk}/restoring/")
    browser.post(f"/deals/{deal.pk}/restoring/")
    assert Deal.objects.get().trashed_at is None


def test_whether_it_is_in_the_trash_is_no_field_of_the_form(deal, cast, as_):
    assert 'name="trashed"' not in as_(cast.felix).get(f"/deals/{deal.pk}/edit/").content.decode()


def test_a_step_and_a_close_that_are_past_are_marked(lead, deal, cast, as_, at):
    Task.plan(lead=lead, kind="call", owner=cast.felix, due_at=at + timedelta(days=1), by=cast.felix, at=at)
    deal.edit({"expected_close": "2026-03-04"}, seen=deal.version, by=None, at=at)
    browser = as_(cast.felix)

    def seen(days: int) -> tuple[str, list[str]]:
        with clock.moved_to(at + timedelta(days=days)):
            return main(browser.get(f"/deals/{deal.pk}/")), rows(browser.get("/deals/"))[0]

    page, row = seen(1)
    assert "overdue" not in page
    assert row[-2:] == ["Mar 4, 2026", "Call, Mar 3"]
    page, row = seen(3)
    assert "2 days overdue" in page
    assert row[-2] == "Mar 4, 2026 past"
    deal.lose(reason="price", by=cast.felix.pk, at=at + timedelta(days=2))
    assert seen(3)[1][-2] == "Mar 4, 2026"
