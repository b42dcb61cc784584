from copy import deepcopy

import pytest
from django.db import connection

from accord.kernel.ledger import Fact, Retraction
from accord.kernel.traits import FieldNow
from accord.rooms.people.models import Contact, Identity, Link, Merge
from accord.rooms.people.models.identity import EMAIL, USER
from tests import audited
from tests.audited import house_once, told, violations

__all__ = ["house_once"]

pytestmark = [pytest.mark.both]


@pytest.fixture
def world(house_once, db):
    return deepcopy(house_once)


def last(model):
    return model.objects.order_by("-id").first()


def test_an_identity_that_belongs_to_somebody_merged_away(world):
    """The merge linked the twin's address to Kim; taken back, it is the twin's again, who is not here."""
    address = Identity.objects.get(kind=EMAIL, value="kim@home.example")
    row = Link.objects.filter(identity=address).order_by("-id").first()
    assert row.contact_id == world.kim.pk
    audited.take_back(last(Fact), table="link", row_id=row.pk)
    assert violations() == {("links", f"identity:{address.pk}")}
    assert told(f"identity:{address.pk}") == [
        f"belongs to contact:{world.twin.pk}, which was merged into contact:{world.kim.pk}"
    ]


def test_an_identity_whose_newest_link_was_changed(world):
    device = Identity.objects.get(value="device-9")
    Link.objects.filter(identity=device).update(contact=world.twin)
    assert violations() == {("links", f"identity:{device.pk}")}


def test_an_own_external_id_that_is_not_linked_from_the_beginning(world, at):
    own = Identity.objects.get(kind=USER, value=world.other.external_id)
    first = Link.objects.filter(identity=own).order_by("id").first()
    Link.objects.filter(pk=first.pk).update(recorded_at=at)
    assert violations() == {("own_identity", f"contact:{world.other.pk}")}


def test_an_own_external_id_without_any_link(world):
    own = Identity.objects.get(kind=USER, value=world.other.external_id)
    Link.objects.filter(identity=own).delete()
    assert violations() == {("own_identity", f"contact:{world.other.pk}")}


def test_an_address_that_leads_to_nobody(world):
    Link.objects.filter(identity__kind=EMAIL, identity__value="bo@olives.example").delete()
    bo = Contact.objects.get(external_id="c-2")
    assert violations() == {("addresses", f"contact:{bo.pk}")}


def test_a_contact_that_is_merged_and_no_merge_says_so(world):
    Merge.objects.filter(pk=world.merge.pk).update(undone_at=world.merge.merged_at)
    # The values that the merge copied should have gone back with it.
    assert violations() == {("merges", f"contact:{world.twin.pk}"), ("merges", f"merge:{world.merge.pk}")}
    assert told(f"contact:{world.twin.pk}") == [
        f"is merged into contact:{world.kim.pk}, and no merge that was not undone says so"
    ]


def test_a_contact_that_is_not_merged_into_whom_the_merge_says(world):
    Contact.objects.filter(pk=world.twin.pk).update(merged_into=world.other)
    assert violations() == {("merges", f"contact:{world.twin.pk}")}
    Contact.objects.filter(pk=world.twin.pk).update(merged_into=None)
    assert ("merges", f"contact:{world.twin.pk}") in violations()


def test_contacts_that_are_merged_in_a_circle(world, at):
    Contact.objects.filter(pk=world.kim.pk).update(merged_into=world.twin)
    Merge.objects.create(survivor=world.twin, loser=world.kim, merged_at=at)
    assert {record for name, record in violations() if name == "merges"} == {
        f"contact:{world.kim.pk}",
        f"contact:{world.twin.pk}",
    }


def test_values_that_an_undone_merge_left_behind(world):
    """The value goes away with the retraction, and comes back with its removal."""
    Retraction.objects.filter(reason="unmerge").delete()
    assert ("merges", f"merge:{world.undone.pk}") in violations()
    assert told(f"merge:{world.undone.pk}")[0].startswith("undone, and the values that it copied")


@pytest.mark.parametrize(("which", "kind"), [("other", "contact"), ("company", "company")])
def test_a_record_that_nothing_made(world, which, kind):
    record = getattr(world, which).pk
    Fact.objects.filter(kind=f"{kind}_created", **{f"{kind}_id": record}).update(kind="values_set")
    assert violations() == {("origin", f"{kind}:{record}")}


def test_a_record_in_the_trash_that_nothing_put_there(world, at):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lead SET trashed_at = opened_at WHERE id = %s", [world.open_lead.pk])
    assert violations() == {("trash", f"lead:{world.open_lead.pk}")}


def test_a_record_here_although_it_was_put_in_the_trash(world, at):
    record = world.company.pk
    FieldNow.objects.create(
        kind="company",
        record=record,
        field="trashed",
        text="true",
        norm="true",
        number=1,
        occurred_at=at,
        recorded_at=at,
    )
    assert violations() == {("trash", f"company:{record}"), ("values", f"company:{record}")}
