"""Whose events are these? From a device nobody knows to a person, and whose past it becomes from when on."""

from datetime import timedelta

import pytest

from accord.kernel import traits
from accord.kernel.instants import BEGINNING
from accord.rooms.capture.models import Touch
from accord.rooms.people.models import Company, Contact, Identity, Link, Merge
from accord.rooms.people.models.identity import owners
from tests.audited import violations
from tests.rooms.capture.conftest import identify, track

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("still")]
DAY = timedelta(days=1)


def owner(kind: str, value: str, known_at=None) -> str | None:
    """By its external id, whose an identity is (known at an instant); none: nobody's."""
    identity = Identity.objects.get(kind=kind, value=value).pk
    contact = owners([identity], known_at).get(identity)
    return Contact.objects.get(pk=contact).external_id if contact else None


def links() -> list[tuple[str, str, object]]:
    rows = Link.objects.order_by("id").values_list("identity__value", "contact__external_id", "recorded_at")
    return list(rows)


def test_a_visitor_whom_nobody_knows_makes_no_contact(door, at):
    door.send(track("Download", anonymousId="d1"), {"type": "page", "anonymousId": "d1"}, at=at)
    assert Contact.objects.count() == 0
    assert set(Touch.objects.values_list("identity__kind", "identity__value")) == {("anonymous", "d1")}


def test_who_is_met_by_a_user_id_has_it_as_external_id_from_ever(door, at):
    door.send(track("Download", userId="u1"), at=at)
    contact = Contact.objects.get()
    assert (contact.external_id, contact.created_at) == ("u1", at)
    assert links() == [("u1", "u1", BEGINNING)]


def test_who_is_met_by_an_address_alone_gets_an_external_id_of_the_house(door, at):
    door.send(identify(device="d1", email="Kim@Hengrui.example "), at=at)
    contact = Contact.objects.get()
    assert (contact.external_id, contact.email) == (f"accord:{contact.pk}", "Kim@Hengrui.example")
    assert {(value, since) for value, _of, since in links()} == {("kim@hengrui.example", at), ("d1", at)}


def test_the_past_of_a_device_becomes_the_persons_from_then_on(door, at):
    door.send(track("Download", anonymousId="d1"), at=at)
    door.send(identify("u1", "d1"), at=at + 20 * DAY)
    assert [owner("anonymous", "d1", at + days * DAY) for days in (0, 19, 20)] == [None, None, "u1"]
    assert Touch.objects.get().identity.value == "d1"


def test_within_one_request_too(door, at):
    door.send(track("One", anonymousId="d1"), identify("u1", "d1"), track("Two", anonymousId="d1"), at=at)
    assert list(Touch.objects.order_by("id").values_list("identity__value", flat=True)) == ["d1", "d1"]
    assert owner("anonymous", "d1") == "u1"
    assert Contact.objects.count() == 1


def test_a_shared_browser_stays_with_whom_it_was_linked_to_first(door, at):
    door.send(identify("u1", "kiosk"), at=at)
    door.send(identify("u2", "kiosk"), track("Download", anonymousId="kiosk"), track("Form", userId="u2"), at=at + DAY)
    assert owner("anonymous", "kiosk") == "u1"
    assert list(Touch.objects.order_by("id").values_list("identity__value", flat=True)) == ["kiosk", "u2"]
    assert sorted(Contact.objects.values_list("external_id", flat=True)) == ["u1", "u2"]


def test_a_user_id_with_a_known_address_joins_that_contact(door, at):
    kim = Contact.create({"name": "Kim", "email": "kim@x.example"}, by=None, at=at, external_id="crm-7")
    door.send(identify("u1", "d1", email="KIM@x.example"), at=at + DAY)
    door.send(track("Download", userId="u1"), at=at + 2 * DAY)
    assert list(Contact.objects.values_list("pk", flat=True)) == [kim.pk]
    assert {owner("user", "u1"), owner("anonymous", "d1"), owner("email", "kim@x.example")} == {"crm-7"}
    assert links()[-2:] == [("u1", "crm-7", at + DAY), ("d1", "crm-7", at + DAY)]


