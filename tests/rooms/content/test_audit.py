import pytest

from accord.kernel.ledger import Fact
from accord.kernel.search import SearchEntry
from accord.rooms.content.models import Asset
from tests.audited import violations

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("still")]


@pytest.fixture
def guide(house, at) -> Asset:
    return Asset.create({"name": "Guide"}, by=None, at=at)


def test_nothing_is_wrong(guide):
    assert violations() == set()


def test_an_asset_from_nowhere(guide):
    Fact.objects.filter(kind="asset_created").update(subject_id=guide.pk + 1)
    assert violations() == {("origin", f"asset:{guide.pk}")}


def test_an_asset_in_the_trash_without_a_reason(guide, at):
    Asset.objects.update(trashed_at=at)
    SearchEntry.objects.filter(kind="asset").update(record=guide.pk)
    assert violations() == {("trash", f"asset:{guide.pk}"), ("search", f"asset:{guide.pk}")}


def test_a_name_that_no_value_says(guide):
    Asset.objects.update(name="Other", name_norm="other", sort_key="other")
    assert violations() == {("values", f"asset:{guide.pk}"), ("search", f"asset:{guide.pk}")}
