from datetime import timedelta

import pytest

from accord.kernel.audit import invariants
from accord.kernel.traits import FieldNow
from accord.rooms.team.models import Absence, Member
from tests import audited
from tests.audited import told, violations

pytestmark = [pytest.mark.both]


@pytest.fixture
def world(db, tmp_path, at):
    return audited.house(tmp_path, at)


def test_nobody_is_left_to_administer_the_house(world):
    Member.objects.filter(pk=world.ada.pk).update(is_active=False)
    assert violations() == {("administrator", "house:1"), ("active", f"member:{world.ada.pk}")}


def test_a_home_before_its_first_member_has_no_violation(db):
    assert invariants.run().violations == []


def test_somebody_may_sign_in_although_they_left(world):
    values = FieldNow.objects.filter(kind="member", record=world.saul.pk, field="active")
    Member.objects.filter(pk=world.saul.pk).update(is_active=False)
    assert violations() == {("active", f"member:{world.saul.pk}")}
    Member.objects.filter(pk=world.saul.pk).update(is_active=True)
    values.update(text="false")
    assert told(f"member:{world.saul.pk}")[-1] == "may sign in, and the newest value of `active` says otherwise"


def test_somebody_is_away_twice_at_once(world, at):
    day = timedelta(days=1)
    first = world.saul.take_leave(at, at + 2 * day, by=None, at=at)
    world.saul.take_leave(at + 2 * day, at + 3 * day, by=None, at=at)
    world.ada.take_leave(at + day, at + 3 * day, by=None, at=at)
    other = Absence.objects.create(member=world.saul, since=at + day, until=at + 2 * day, planned_at=at)
    assert violations() == {("absences", f"absence:{first.pk}")}
    assert told(f"absence:{first.pk}")[-1] == f"overlaps with absence {other.pk} of the same member, and both stand"
    other.call_off(by=None, at=at)
    assert violations() == set()
