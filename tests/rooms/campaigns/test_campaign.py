"""Campaigns: their fields, their trash, their audit."""

import pytest

from accord.kernel import search, traits
from accord.kernel.ledger import Fact
from accord.rooms.campaigns.models import Campaign
from tests.audited import violations

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("still")]


@pytest.fixture
def fair(house, at) -> Campaign:
    values = {
        "name": "Spring Fair",
        "channel": "event",
        "budget": "12500.50",
        "starts_on": "2026-03-09",
        "ends_on": "2026-03-11",
    }
    return Campaign.create(values, by=None, at=at)


def test_its_fields(fair):
    now = {slug: (kept.text, kept.number) for slug, kept in traits.now("campaign", [fair.pk])[fair.pk].items()}
    assert now["budget"] == ("12500.50", 12500.5)
    assert now["starts_on"][0] == "2026-03-09"
    assert now["channel"] == ("event", None)
    assert (fair.key, search.find("fair", "campaign")) == ("spring fair", [fair.pk])
    assert violations() == set()


def test_a_budget_keeps_its_history(fair, at):
    fair.edit({"budget": "9000"}, seen=0, by=None, at=at)
    told = [trait.text for trait in traits.history("campaign", fair.pk) if trait.field == "budget"]
    assert told == ["9000", "12500.50"]


def test_the_trash_and_back(fair, at):
    fair.trash(by=None, at=at)
    assert (list(Campaign.objects.here()), search.find("fair", "campaign")) == ([], [])
    assert violations() == set()
    fair.restore(by=None, at=at)
    assert list(Campaign.objects.here()) == [fair]
    told = Fact.objects.filter(subject="campaign", subject_id=fair.pk).order_by("id").values_list("kind", flat=True)
    assert list(told) == ["campaign_created", "campaign_trashed", "campaign_restored"]
    assert violations() == set()


def test_a_campaign_from_nowhere(fair):
    Fact.objects.filter(kind="campaign_created").delete()
    assert ("origin", f"campaign:{fair.pk}") in violations()


def test_a_partner_sees_none(fair, cast):
    assert list(Campaign.objects.visible_to(cast.eva)) == [fair]
    assert list(Campaign.objects.visible_to(cast.paula)) == []
