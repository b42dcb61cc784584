"""How far the fields of a kind of record are filled."""

import pytest

from accord.rooms.people.models import Company, Contact
from accord.rooms.team.queries import filled

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def people(cast, at):
    company = Company.create({"name": "Hengrui"}, by=None, at=at)
    given = [
        {
            "name": "Chen Siyuan",
            "email": "s@hengrui.example",
            "title": "Director",
            "company": company.pk,
            "budget": "5000",
        },
        {"name": "Anna", "title": "Buyer"},
        {"name": "Otto", "title": "Engineer"},
        {"email": "nameless@else.example"},
    ]
    contacts = [Contact.create(values, by=None, at=at) for values in given]
    contacts[2].edit({"title": ""}, seen=contacts[2].version, by=None, at=at)
    return contacts


@pytest.mark.both
def test_columns_and_values_are_counted_alike_and_an_emptied_value_is_none(people, cast):
    total, known = filled("contact", Contact.objects.visible_to(cast.ada).here())
    counted = {slug: known.get(slug, 0) for slug in ("name", "email", "phone", "company", "title", "budget", "country")}
    assert total == 4
    assert counted == {"name": 3, "email": 2, "phone": 0, "company": 1, "title": 2, "budget": 1, "country": 0}


def test_what_is_in_the_trash_does_not_count(people, cast, at):
    people[0].trash(by=None, at=at)
    total, known = filled("contact", Contact.objects.visible_to(cast.ada).here())
    assert (total, known["name"], known.get("title", 0), known["company"]) == (3, 2, 1, 0)


def test_nothing_is_counted_of_what_is_not_seen(people, cast):
    assert filled("contact", Contact.objects.visible_to(cast.paula).here())[0] == 0


def test_three_queries_whatever_the_size(people, cast, django_assert_num_queries):
    with django_assert_num_queries(3):
        filled("contact", Contact.objects.visible_to(cast.ada).here())
