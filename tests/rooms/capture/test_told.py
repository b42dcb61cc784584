"""What identify and group tell becomes values of the contact and of its company."""

from datetime import timedelta

import pytest

from accord.kernel import fields, traits
from accord.kernel.fields import CustomField
from accord.kernel.traits import Trait
from accord.rooms.capture.models import DroppedEvent
from accord.rooms.people.models import Company, Contact
from tests.rooms.capture.conftest import identify

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("still")]
DAY = timedelta(days=1)


def now(kind: str, record: int) -> dict[str, str]:
    return {slug: value.text for slug, value in traits.now(kind, [record])[record].items()}


def group(user: str, company: str, **told) -> dict:
    return {"type": "group", "userId": user, "groupId": company, "traits": told}


def test_traits_become_values(door, at):
    door.send(
        identify(
            "u1", name="Kim Müller", email="kim@x.example", phone="+49 30 1", jobTitle="CEO",
            address={"country": "DE", "city": "Berlin", "postalCode": "10115"}, budget=5000, avatar="https://x/y.png",
        ),
        at=at,
    )  # fmt: skip
    contact = Contact.objects.get()
    assert (contact.name, contact.email, contact.phone) == ("Kim Müller", "kim@x.example", "+49 30 1")
    assert now("contact", contact.pk) == {"title": "CEO", "country": "DE", "city": "Berlin", "budget": "5000"}


def test_traits_in_the_context_are_the_events_too(door, at):
    in_context = {"context": {"traits": {"email": "kim@x.example", "title": "CEO"}}}
    door.send(
        {"type": "identify", "userId": "u1", **in_context},
        {**identify("u2", email="bo@x.example"), **in_context},
        at=at,
    )
    found = {c.external_id: (c.email, now("contact", c.pk)["title"]) for c in Contact.objects.all()}
    assert found == {"u1": ("kim@x.example", "CEO"), "u2": ("bo@x.example", "CEO")}


def test_who_a_track_is_of_changes_no_values(door, at):
    track = {"type": "track", "event": "Download", "userId": "u1", "context": {"traits": {"title": "CEO"}}}
    door.send(track, at=at)
    assert now("contact", Contact.objects.get().pk) == {}


def test_a_name_in_two_parts(door, at):
    door.send(identify("u1", firstName="Kim", lastName=" Müller "), identify("u2", first_name="Bo"), at=at)
    assert list(Contact.objects.order_by("external_id").values_list("name", flat=True)) == ["Kim Müller", "Bo"]


def test_only_what_differs_is_recorded(door, at):
    """A client identifies on every page."""
    same = {"email": "kim@x.example", "title": "CEO", "company": {"name": "Acme", "employees": 40}}
    for days in range(3):
        door.send(identify("u1", **same), identify("u1", **same), at=at + days * DAY)
    door.send(identify("u1", **{**same, "title": "CTO"}), at=at + 3 * DAY)
    of_contact = Trait.objects.filter(kind="contact").order_by("id").values_list("field", "text")
    company = str(Company.objects.get().pk)
    assert sorted(of_contact) == [("company", company), ("email", "kim@x.example"), ("title", "CEO"), ("title", "CTO")]
    assert sorted(Trait.objects.filter(kind="company").values_list("field", "text")) == [
        ("employees", "40"),
        ("name", "Acme"),
    ]


def test_a_value_holds_from_when_it_was_said(door, at):
    """What was said earlier and arrives later does not undo what was said since."""
    door.send({**identify("u1", title="CTO"), "timestamp": at.isoformat()}, at=at)
    door.send({**identify("u1", title="Intern"), "timestamp": (at - 900 * DAY).isoformat()}, at=at + DAY)
    contact = Contact.objects.get().pk
    assert now("contact", contact)["title"] == "CTO"
    then, later = at - DAY, at + DAY
    assert traits.known("contact", contact, then, later)["title"].text == "Intern"
    assert "title" not in traits.known("contact", contact, then, at)


