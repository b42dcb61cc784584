"""Marketing holds still from the acceptance of a hand-off until the lead goes back or ends."""

import pytest

from accord.kernel import clock
from accord.rooms.funnel.models import Lead
from accord.rooms.people.contacting import may_contact
from accord.rooms.people.models import Contact, Hold, Merge
from tests.remembered import remembered
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.scenarios.living import contact, moved, on, work

TUESDAY = on("2026-02-03T10:00:00")


@pytest.fixture
@remembered
def handoff(cast, signed):
    return accepted(handed(), cast.ines)


def held(whose, at=TUESDAY) -> list[str]:
    return [one.reason for one in may_contact(Contact.objects.get(pk=whose), "email", "marketing", at).against]


def test_while_it_is_offered_marketing_may_write(cast, signed):
    assert held(handed().lead.contact_id) == []


def test_accepting_lays_a_hold_from_then_on(cast, handoff):
    hold = Hold.objects.get()
    assert (hold.contact_id, hold.lead, hold.laid_at) == (
        handoff.lead.contact_id, handoff.lead_id, on("2026-02-02T09:00:00"),
    )  # fmt: skip
    assert held(handoff.lead.contact_id) == ["held"]


@pytest.mark.parametrize("move", ["returned", "lost", "recycled", "disqualified", "won"])
def test_going_back_or_ending_lifts_it(cast, handoff, move):
    moved(handoff.lead.contact, move, "2026-02-03T09:00:00")
    assert held(handoff.lead.contact_id) == []
    assert Hold.objects.get().lifted_at == on("2026-02-03T09:00:00")


def test_giving_it_back_lays_none(cast, signed):
    handoff = handed()
    with clock.moved_to(MONDAY):
        handoff.give_back("timing", by=cast.ines, at=MONDAY)
    work(MONDAY)
    assert not Hold.objects.exists()


def test_going_on_to_field_sales_keeps_it(cast, handoff):
    moved(handoff.lead.contact, "to_sql", "2026-02-03T09:00:00")
    assert held(handoff.lead.contact_id) == ["held"]


def test_opened_again_it_is_laid_again(cast, handoff):
    moved(handoff.lead.contact, "lost", "2026-02-03T08:00:00")
    with clock.moved_to(TUESDAY):
        Lead.objects.get(pk=handoff.lead_id).reopen(by=cast.ines.pk, at=TUESDAY, stage="sal")
    work(TUESDAY)
    assert held(handoff.lead.contact_id) == ["held"]
    assert Hold.objects.here().get().laid_at == TUESDAY


def test_in_the_trash_there_is_no_conversation(cast, handoff):
    with clock.moved_to(MONDAY):
        Lead.objects.get(pk=handoff.lead_id).trash(by=cast.ada.pk, at=MONDAY)
    work(MONDAY)
    assert held(handoff.lead.contact_id) == []
    with clock.moved_to(MONDAY):
        Lead.objects.get(pk=handoff.lead_id).restore(by=cast.ada.pk, at=MONDAY)
    work(MONDAY)
    assert held(handoff.lead.contact_id) == ["held"]


def test_whoever_lifted_it_by_hand_is_not_overruled(cast, handoff):
    with clock.moved_to(MONDAY):
        Hold.objects.get().lift(by=cast.ines, at=MONDAY)
    moved(handoff.lead.contact, "to_sql", "2026-02-03T09:00:00")
    assert held(handoff.lead.contact_id) == []


@pytest.mark.both
def test_it_survives_a_merge_and_goes_with_its_lead_when_they_part(cast, handoff):
    whose = handoff.lead.contact_id
    survivor = contact("Survivor")
    with clock.moved_to(MONDAY):
        merge = Merge.of(survivor, Contact.objects.get(pk=whose), reason="same", by=None, at=MONDAY)
    work(MONDAY)
    assert held(survivor.pk) == ["held"]
    moved(survivor, "lost", "2026-02-02T11:00:00")
    with clock.moved_to(on("2026-02-02T12:00:00")):
        Lead.objects.get(pk=handoff.lead_id).reopen(by=None, at=on("2026-02-02T12:00:00"), stage="sal")
    work(on("2026-02-02T12:00:00"))
    assert Hold.objects.here().get().contact_id == survivor.pk
    with clock.moved_to(TUESDAY):
        merge.undo(by=None, at=TUESDAY)
    work(TUESDAY)
    assert (held(survivor.pk), held(whose)) == ([], ["held"])
