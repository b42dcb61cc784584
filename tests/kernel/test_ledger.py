"""Facts are kept: one instant a transaction, in the order of commits, and nothing is recorded before it happened."""

from datetime import UTC, datetime, timedelta

import pytest

from accord.kernel import clock, ledger, traits
from accord.kernel.facts import columns, fact
from accord.kernel.instants import BEGINNING, FOREVER, from_micros, to_micros
from accord.kernel.ledger import Fact, Retraction
from accord.kernel.traits import Trait
from accord.rooms.people.models import Contact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


@fact
class KettleBoiled:
    kettle: int
    degrees: int
    contact: int | None = None


def boil(writing: ledger.Writing, **more) -> None:
    writing.record(KettleBoiled(kettle=1, degrees=100, **more))


def test_a_fact_has_its_subject_ids_and_payload(still):
    with ledger.write(still, by=7) as writing:
        boil(writing, contact=3)

    kept = Fact.objects.get()
    assert (kept.kind, kept.subject, kept.subject_id, kept.contact_id, kept.lead_id) == (
        "kettle_boiled",
        "kettle",
        1,
        3,
        None,
    )
    assert (kept.payload, kept.by_id) == ({"degrees": 100}, 7)
    assert kept.occurred_at == kept.recorded_at == kept.stored_at == still


def test_instants_grow_although_the_clock_stands_still(still):
    for _ in range(3):
        with ledger.write(still) as writing:
            boil(writing)
            boil(writing)

    instants = list(Fact.objects.order_by("id").values_list("stored_at", flat=True))
    step = timedelta(microseconds=1)
    assert instants == [still, still, still + step, still + step, still + 2 * step, still + 2 * step]
    assert ledger.latest() == still + 2 * step


def test_a_clock_that_goes_back_does_not_take_the_ledger_with_it(at):
    with clock.moved_to(at), ledger.write(at) as writing:
        boil(writing)
    with clock.moved_to(at - timedelta(days=1)), ledger.write(at) as writing:
        boil(writing)

    first, second = Fact.objects.order_by("id")
    assert second.stored_at > first.stored_at


def test_a_block_inside_another_is_the_same_transaction(still):
    def told() -> None:
        with ledger.write(still) as outer:
            boil(outer)
            with ledger.write(still) as inner:
                assert inner is outer
                boil(inner)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        told()

    assert not Fact.objects.exists()
    assert ledger.latest() is None


def test_what_claims_to_happen_after_it_was_recorded_is_set_back_and_marked(still):
    contact = Contact.objects.create(external_id="k", created_at=still)
    with ledger.write(still) as writing:
        traits.put(writing, "contact", contact.pk, {"title": "Buyer"}, still + timedelta(minutes=4))
    with ledger.write(still) as writing:
        traits.put(writing, "contact", contact.pk, {"title": "Director"}, still + timedelta(minutes=6))

    near, far = Trait.objects.order_by("id")
    assert (near.occurred_at, near.ahead) == (still, False)
    assert (far.occurred_at, far.ahead) == (far.recorded_at, True)


def test_a_retraction_of_a_fact_takes_its_values_back_from_then_on(still):
    contact = Contact.objects.create(external_id="k", created_at=still)
    with ledger.write(still) as writing:
        traits.put(writing, "contact", contact.pk, {"title": "Buyer"}, still)
    wrong = Fact.objects.get()
    with ledger.write(still) as writing:
        writing.record(KettleBoiled(1, 2), [Retraction(retracted_fact_id=wrong.pk, reason="test")])
    traits.refresh("contact", [contact.pk])

    retracted_at = Retraction.objects.get().recorded_at
    assert "title" in traits.known("contact", contact.pk, retracted_at, still)
    assert "title" not in traits.known("contact", contact.pk, retracted_at, retracted_at)
    assert traits.now("contact", [contact.pk])[contact.pk] == {}


@pytest.mark.parametrize(
    "at", [BEGINNING, FOREVER, datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 3, 29, 1, 59, 59, 999999, tzinfo=UTC)]
)
def test_instants_come_back_from_the_database_as_they_were(at):
    contact = Contact.objects.create(external_id="k", created_at=at)

    contact.refresh_from_db()
    assert contact.created_at == at
    assert Contact.objects.get(created_at=at) == contact
    assert from_micros(to_micros(at)) == at


def test_an_instant_without_a_zone_is_refused(still):
    with pytest.raises(ValueError, match="time zone"):
        Contact.objects.create(external_id="k", created_at=still.replace(tzinfo=None))


def test_columns_of_a_fact_leave_its_subject_out_of_the_payload():
    assert columns(KettleBoiled(kettle=4, degrees=90))["payload"] == {"degrees": 90}
