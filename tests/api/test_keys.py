"""Who calls, and what their key may do."""

from datetime import timedelta

import pytest
import time_machine

from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.rooms.people.models import Contact
from accord.rooms.team.models import ApiKey
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db


def test_no_key_a_wrong_one_and_a_revoked_one_are_told_what_to_do(key, cast, still):
    revoked = key()
    ApiKey.objects.get().revoke(by=cast.ada.pk, at=still)
    for machine in (Api(None), Api("acc_wrong"), revoked):
        refused = machine.get("/contacts")
        assert refused.status == 401
        assert refused.headers["WWW-Authenticate"] == "Bearer"
        assert refused.body["error"]["code"] == "no_key"
        assert "Authorization: Bearer acc_" in refused.body["error"]["message"]
        assert refused.body["error"]["fields"] == {}


def test_a_key_for_capture_opens_nothing_here(key):
    assert key(scope="capture").get("/contacts").status == 401


def test_a_session_is_no_key(as_, cast):
    assert as_(cast.ada).get("/api/contacts").status_code == 401


def test_a_refusal_changes_nothing(key, still):
    eva = key("executive")
    before = Fact.objects.count()
    refused = eva.post("/contacts", {"fields": {"name": "Nobody"}})
    assert (refused.status, refused.body["error"]["code"]) == (403, "forbidden")
    assert "Executive" in refused.body["error"]["message"]
    assert not Contact.objects.exists()
    assert Fact.objects.count() == before


def test_the_right_is_asked_before_the_body_is_read(key):
    assert key("executive").post("/contacts", b"{").status == 403


def test_a_partners_key_is_bound_to_nobody_and_sees_and_writes_nothing(key, api):
    made = api.post("/contacts", {"fields": {"name": "Kim"}}).body
    partner = key("partner")
    assert partner.get("/contacts").body == {"items": [], "next": None}
    assert partner.get(f"/contacts/{made['id']}").status == 404
    assert partner.post("/leads", {"contact": {"id": made["id"]}, "entry": "partner"}).status == 403


def test_what_a_key_writes_is_accounted_to_whoever_made_it(api, cast):
    made = api.post("/contacts", {"fields": {"name": "Kim"}}).body
    assert Fact.objects.get(kind="contact_created", contact_id=made["id"]).by_id == cast.ada.pk


def test_the_last_use_is_noted_once_a_minute(key):
    machine = key()
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as clock_of_machine:
        machine.get("/contacts")
        first = ApiKey.objects.get().last_used_at
        clock_of_machine.shift(timedelta(seconds=59))
        machine.get("/contacts")
        assert ApiKey.objects.get().last_used_at == first == clock.machine() - timedelta(seconds=59)
        clock_of_machine.shift(timedelta(seconds=2))
        machine.get("/contacts")
        assert ApiKey.objects.get().last_used_at == clock.machine()
