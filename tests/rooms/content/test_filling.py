"""Merge fields: looked up by name, never evaluated."""

import pytest

from accord.kernel import clock
from accord.rooms.content import filling, rules
from accord.rooms.content.models import MailTemplate
from accord.rooms.people.models import Company, Contact, LostRace
from accord.rooms.people.personal import booking_address
from accord.rooms.team.models import House

KNOWN = ("contact.name", "contact.title", "company.name")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Dear {{ contact.name }}, {{company.name}} {{  contact.title  }}", []),
        ("{{ contact.salary }} and {{ contact.name }}", ["{{ contact.salary }}"]),
        ("{{ contact.name|upper }}", ["{{ contact.name|upper }}"]),
        ("{{ contact.__class__ }} {{ contact.name.pk }}", ["{{ contact.__class__ }}", "{{ contact.name.pk }}"]),
        ("{{ name }}", ["{{ name }}"]),
        ("{{ contact.name", ["{{ contact.name"]),
        ("contact.name }}", ["}}"]),
        ("{% include 'x' %}", ["{% include 'x' %}"]),
        ("{{ x.y }} {{ x.y }}", ["{{ x.y }}"]),
        ("50 % off, {one} brace", []),
    ],
)
def test_what_is_no_field_is_named_as_it_was_written(text, wrong):
    assert rules.unknown(text, KNOWN) == wrong


def test_values_are_put_in_once_and_what_is_missing_is_said():
    values = {"contact.name": "{{ company.name }}", "company.name": "Adler"}
    filled = rules.fill("{{ contact.name }} of {{company.name}}, {{ contact.title }}{{ contact.title }}.", values)
    assert (filled.text, filled.missing) == ("{{ company.name }} of Adler, .", ("contact.title",))


@pytest.fixture
def anna(cast, at) -> Contact:
    with clock.moved_to(at):
        House.get().define_field("contact", "pumps", by=None, at=at, label="Pumps", type="number")
        adler = Company.create({"name": "Adler GmbH", "industry": "Machinery"}, by=None, at=at)
        values = {"name": "Анна Белова", "title": "Head", "company": adler.pk, "owner": cast.ines.pk, "pumps": "12"}
        return Contact.create(values, by=None, at=at)


def test_every_published_field_stands_for_what_is_known_now(anna, cast):
    values = filling.values_of(anna, cast.ines)
    assert {name: value for name, value in values.items() if value} == {
        "contact.name": "Анна Белова", "contact.title": "Head", "contact.company": "Adler GmbH",
        "contact.owner": "Ines Ito", "contact.pumps": "12", "company.name": "Adler GmbH",
        "company.industry": "Machinery", "member.name": "Ines Ito", "member.email": "ines@house.example",
        "booking.link": booking_address(anna),
    }  # fmt: skip
    assert set(values) == set(filling.known())
    assert "contact.trashed" not in filling.known()


def test_without_a_company_nothing_is_known_of_one(cast, at):
    with clock.moved_to(at):
        alone = Contact.create({"name": "Alone"}, by=None, at=at)
    filled = rules.fill("{{ company.name }}", filling.values_of(alone, cast.ines))
    assert (filled.text, filled.missing) == ("", ("company.name",))


@pytest.mark.both
def test_a_template_is_written_changed_trashed_and_taken_back(cast, at):
    with clock.moved_to(at):
        one = MailTemplate.write({"name": "Hello", "subject": "Hi", "text": "Dear"}, by=cast.mara, at=at)
        one.edit({"text": "Dear you"}, seen=0, by=cast.ines, at=at)
        with pytest.raises(LostRace):
            one.edit({"text": "Dear me"}, seen=0, by=cast.ines, at=at)
        assert (one.text, one.owner, one.version) == ("Dear you", cast.mara, 1)
        one.trash(by=cast.mara, at=at)
        assert list(MailTemplate.objects.visible_to(cast.mara).here()) == []
        one.restore(by=cast.mara, at=at)
    assert list(MailTemplate.objects.visible_to(cast.mara).here()) == [one]
    assert list(MailTemplate.objects.visible_to(cast.paula)) == []