def test_an_unknown_trait_becomes_a_field_of_the_house(door, at):
    door.send(
        identify("u1", favouriteColour="green", seats=7, beta=True, 行业="化工", nested={"no": 1}, many=[1]), at=at
    )
    made = dict(CustomField.objects.filter(kind="contact").values_list("slug", "type"))
    assert made == {"favourite_colour": "text", "seats": "number", "beta": "bool", "行业": "text"}
    values = now("contact", Contact.objects.get().pk)
    assert values == {"favourite_colour": "green", "seats": "7", "beta": "true", "行业": "化工"}


def test_what_is_equal_to_a_machine_is_no_one_text(door, at):
    told = [("text", "a"), ("true", True), ("one", 1), ("float", 1.0)]
    for who, value in told:
        door.send(identify(who, department=value), at=at)
    found = {c.external_id: now("contact", c.pk)["department"] for c in Contact.objects.all()}
    assert found == {"text": "a", "true": "True", "one": "1", "float": "1.0"}


def test_there_is_an_end_to_new_fields(door, at):
    for start in range(0, 250, 50):
        door.send(identify("u1", **{f"f{n}": n for n in range(start, start + 50)}, title=f"T{start}"), at=at)
    assert CustomField.objects.filter(kind="contact").count() == 200
    values = now("contact", Contact.objects.get().pk)
    assert len(values) == 201
    assert values["title"] == "T200"  # fields that are there go on


@pytest.mark.parametrize("wrong", ["many", "12 pieces", 10**30, [], {"a": 1}, None, ""])
def test_a_value_that_a_field_cannot_hold_is_left_out_and_the_others_kept(door, at, wrong):
    door.send(identify("u1", budget=wrong, email="no address", title="CEO"), at=at)
    contact = Contact.objects.get()
    assert (now("contact", contact.pk), contact.email) == ({"title": "CEO"}, "")
    assert DroppedEvent.objects.count() == 0


def test_a_day_as_machines_count_it(door, at):
    fields.add("contact", "renewal", at, type="date")
    door.send(
        identify("u1", renewal=1772452800), identify("u2", renewal="2026-03-02"), identify("u3", renewal=-1), at=at
    )
    found = {c.external_id: now("contact", c.pk).get("renewal") for c in Contact.objects.all()}
    assert found == {"u1": "2026-03-02", "u2": "2026-03-02", "u3": None}


def test_texts_longer_than_their_column(door, at):
    door.send(identify("u1", name="n" * 300, phone="1" * 300, notes="x" * 5000), at=at)
    contact = Contact.objects.get()
    assert (len(contact.name), len(contact.phone)) == (255, 60)
    assert now("contact", contact.pk)["notes"] == "x" * 2000


def test_a_group_tells_of_the_company(door, at):
    door.send(
        identify("u1"), group("u1", "acme-1", name="Acme", website="acme.example", employees=40, plan="gold"), at=at
    )
    company = Company.objects.get()
    assert (company.external_id, company.name, company.domain) == ("acme-1", "Acme", "acme.example")
    assert now("company", company.pk) == {"employees": "40", "tier": "gold"}
    assert Contact.objects.get().company == company


def test_a_group_of_somebody_whom_nobody_knows_tells_nothing(door, at):
    door.send({"type": "group", "anonymousId": "d1", "groupId": "acme-1", "traits": {"name": "Acme"}}, at=at)
    assert Company.objects.count() == 0


@pytest.mark.parametrize("company", ["Acme", {"name": "Acme"}, {"id": "acme-1", "name": "Whatever"}, {"id": "acme-1"}])
def test_a_company_that_is_there_is_found(door, at, company):
    acme = Company.create({"name": "Acme"}, by=None, at=at, external_id="acme-1")
    door.send(identify("u1", company=company), at=at)
    assert list(Company.objects.values_list("pk", flat=True)) == [acme.pk]
    assert Contact.objects.get().company_id == acme.pk


def test_who_changes_company_has_been_at_both(door, at):
    door.send(identify("u1", company="Acme"), at=at)
    door.send(identify("u1", company="Bolt"), at=at + DAY)
    contact = Contact.objects.get()
    then = traits.known("contact", contact.pk, at, at + DAY)["company"].text
    assert (Company.objects.get(pk=int(then)).name, contact.company.name) == ("Acme", "Bolt")
