"""A world that is put back is the one that was made."""

import pytest
from django.db import transaction

from accord.kernel import search
from accord.rooms.people.models import Contact
from tests import remembered as recalling
from tests.remembered import remembered

pytestmark = pytest.mark.both


def test_a_world_that_is_put_back_is_the_one_that_was_made(cast, still):
    made = []

    @remembered
    def world(at) -> Contact:
        made.append(Contact.create({"name": "Anna Adler", "email": "anna@adler.example"}, by=cast.ada.pk, at=at))
        return made[0]

    found = []
    for _time in range(2):
        with transaction.atomic():
            returned = world(at=still)
            rows = recalling._database().rows()
            found.append((returned.pk, returned.name, search.find("adler", "contact"), rows))
            transaction.set_rollback(True)
        assert not Contact.objects.exists()
    assert len(made) == 1
    assert found[0] == found[1]
    assert found[1][2] == [made[0].pk]


def test_on_another_ledger_it_is_made_again(cast, still):
    made = []

    @remembered
    def world(at) -> None:
        made.append(at)

    world(at=still)
    world(at=still)
    Contact.create({"name": "Bea Berg"}, by=None, at=still)
    world(at=still)
    assert len(made) == 2
