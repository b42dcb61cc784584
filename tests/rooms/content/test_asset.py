"""Content: made, changed, put in the trash, taken back; found by its name, and by one key."""

import pytest

from accord.kernel import search, traits
from accord.kernel.ledger import Fact
from accord.rooms.content.models import Asset
from accord.rooms.content.named import key_of
from accord.rooms.people.models import AlreadyThere, LostRace

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("still")]


@pytest.fixture
def guide(cast, at) -> Asset:
    return Asset.create(
        {"name": "Calibration Guide", "format": "checklist", "owner": cast.mara.pk}, by=cast.mara.pk, at=at
    )


def kinds() -> list[str]:
    return list(Fact.objects.filter(subject="asset").order_by("id").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Guide", "guide"),
        ("  A\t B ", "a b"),
        ("ＷＥＢ", "web"),
        ("Straße", "strasse"),
        ("案例", "案例"),
        ("x" * 300, "x" * 255),
    ],
)
def test_a_key_is_how_names_are_compared(written, key):
    assert key_of(written) == key
    assert key_of(key) == key


def test_a_new_one_is_known_by_its_fields_and_found(guide, cast):
    assert (guide.key, guide.name, guide.owner, guide.by_event) == (
        "calibration guide",
        "Calibration Guide",
        cast.mara,
        False,
    )
    assert traits.now("asset", [guide.pk])[guide.pk]["format"].text == "checklist"
    assert search.find("calib", "asset") == [guide.pk]
    assert kinds() == ["asset_created"]


def test_the_same_key_is_not_made_twice(guide, cast, at):
    with pytest.raises(AlreadyThere):
        Asset.create({"name": "calibration  GUIDE"}, by=cast.mara.pk, at=at)
    assert Asset.objects.count() == 1


def test_a_new_name_leaves_the_key(guide, cast, at):
    guide.edit({"name": "How to calibrate"}, seen=0, by=cast.mara.pk, at=at)
    assert (guide.key, guide.name, guide.sort_key, guide.version) == (
        "calibration guide",
        "How to calibrate",
        "how to calibrate",
        1,
    )
    assert (search.find("calibrate", "asset"), search.find("guide", "asset")) == ([guide.pk], [])
    with pytest.raises(LostRace):
        guide.edit({"name": "Late"}, seen=0, by=cast.mara.pk, at=at)


def test_the_trash_and_back(guide, cast, at):
    guide.trash(by=cast.mila.pk, at=at)
    guide.trash(by=cast.mila.pk, at=at)
    assert (list(Asset.objects.here()), search.find("calib", "asset")) == ([], [])
    guide.restore(by=cast.mila.pk, at=at)
    assert (list(Asset.objects.here()), search.find("calib", "asset")) == ([guide], [guide.pk])
    assert kinds() == ["asset_created", "asset_trashed", "asset_restored"]


def test_a_partner_sees_none(guide, cast):
    assert list(Asset.objects.visible_to(cast.paula)) == []
    assert list(Asset.objects.visible_to(cast.sven)) == [guide]


def test_its_owner_compares_by_the_word_that_agreements_use(guide, cast):
    (owner,) = [held for held in traits.history("asset", guide.pk) if held.field == "owner"]
    assert (owner.number, owner.norm) == (cast.mara.pk, cast.mara.email)
