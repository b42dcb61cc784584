"""The first ten minutes: all seven steps through the pages of a house whose story was told."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from accord.demo.story import tell
from accord.kernel import clock, journal
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.team.models import Member
from accord.rooms.team.rules import EXECUTIVE, MARKETING, MARKETING_LEAD
from accord.rooms.trail.models import Trail

UNTIL = datetime(2026, 11, 25, tzinfo=UTC)
MORNING = UNTIL + timedelta(hours=9)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield tell(password="pumps that never drift", until=UNTIL, contacts=40, months=2)
        transaction.set_rollback(True)


def test_a_lead_goes_round_the_loop(told):
    with clock.moved_to(MORNING):
        marketer, boss, executive = (_signed_in(role) for role in (MARKETING, MARKETING_LEAD, EXECUTIVE))
        assert _done(marketer) == []
        assert "/trail/visitor/" in marketer.get("/today/").content.decode()
        marketer.post("/trail/visitor/")
        journal.drain()
        assert _done(marketer) == ["qualifies"]
        lead = Trail.of_house().lead
        assert lead.stage == "mql"

        offer = Handoff.objects.select_related("owner").filter(lead=lead).last()
        seller = Client()
        seller.force_login(offer.owner)
        assert f"/desk/?lead={lead.pk}" in seller.get("/today/").content.decode()
        assert seller.get(f"/desk/?lead={lead.pk}").status_code == 200
        seller.post(f"/handoffs/{offer.pk}/acceptance/", {"owner": offer.owner_id})
        assert _done(marketer) == ["qualifies", "taken"]

        said = _fields(seller.get(f"/leads/{lead.pk}/calls/")) | {"outcome": "reached", "when": "nothing"}
        assert seller.post(f"/leads/{lead.pk}/calls/", said).status_code == 302
        assert _done(marketer) == ["qualifies", "taken", "called"]

        reason = _fields(seller.get(f"/leads/{lead.pk}/return/")) | {"reason": "timing", "note": "after the summer"}
        assert seller.post(f"/leads/{lead.pk}/return/", reason).status_code == 302
        journal.drain()
        assert _done(marketer) == ["qualifies", "taken", "called", "returned"]

        back = Return.objects.get(handoff=offer)
        assert "after the summer" in boss.get("/returns/").content.decode()
        boss.post(f"/returns/{back.pk}/taking-up/")
        assert _done(marketer) == ["qualifies", "taken", "called", "returned", "taken_up"]

        assert executive.post("/trail/promises/opening/", follow=True).status_code == 200
        assert executive.post("/trail/funnel/opening/").headers["Location"] == "/insight/funnel/"
        assert len(_done(marketer)) == 7
        assert "done: this is the loop that Accord closes" in marketer.get("/today/").content.decode()


def _signed_in(role: str) -> Client:
    browser = Client()
    browser.force_login(Member.objects.filter(role=role).order_by("id").first())
    return browser


def _done(browser: Client) -> list[str]:
    return re.findall(r'data-state="done" data-step="(\w+)"', browser.get("/today/").content.decode())


def _fields(page) -> dict[str, str]:
    """What a form carries that nobody types."""
    hidden = re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?', page.content.decode())
    return {name: value for name, value in hidden if name not in ("csrfmiddlewaretoken", "next")}