def test_the_user_id_counts_more_than_the_address(door, at):
    for external, address in (("u1", "one@x.example"), ("u2", "two@x.example")):
        Contact.create({"email": address}, by=None, at=at, external_id=external)
    door.send(track("Form", userId="u1", context={"traits": {"email": "two@x.example"}}), at=at + DAY)
    assert owner("email", "two@x.example") == "u2"
    assert Touch.objects.get().identity.value == "u1"


def test_a_contacts_own_external_id_is_theirs_without_being_linked(door, at):
    """An import links it only when it is needed; then it has been theirs from ever."""
    kim = Contact.create({"name": "Kim"}, by=None, at=at, external_id="crm-7")
    Link.objects.all().delete()
    door.send(track("Download", userId="crm-7"), at=at + DAY)
    assert list(Contact.objects.values_list("pk", flat=True)) == [kim.pk]
    assert links() == [("crm-7", "crm-7", BEGINNING)]


def test_events_of_who_was_merged_away_go_to_the_survivor(door, at):
    one, two = (Contact.create({"name": "Kim"}, by=None, at=at, external_id=name) for name in ("crm-1", "crm-2"))
    Merge.of(one, two, reason="same", by=None, at=at)
    door.send(identify("crm-2", "d1"), at=at + DAY)
    assert (owner("user", "crm-2"), owner("anonymous", "d1")) == ("crm-1", "crm-1")


def test_events_of_who_lies_in_the_trash_are_there_if_they_are_brought_back(door, at):
    kim = Contact.create({"name": "Kim"}, by=None, at=at, external_id="crm-7")
    kim.trash(by=None, at=at)
    door.send(identify("crm-7", "d1", title="CEO"), at=at + DAY)
    assert (Contact.objects.count(), Contact.objects.here().count()) == (1, 0)
    kim.restore(by=None, at=at + 2 * DAY)
    assert owner("anonymous", "d1") == "crm-7"
    assert traits.now("contact", [kim.pk])[kim.pk]["title"].text == "CEO"


def test_an_alias_links_anew(door, at):
    door.send(identify("u1", "d1"), at=at)
    alias = {"type": "alias", "userId": "u2", "previousId": "d1"}
    door.send(alias, alias, at=at + DAY)
    assert [owner("anonymous", "d1", at + days * DAY) for days in (0, 1)] == ["u1", "u2"]
    assert [row for row in links() if row[0] == "d1"] == [("d1", "u1", at), ("d1", "u2", at + DAY)]
    door.send(alias, at=at + 2 * DAY)
    assert len(links()) == 4  # u1, d1, u2, and d1 again


def test_an_alias_of_a_user_id_moves_that(door, at):
    door.send(track("Download", userId="old"), at=at)
    door.send({"type": "alias", "userId": "new", "previousId": "old"}, at=at + DAY)
    assert [owner("user", "old", at + days * DAY) for days in (0, 1)] == ["old", "new"]


def test_ids_are_texts_without_their_edges(door, at):
    door.send(track("One", userId=17), track("Two", userId=" 17 "), track("Three", userId="17"), at=at)
    assert Contact.objects.get().external_id == "17"
    assert Touch.objects.filter(identity__value="17").count() == 3


def test_everything_of_one_company_at_once_and_the_audit_is_clean(door, at):
    door.send(
        *(identify(f"u{n}", f"d{n}", email=f"p{n}@acme.example", name=f"P {n}", company="Acme") for n in range(20)),
        *(track("Download", anonymousId=f"d{n}") for n in range(20)),
        *(track("Form", context={"traits": {"email": f"p{n}@acme.example"}}) for n in range(20)),
        {"type": "alias", "userId": "u1", "previousId": "d2"},
        at=at,
    )
    assert (Contact.objects.count(), Company.objects.count(), Touch.objects.count()) == (20, 1, 40)
    assert violations() == set()


def test_an_id_like_ours_does_not_stand_in_the_way_of_a_later_contact(door, at):
    door.send(track("Download", userId="accord:7"), at=at)
    met = Contact.objects.get()
    assert met.external_id == f"accord:{met.pk}"
    assert owner("user", "accord:7") == met.external_id
    door.send(track("Download", userId="accord:7"), at=at + DAY)
    assert Contact.objects.count() == 1
