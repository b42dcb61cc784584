"""Whose touches were taken back, of however many facts."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import ledger
from accord.kernel.imports.revert import ImportReverted
from accord.kernel.ledger import Fact, Retraction
from accord.rooms.people.models import Contact
from accord.rooms.promises.touching import taken_back_of
from tests.scenarios.living import contact, on, touch

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def taken_back(*people: Contact) -> tuple[set[int], int]:
    """Everybody was called, each told by a fact of its own, which one fact takes back; and what it costs to see."""
    for one in people:
        touch(one, "call_out", "2026-01-05")
    told = Fact.objects.order_by("-id").filter(kind="touches_recorded")[: len(people)]
    with ledger.write(on("2026-01-06")) as writing:
        writing.record(ImportReverted(1), [Retraction(retracted_fact_id=one.pk, reason="revert") for one in told])
    with CaptureQueriesContext(connection) as asked:
        found = taken_back_of([Fact.objects.latest("id")])
    return found, len(asked)


def test_many_facts_are_asked_of_at_once(cast):
    anna, *others = [contact(name) for name in ("anna", "berta", "carla", "dora", "emma")]
    one, cost = taken_back(anna)
    assert one == {anna.pk}
    several, more = taken_back(*others)
    assert several == {who.pk for who in others}
    assert more - cost < 20  # what it takes to find the ends of the stretch grows with the logarithm alone
