"""The same request sent again is answered as the first time, and done once."""

import pytest
import time_machine

from accord.api.models import Answer
from accord.kernel.ledger import Fact
from accord.rooms.people.models import Contact

pytestmark = pytest.mark.django_db

KIM = {"fields": {"name": "Kim"}}


def test_the_same_request_is_done_once(api):
    first = api.post("/contacts", KIM, Idempotency_Key="order-1")
    before = Fact.objects.count()
    again = api.post("/contacts", KIM, Idempotency_Key="order-1")
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (Contact.objects.count(), Fact.objects.count()) == (1, before)


def test_the_answer_stays_as_it_was_given(api):
    made = api.post("/contacts", KIM, Idempotency_Key="order-1").body
    path = f"/contacts/{made['id']}"
    changed = api.patch(path, {"version": 0, "fields": {"title": "Clerk"}}, Idempotency_Key="order-2").body
    api.patch(path, {"version": 1, "fields": {"title": "Director"}})
    assert api.patch(path, {"version": 0, "fields": {"title": "Clerk"}}, Idempotency_Key="order-2").body == changed
    assert api.post("/contacts", KIM, Idempotency_Key="order-1").body == made
    assert api.get(path).body["fields"]["title"] == "Director"


def test_another_request_under_the_same_key_is_refused(api):
    made = api.post("/contacts", KIM, Idempotency_Key="order-1").body
    tried = [
        api.post("/contacts", {"fields": {"name": "Olga"}}, Idempotency_Key="order-1"),
        api.post("/companies", KIM, Idempotency_Key="order-1"),
        api.patch(f"/contacts/{made['id']}", {"version": 0, "fields": {}}, Idempotency_Key="order-1"),
    ]
    assert [(one.status, one.body["error"]["code"]) for one in tried] == [(422, "key_reused")] * 3
    assert Contact.objects.count() == 1


def test_a_refusal_is_not_kept(api):
    assert api.post("/contacts", {"fields": {"nmae": "Kim"}}, Idempotency_Key="order-1").status == 422
    assert not Answer.objects.exists()
    assert api.post("/contacts", KIM, Idempotency_Key="order-1").status == 201


def test_every_caller_has_keys_of_its_own(api, key):
    other = key("sales_lead")
    assert (
        api.post("/contacts", KIM, Idempotency_Key="order-1").body["id"]
        != other.post("/contacts", KIM, Idempotency_Key="order-1").body["id"]
    )


def test_answers_are_kept_for_a_day(api):
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as machine:
        first = api.post("/contacts", KIM, Idempotency_Key="order-1").body
        machine.move_to("2026-03-03T09:00:00Z")
        assert api.post("/contacts", KIM, Idempotency_Key="order-1").body == first
        machine.move_to("2026-03-03T09:00:01Z")
        assert api.post("/contacts", KIM, Idempotency_Key="order-1").body["id"] != first["id"]
        assert Answer.objects.count() == 1


def test_a_batch_and_a_move_are_done_once(api):
    item = {"external_id": "l1", "contact": {"external_id": "c1"}, "entry": "referral"}
    batch = api.post("/leads:batch", {"leads": [item]}, Idempotency_Key="b").body
    assert (batch["created"], api.post("/leads:batch", {"leads": [item]}, Idempotency_Key="b").body) == (1, batch)
    path = f"/leads/{batch['results'][0]['id']}/moves"
    moved = api.post(path, {"move": "to_mql"}, Idempotency_Key="m")
    assert (moved.status, api.post(path, {"move": "to_mql"}, Idempotency_Key="m").body) == (201, moved.body)
    assert api.post(path, {"move": "to_mql"}).status == 409


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 201, "ключ"])
def test_a_key_that_is_none(api, name):
    refused = api.post("/contacts", KIM, Idempotency_Key=name)
    assert (refused.status, list(refused.body["error"]["fields"])) == (422, ["Idempotency-Key"])
    assert not Contact.objects.exists()
