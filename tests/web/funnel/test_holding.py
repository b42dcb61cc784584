"""What a deal holds, changed on its page: contacts in their roles, products, competitors."""

import pytest

from accord.kernel import clock
from accord.rooms.content.models import Competitor, Product
from accord.rooms.funnel.models import Deal, DealContact, Lead
from accord.rooms.people.models import Company, Contact
from tests.web.page import fill, main

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def deal(cast, at) -> Deal:
    company = Company.create({"name": "Volga"}, by=None, at=at)
    anna = Contact.create({"name": "Anna", "company": company.pk}, by=None, at=at)
    lead = Lead.open(anna, entry="referral", owner=cast.felix, by=None, at=at)
    values = {"name": "Six pumps", "currency": "EUR", "owner": cast.felix.pk}
    return Deal.open(lead=lead, values=values, by=None, at=at)


def test_a_colleague_gets_a_role_and_loses_it(deal, cast, as_, at):
    bert = Contact.create({"name": "Bert", "company": deal.company_id}, by=None, at=at)
    browser, page = as_(cast.felix), f"/deals/{deal.pk}/"
    browser.post(f"{page}contacts/", {"contact": bert.pk, "role": "economic_buyer"})
    assert "Bert Holds the budget" in main(browser.get(page))
    assert "Bert has a part in the deal" in main(browser.get(page))
    assert "Bert has a part in the deal" in main(browser.get(f"/contacts/{bert.pk}/"))
    browser.post(f"{page}contacts/{DealContact.objects.get().pk}/removal/")
    assert "Bert Holds the budget" not in main(browser.get(page))


def test_somebody_of_another_house_is_found_by_name(deal, cast, as_, at):
    carla = Contact.create({"name": "Carla Consult"}, by=None, at=at)
    browser, address = as_(cast.felix), f"/deals/{deal.pk}/contacts/"
    assert f'href="?contact={carla.pk}"' in browser.get(address, {"q": "carla"}).content.decode()
    form = browser.get(address, {"contact": carla.pk}).content.decode()
    assert f'<option value="{carla.pk}" selected>Carla Consult</option>' in form
    browser.post(f"{address}?contact={carla.pk}", {"contact": carla.pk, "role": "influencer"})
    assert DealContact.objects.get().contact == carla


def test_a_new_product_is_kept_for_the_next_deal(deal, cast, as_):
    browser, page = as_(cast.felix), f"/deals/{deal.pk}/"
    browser.post(f"{page}products/", {"product": "DX-60", "quantity": "2", "amount": "€ 18.000,00"})
    browser.post(f"{page}products/", {"product": " dx-60", "quantity": "3", "amount": ""})
    text = main(browser.get(page))
    assert "3 × DX-60" in text
    assert "2 × DX-60" not in text
    assert Product.objects.get().name == "DX-60"
    assert '<option value="DX-60">' in browser.get(page).content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"product": " ", "quantity": "1"}, "This field is required."),
        ({"product": "DX", "quantity": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"product": "DX", "quantity": "1", "amount": "plenty"}, "is not an amount"),
        ({"product": "DX", "quantity": "1", "amount": "-5"}, "An amount cannot be below zero"),
    ],
)
def test_a_product_that_cannot_be_is_refused_and_not_kept(deal, cast, as_, typed, words):
    answer = as_(cast.felix).post(f"/deals/{deal.pk}/products/", typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not deal.products.exists()
    assert not Product.objects.exists()


def test_products_that_come_to_another_amount_than_the_deal_say_so(deal, cast, as_):
    browser, page = as_(cast.felix), f"/deals/{deal.pk}/"
    browser.post(f"{page}products/", {"product": "DX-60", "quantity": "2", "amount": "100"})
    assert "Together €100.00, which is not the amount of the deal." in main(browser.get(page))
    deal.refresh_from_db()
    deal.edit({"amount": 100_00}, seen=deal.version, by=None, at=clock.now())
    assert "Together" not in main(browser.get(page))


@pytest.fixture
def wrens(deal, cast, as_):
    for name in ("Wren 5", "Wren 20"):
        as_(cast.felix).post(f"/deals/{deal.pk}/products/", {"product": name, "quantity": "1"})


def test_a_name_that_is_part_of_known_ones_is_asked_about_and_what_was_typed_is_kept(deal, wrens, cast, as_):
    browser, address = as_(cast.felix), f"/deals/{deal.pk}/products/"
    answer = browser.post(address, {"product": "wren", "quantity": "7", "amount": "70"})
    assert answer.status_code == 422
    assert "There is no product “wren” yet. Say which one is meant, or add it." in main(answer)
    assert [one for one in ("Wren 5", "Wren 20", "“wren” is new: add it") if one not in main(answer)] == []
    kept = fill(answer)
    assert [kept[name] for name in ("product", "quantity", "amount")] == ["wren", "7", "70"]
    assert Product.objects.count() == 2
    browser.post(address, fill(answer, meant="wren 20"))
    link = deal.products.get(until=None, product__name="Wren 20")
    assert (link.quantity, link.amount_minor, Product.objects.count()) == (7, 70_00, 2)


def test_a_name_that_is_said_to_be_new_is_added(deal, wrens, cast, as_):
    browser, address = as_(cast.felix), f"/deals/{deal.pk}/products/"
    answer = browser.post(address, {"product": "Wren", "quantity": "1", "meant": "Wren"}, follow=True)
    assert "1 × Wren is in the deal." in answer.content.decode()
    assert browser.post(address, {"product": "Wr", "quantity": "1", "meant": "another"}).status_code == 422
    assert sorted(Product.objects.values_list("name", flat=True)) == ["Wren", "Wren 20", "Wren 5"]


def test_a_competitor_is_named_and_taken_out(deal, cast, as_):
    browser, page = as_(cast.felix), f"/deals/{deal.pk}/"
    browser.post(f"{page}competitors/", {"competitor": "Grundig Flow"})
    assert "Competitor in the deal: Grundig Flow" in main(browser.get(page))
    browser.post(f"{page}competitors/{deal.competitors.get().pk}/removal/")
    assert not deal.competitors.filter(until=None).exists()
    assert Competitor.objects.get().name == "Grundig Flow"


def test_a_partner_changes_their_own_alone(deal, cast, as_):
    browser = as_(cast.paula)
    assert browser.post(f"/deals/{deal.pk}/competitors/", {"competitor": "X"}).status_code == 404
    assert as_(cast.mara).post(f"/deals/{deal.pk}/competitors/", {"competitor": "X"}).status_code == 403
