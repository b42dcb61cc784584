"""What touches name becomes a record, once, by its key; with a bound for whoever holds a public write key."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import search
from accord.kernel.audit import invariants
from accord.kernel.imports import revert
from accord.kernel.ledger import Fact
from accord.rooms.campaigns.models import Campaign
from accord.rooms.capture.models import Touch
from accord.rooms.content.models import Asset
from tests.audited import take
from tests.rooms.capture.conftest import track

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("still")]
GOOD = {"userId": "u1"}


def names(model) -> list[tuple[str, str]]:
    return list(model.objects.order_by("id").values_list("key", "name"))


def downloads(*assets, **more) -> list[dict]:
    return [track("Download", **GOOD, properties={"asset": asset}, **more) for asset in assets]


def clean() -> bool:
    return invariants.run().violations == []


def test_what_a_touch_names_is_there_named_as_it_came(door, at):
    spring = {"campaign": {"name": "Spring Fair", "medium": "cpc"}}
    door.send(*downloads("Pricing Guide", context=spring), at=at)
    asset, campaign = Asset.objects.get(), Campaign.objects.get()
    assert (asset.key, asset.name, asset.by_event, asset.created_at) == ("pricing guide", "Pricing Guide", True, at)
    assert (campaign.key, campaign.name, campaign.by_event) == ("spring fair", "Spring Fair", True)
    assert Touch.objects.values_list("asset", "campaign").get() == ("Pricing Guide", "Spring Fair")
    assert search.find("guide", "asset") == [asset.pk]
    told = Fact.objects.filter(kind__in=("asset_created", "campaign_created"))
    assert set(told.values_list("kind", "subject_id")) == {
        ("asset_created", asset.pk), ("campaign_created", campaign.pk),
    }  # fmt: skip
    assert clean()


def test_spellings_of_one_key_are_one_record_and_the_first_names_it(door, at):
    door.send(*downloads("Pricing  Guide", "ＰＲＩＣＩＮＧ guide"), at=at)
    door.send(*downloads(" pricing guide ", "案例"), at=at)
    assert names(Asset) == [("pricing guide", "Pricing  Guide"), ("案例", "案例")]
    assert list(Touch.objects.order_by("id").values_list("asset", flat=True)) == [
        "Pricing  Guide", "ＰＲＩＣＩＮＧ guide", "pricing guide", "案例",
    ]  # fmt: skip
    assert clean()


def test_what_names_nothing_makes_nothing(door, at):
    door.send(*downloads("", " ", None, {"no": "text"}), track("Download", **GOOD), at=at)
    assert (names(Asset), names(Campaign)) == ([], [])
    assert Touch.objects.count() == 5


def test_a_renamed_record_keeps_its_touches_and_a_trashed_one_stays_there(door, at):
    door.send(*downloads("Guide", "Table"), at=at)
    guide, table = Asset.objects.order_by("id")
    guide.edit({"name": "The guide of 2026"}, seen=0, by=None, at=at)
    table.trash(by=None, at=at)
    door.send(*downloads("GUIDE", "table"), at=at)
    assert names(Asset) == [("guide", "The guide of 2026"), ("table", "Table")]
    assert list(Asset.objects.here()) == [guide]
    assert clean()


def test_known_names_cost_one_look_up_each(door, at):
    door.send(*downloads("a", "b", context={"campaign": {"name": "c"}}), at=at)
    door.keep(*downloads("a", "b", "a", context={"campaign": {"name": "c"}}), at=at)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        door.take(at)
    assert len([q for q in asked if 'FROM "asset"' in q["sql"]]) == 1
    assert len([q for q in asked if 'FROM "campaign"' in q["sql"]]) == 1


def test_events_make_so_many_and_further_touches_keep_their_text(door, at, monkeypatch):
    monkeypatch.setattr("accord.rooms.content.named.MOST_BY_EVENTS", 3)
    Asset.create({"name": "By hand"}, by=None, at=at)
    door.send(*downloads("a", "b"), at=at)
    door.send(*downloads("by hand", "c", "d", "e"), at=at)
    door.send(*downloads("f", "a"), at=at)
    assert [key for key, _name in names(Asset)] == ["by hand", "a", "b", "c"]
    assert Touch.objects.filter(asset__in=["d", "e", "f"]).count() == 3
    Asset.create({"name": "D"}, by=None, at=at)
    door.send(*downloads("d"), at=at)
    assert Asset.objects.filter(key="d").count() == 1


TOUCHES = """\
external_id,contact,kind,occurred_at,asset,campaign
t-1,c-1,download,2025-11-01,Sizing Table,Spring
t-2,c-1,download,2025-11-02,sizing table,
t-3,c-2,page,2025-11-03,,Autumn
"""


def test_a_file_of_touches_brings_what_it_names(db, tmp_path, at):
    take(tmp_path, "touches", TOUCHES, at)
    assert names(Asset) == [("sizing table", "Sizing Table")]
    assert names(Campaign) == [("spring", "Spring"), ("autumn", "Autumn")]
    assert not Asset.objects.get().by_event
    take(tmp_path, "touches", TOUCHES.replace("t-", "u-"), at)
    assert (Asset.objects.count(), Campaign.objects.count()) == (1, 2)
    assert clean()


def test_a_reverted_file_takes_along_what_nobody_else_needs(db, tmp_path, at):
    first = take(tmp_path, "touches", TOUCHES, at)
    second = take(
        tmp_path, "touches", "external_id,contact,kind,occurred_at,campaign\nv-1,c-9,page,2025-11-05,AUTUMN\n", at
    )
    spring = Campaign.objects.get(key="spring")
    Asset.objects.get().edit({"format": "table"}, seen=0, by=None, at=at)
    revert.revert(first, by=None, at=at)
    assert set(Campaign.objects.here().values_list("key", flat=True)) == {"autumn"}
    assert Asset.objects.here().count() == 1  # somebody has written on it
    assert search.find("Spring", "campaign") == []
    assert clean()
    take(tmp_path, "touches", TOUCHES, at)
    spring.refresh_from_db()
    assert (spring.trashed_at, spring.name) == (None, "Spring")
    assert search.find("Spring", "campaign") == [spring.pk]
    assert second.records.filter(kind="campaign").count() == 1
    assert clean()
