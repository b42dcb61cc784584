import pytest

from accord.rooms.capture.models import Touch
from accord.rooms.people.models import Identity, Link
from tests import audited
from tests.audited import violations

pytestmark = [pytest.mark.both]


@pytest.fixture
def world(db, tmp_path, at):
    return audited.house(tmp_path, at)


def test_a_touch_that_names_a_contact_and_belongs_to_nobody(world):
    own = Identity.objects.get(kind="user", value="c-1")
    touch = Touch.objects.filter(identity=own).order_by("id").first()
    Identity.objects.filter(pk=own.pk).update(value="c-gone")
    Link.objects.filter(identity=own).delete()
    # The two touches of the reverted file name c-1 too; they were taken back and are nobody's business.
    assert Touch.objects.filter(identity=own).count() == 3
    assert violations() == {("touch_owner", f"touch:{touch.pk}")}


def test_a_visitor_whom_nobody_knows_owns_touches_of_their_own(world):
    Link.objects.filter(identity__value="device-9").delete()
    assert violations() == set()
