"""What a deal holds, told by a machine."""

import pytest

from accord.rooms.content.models import Product
from accord.rooms.funnel.models import Deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(api):
    kim = {"external_id": "kim", "fields": {"name": "Kim"}}
    lead = api.post("/leads", {"contact": kim, "entry": "referral"}).body
    return api.post("/deals", {"lead": lead["id"], "fields": {"name": "Line 4", "currency": "EUR"}}).body


def test_contacts_in_their_roles(api, deal):
    path = f"/deals/{deal['id']}/contacts"
    made = api.post(path, {"contact": deal["contact"], "role": "champion"})
    again = api.post(path, {"contact": deal["contact"], "role": "champion"})
    assert (made.status, again.body) == (201, made.body)
    assert made.body == {
        "id": made.body["id"], "contact": deal["contact"], "role": "champion", "since": "2026-03-02T09:00:00Z"
    }  # fmt: skip
    assert api.get(path).body == [made.body]
    unknown = {"contact": deal["contact"] + 1, "role": "champion"}
    assert api.post(path, unknown).body["error"]["fields"].keys() == {"contact"}
    assert api.post(path, {"contact": deal["contact"], "role": "friend"}).status == 422
    assert api.delete(f"{path}/{made.body['id']}").status == 204
    assert api.delete(f"{path}/{made.body['id']}").status == 404
    assert api.get(path).body == []


def test_products_are_found_by_name_or_kept_as_new(api, deal):
    path = f"/deals/{deal['id']}/products"
    api.post(path, {"product": "DX-60"})
    made = api.post(path, {"product": " dx-60", "quantity": 3, "amount": "18000.50"}).body
    assert (made["product"], made["quantity"], made["amount"]) == ("DX-60", 3, "18000.50")
    assert api.get(path).body == [made]
    for wrong in ({"quantity": 0}, {"amount": "plenty"}, {"amount": "-1"}, {"product": " "}):
        assert api.post(path, {"product": "New", **wrong}).status == 422
    assert Product.objects.count() == 1
    assert api.delete(f"{path}/{made['id']}").status == 204


def test_competitors_come_and_go(api, deal):
    path = f"/deals/{deal['id']}/competitors"
    made = api.post(path, {"competitor": "Grundig Flow"}).body
    assert api.get(path).body == [made]
    assert api.delete(f"{path}/{made['id']}").status == 204


def test_a_deal_in_the_trash_is_unknown(api, deal, at):
    Deal.objects.get().trash(by=None, at=at)
    assert api.get(f"/deals/{deal['id']}/contacts").status == 404
    assert api.post(f"/deals/{deal['id']}/competitors", {"competitor": "X"}).status == 404
