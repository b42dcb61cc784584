"""Who may be written to, on which channel and for which purpose, and what sales and addresses say against it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel.ledger import Fact
from accord.rooms.people.contacting import may_contact, may_contact_all
from accord.rooms.people.models import AlreadyLifted, AlreadyVetoed, Contact, Hold, Merge, Suppression, Veto
from accord.rooms.people.rules import Against, Answer, answer

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def anna(cast, at) -> Contact:
    return Contact.create({"name": "Anna Adler", "email": "Anna@Adler.example"}, by=None, at=at)


@pytest.fixture
def twin(cast, at) -> Contact:
    return Contact.create({"name": "A. Adler", "email": "anna@private.example"}, by=None, at=at)


def against(contact, at, channel="email", purpose="marketing") -> list[str]:
    return [one.reason for one in may_contact(contact, channel, purpose, at).against]


def test_nothing_speaks_against_somebody_of_whom_nothing_is_said(anna, at):
    assert may_contact(anna, "email", "marketing", at).yes
    assert may_contact(anna, "email", "one_to_one", at).yes


def test_a_veto_stops_marketing_on_every_channel_and_no_seller(anna, cast, at):
    Veto.lay(anna, "in_talks", by=cast.felix, at=at)
    assert may_contact(anna, "email", "marketing", at) == Answer((Against("vetoed", at),))
    assert against(anna, at, "phone") == ["vetoed"]
    assert against(anna, at, purpose="one_to_one") == []


def test_a_veto_is_kept_when_it_is_lifted_and_counts_for_its_time(anna, cast, at):
    veto = Veto.lay(anna, "asked", by=cast.felix, at=at, note="by phone")
    veto.lift(by=cast.saul, at=at + DAY, because="they asked for the newsletter")
    assert against(anna, at + DAY / 2) == ["vetoed"]
    assert against(anna, at + DAY) == []
    assert against(anna, at - DAY) == []
    kept = Veto.objects.get()
    assert (kept.reason, kept.note, kept.by, kept.lifted_by, kept.lifted_because) == (
        "asked", "by phone", cast.felix, cast.saul, "they asked for the newsletter",
    )  # fmt: skip
    told = Fact.objects.filter(kind__startswith="marketing_").order_by("id")
    assert list(told.values_list("kind", "contact_id", "by_id")) == [
        ("marketing_vetoed", anna.pk, cast.felix.pk), ("marketing_allowed", anna.pk, cast.saul.pk),
    ]  # fmt: skip


def test_of_two_the_second_is_told_who_was_first(anna, cast, at):
    veto = Veto.lay(anna, "asked", by=cast.felix, at=at)
    with pytest.raises(AlreadyVetoed) as caught:
        Veto.lay(anna, "competitor", by=cast.ines, at=at)
    assert caught.value.veto == veto
    veto.lift(by=cast.saul, at=at)
    with pytest.raises(AlreadyLifted) as caught:
        Veto.objects.get().lift(by=cast.ines, at=at)
    assert caught.value.who == cast.saul
    with pytest.raises(ValueError, match="mood"):
        Veto.lay(anna, "mood", by=cast.felix, at=at)


def test_a_hold_stops_marketing_while_it_stands(anna, at):
    hold = Hold.lay(anna.pk, 7, by=None, at=at)
    assert Hold.lay(anna.pk, 7, by=None, at=at + DAY) == hold
    assert may_contact(anna, "email", "marketing", at + DAY) == Answer((Against("held", at),))
    assert against(anna, at, purpose="one_to_one") == []
    assert hold.lift(by=None, at=at + DAY) is True
    assert hold.lift(by=None, at=at + 2 * DAY) is False
    assert against(anna, at + DAY) == []


@pytest.mark.parametrize(
    ("reason", "one_to_one"), [("bounced", ["bounced"]), ("complained", ["complained"]), ("unsubscribed", [])]
)
def test_an_address_that_must_not_be_written_to(anna, at, reason, one_to_one):
    Suppression.add(" ANNA@adler.example", reason, by=None, at=at)
    assert against(anna, at) == [reason]
    assert against(anna, at, purpose="one_to_one") == one_to_one
    assert against(anna, at, "phone") == []


def test_another_address_of_the_person_and_one_that_is_tried_again(anna, cast, at):
    one = Suppression.add("anna@adler.example", "bounced", by=None, at=at)
    assert Suppression.add("anna@adler.example", "bounced", by=None, at=at + DAY) == one
    anna.edit({"email": "anna@new.example"}, seen=0, by=None, at=at)
    assert against(anna, at) == []
    anna.edit({"email": "anna@adler.example"}, seen=1, by=None, at=at)
    assert against(anna, at) == ["bounced"]
    assert one.lift(by=cast.ines, at=at + DAY)
    assert against(anna, at + DAY) == []


@pytest.mark.parametrize(("address", "reason"), [("no address", "bounced"), ("a@b.example", "mood")])
def test_what_is_no_address_or_no_reason_is_refused(db, at, address, reason):
    with pytest.raises(ValueError, match=address if address == "no address" else reason):
        Suppression.add(address, reason, by=None, at=at)


def test_whoever_is_in_the_trash_is_not_written_to_at_all(anna, at):
    anna.trash(by=None, at=at)
    assert may_contact(anna, "email", "one_to_one", at) == Answer((Against("trashed", at),))


def test_of_merged_records_the_stricter_counts_and_parted_each_has_its_own(anna, twin, cast, at):
    Veto.lay(twin, "asked", by=cast.felix, at=at)
    Hold.lay(twin.pk, 7, by=None, at=at)
    Suppression.add("anna@private.example", "unsubscribed", by=None, at=at)
    Suppression.add("anna@private.example", "bounced", by=None, at=at)
    merge = Merge.of(anna, twin, reason="same", by=None, at=at)
    assert against(anna, at) == ["vetoed", "unsubscribed", "held"]
    assert against(twin, at)[0] == "merged"
    merge.undo(by=None, at=at)
    assert against(anna, at) == []
    assert against(twin, at) == ["vetoed", "unsubscribed", "bounced", "held"]


def test_a_veto_of_either_record_is_one_of_the_person(anna, twin, cast, at):
    Veto.lay(anna, "asked", by=cast.felix, at=at)
    Veto.lay(twin, "competitor", by=cast.ines, at=at)
    third = Contact.create({"name": "Anna"}, by=None, at=at)
    Merge.of(anna, twin, reason="same", by=None, at=at)
    Merge.of(third, anna, reason="same", by=None, at=at)
    with pytest.raises(AlreadyVetoed):
        Veto.lay(third, "other", by=cast.ines, at=at)
    Veto.objects.get(contact=twin).lift(by=cast.saul, at=at)
    assert against(third, at) == []


@pytest.mark.both
def test_many_are_asked_at_once_by_as_many_queries(cast, at):
    people = [Contact.create({"name": f"P{n}", "email": f"p{n}@x.example"}, by=None, at=at) for n in range(12)]
    for person in people[:4]:
        Veto.lay(person, "asked", by=cast.felix, at=at)
    Hold.lay(people[4].pk, 1, by=None, at=at)
    Suppression.add("p5@x.example", "bounced", by=None, at=at)
    Merge.of(people[6], people[3], reason="same", by=None, at=at)
    with CaptureQueriesContext(connection) as few:
        may_contact_all([people[0].pk], "email", "marketing", at)
    with CaptureQueriesContext(connection) as many:
        found = may_contact_all([one.pk for one in people], "email", "marketing", at)
    assert (len(few), len(many)) == (5, 5)
    assert [n for n, one in enumerate(people) if not found[one.pk].yes] == [0, 1, 2, 3, 4, 5, 6]
    assert may_contact_all([], "email", "marketing", at) == {}


def test_somebody_who_is_not_there_and_an_unknown_purpose(anna, at):
    assert may_contact_all([0], "email", "marketing", at)[0] == Answer((Against("merged"),))
    with pytest.raises(KeyError):
        may_contact(anna, "email", "gossip", at)


def test_the_weightiest_reason_comes_first():
    known = [Against("held"), Against("bounced"), Against("vetoed")]
    assert [one.reason for one in answer(known, "email", "marketing").against] == ["vetoed", "bounced", "held"]
