"""A lead that was accepted and goes no further: back to marketing, on its track, and nothing is laundered by it."""

import pytest

from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.rooms.desk.models import Dropped, Task
from accord.rooms.funnel.models import AlreadyMoved, Deal, Lead, Transition
from accord.rooms.handoff import rules
from accord.rooms.handoff.models import Answered, Handoff, HasOpenDeal, NeedsReason, NotAnswerable, Return
from accord.rooms.promises.models import Clock
from accord.rooms.promises.sweeping import sweep
from tests.audited import violations
from tests.remembered import remembered
from tests.rooms.handoff.test_handing import AGREED
from tests.scenarios.living import agreed, contact, on, touch, work

pytestmark = pytest.mark.both

PROMISED = (
    AGREED
    + """
promises:
  marketing:
    - {id: take_up, measure: return_taken_up, within: 2 business days, share: 0.9, mode: enforced}
  sales:
    - {id: first_contact, measure: first_human_contact, of: to_inside, within: 4 business hours, share: 0.9,
       mode: enforced}
    - {id: attempts, measure: attempts, of: to_inside, at_least: 3, within: 5 business days, share: 0.9, mode: pilot}
    - {id: verdict, measure: verdict, of: to_inside, within: 5 business days, share: 0.95, mode: pilot}
"""
)


@pytest.fixture
def at():
    return on("2025-12-30")


@pytest.fixture
@remembered
def signed(cast):
    return agreed(cast, PROMISED, "2026-01-02")


def taken(cast, name="anna", day="2026-02-02T08:00:00", accepted="2026-02-02T09:00:00") -> Handoff:
    whose = contact(name)
    touch(whose, "download", day)
    handoff = Handoff.objects.select_related("lead__contact", "version").get(lead__contact=whose, state=rules.OFFERED)
    handoff.accept(by=cast.ines, at=on(accepted))
    work(on(accepted))
    handoff.refresh_from_db()
    return handoff


def hand_back(handoff, by, day, reason="timing", note="") -> None:
    with clock.moved_to(on(day)):
        handoff.hand_back(reason, by=by, at=on(day), note=note)
    work(on(day))


def clocks(handoff) -> dict[str, tuple[str, str]]:
    rows = Clock.objects.filter(handoff=handoff)
    return {row.promise: (row.state, row.cause) for row in rows}


def test_it_goes_back_to_the_pool_on_the_track_of_its_reason(cast, signed):
    handoff = taken(cast)
    hand_back(handoff, cast.ines, "2026-02-02T10:00:00", note="after the summer")
    lead = Lead.objects.select_related("owner", "contact__owner").get(pk=handoff.lead_id)
    assert (lead.stage, lead.owner, lead.contact.owner) == ("engaged", cast.mila, cast.mila)
    back = Return.objects.get()
    assert (back.handoff, back.by, back.reason, back.note) == (handoff, cast.ines, "timing", "after the summer")
    assert (back.track, back.program, back.wake_at) == ("wake", "stay_in_touch", on("2026-05-03T10:00:00"))
    assert handoff.state == rules.ACCEPTED  # the answer that was given stands
    move = Transition.objects.filter(lead_id=lead.pk).latest("id")
    assert (move.move, move.from_stage, move.to_stage, move.by_id, move.reason) == (
        "returned", "sal", "engaged", cast.ines.pk, "timing",
    )  # fmt: skip
    assert Fact.objects.get(kind="handoff_returned").payload["track"] == "wake"
    assert {found for found in violations() if found[0] != "values"} == set()


def test_a_broken_promise_stays_broken_and_what_ran_ends(cast, signed):
    handoff = taken(cast)
    with clock.moved_to(on("2026-02-03T09:00:00")):
        sweep(on("2026-02-03T09:00:00"))
    assert clocks(handoff)["first_contact"] == ("broken", "")
    hand_back(handoff, cast.ines, "2026-02-03T09:30:00")
    assert clocks(handoff) == {
        "first_contact": ("broken", ""), "attempts": ("void", "returned"), "verdict": ("kept", ""),
        "take_up": ("running", ""),
    }  # fmt: skip
    with clock.moved_to(on("2026-02-20T09:00:00")):
        sweep(on("2026-02-20T09:00:00"))
    assert clocks(handoff)["first_contact"] == ("broken", "")
    assert clocks(handoff)["attempts"] == ("void", "returned")


def test_marketing_owes_taking_it_up_from_the_return_on(cast, signed):
    handoff = taken(cast)
    hand_back(handoff, cast.ines, "2026-02-03T10:00:00")
    owed = Clock.objects.get(promise="take_up")
    assert (owed.side, owed.owner, owed.received_at) == ("marketing", cast.mila, on("2026-02-03T10:00:00"))
    Return.objects.get().take_up(by=cast.mara, at=on("2026-02-03T12:00:00"))
    work(on("2026-02-03T12:00:00"))
    assert clocks(handoff)["take_up"] == ("kept", "")


def test_what_its_seller_had_planned_is_dropped_and_was_not_done(cast, signed):
    handoff = taken(cast)
    due, made = on("2026-02-05T09:00:00"), on("2026-02-02T09:10:00")
    sellers = Task.plan(owner=cast.ines, lead=handoff.lead, kind="call", due_at=due, by=cast.ines, at=made)
    marketers = Task.plan(owner=cast.mara, lead=handoff.lead, kind="email", due_at=due, by=cast.mara, at=made)
    hand_back(handoff, cast.ines, "2026-02-02T10:00:00")
    assert list(Task.objects.open().exclude(kind="wake")) == [marketers]
    sellers.refresh_from_db()
    assert (sellers.dropped_at, sellers.done_at) == (on("2026-02-02T10:00:00"), None)
    assert Fact.objects.filter(kind="task_done").count() == 0
    with pytest.raises(Dropped):
        sellers.done(by=cast.ines, at=on("2026-02-02T11:00:00"))
    assert Fact.objects.filter(kind="task_dropped").values_list("subject_id", flat=True).get() == sellers.pk


def test_an_open_deal_is_won_or_lost_first(cast, signed):
    handoff = taken(cast)
    with clock.moved_to(on("2026-02-02T10:00:00")):
        lead = Lead.objects.get(pk=handoff.lead_id)
        values = {"name": "Pumps"}
        deal = Deal.open(lead=lead, values=values, by=cast.ines.pk, at=on("2026-02-02T10:00:00"))
    with pytest.raises(HasOpenDeal) as refused:
        hand_back(handoff, cast.ines, "2026-02-02T11:00:00")
    assert refused.value.args[0] == deal
    assert Lead.objects.get(pk=handoff.lead_id).stage == "opportunity"
    assert not Return.objects.exists()


def test_without_a_deal_an_opportunity_goes_back_too(cast, signed):
    handoff = taken(cast)
    with clock.moved_to(on("2026-02-02T10:00:00")):
        lead = Lead.objects.get(pk=handoff.lead_id)
        deal = Deal.open(lead=lead, values={"name": "Pumps"}, by=cast.ines.pk, at=on("2026-02-02T10:00:00"))
        deal.trash(by=cast.saul.pk, at=on("2026-02-02T10:30:00"))
    hand_back(handoff, cast.ines, "2026-02-02T11:00:00")
    assert Lead.objects.get(pk=handoff.lead_id).stage == "engaged"


def test_from_field_sales_it_goes_the_same_way(cast, signed):
    first = taken(cast)
    with clock.moved_to(on("2026-02-02T10:00:00")):
        Lead.objects.get(pk=first.lead_id).move("to_sql", by=cast.ines.pk, at=on("2026-02-02T10:00:00"))
    work(on("2026-02-02T10:00:00"))
    second = Handoff.objects.select_related("version", "lead").get(kind="to_field")
    with pytest.raises(Answered):
        hand_back(second, cast.felix, "2026-02-02T10:30:00")  # what is offered is answered
    second.accept(by=cast.felix, at=on("2026-02-02T11:00:00"))
    with pytest.raises(Answered) as handed_on:
        hand_back(first, cast.ines, "2026-02-02T11:30:00")  # a later hand-off stands for the lead
    assert (handed_on.value.who, handed_on.value.state) == (cast.felix, rules.ACCEPTED)
    hand_back(second, cast.felix, "2026-02-02T12:00:00", reason="no_fit")
    assert Return.objects.values_list("handoff__kind", "by", "track").get() == ("to_field", cast.felix.pk, "suppress")


def test_it_is_returned_once(cast, signed):
    handoff, stale = taken(cast), None
    stale = Handoff.objects.select_related("version", "lead").get(pk=handoff.pk)
    hand_back(handoff, cast.ines, "2026-02-02T10:00:00")
    with pytest.raises(Answered) as again:
        hand_back(stale, cast.saul, "2026-02-02T10:01:00")
    assert (again.value.who, again.value.state) == (cast.ines, rules.RETURNED)
    assert Return.objects.count() == Fact.objects.filter(kind="handoff_returned").count() == 1


def test_a_lead_that_came_again_is_returned_by_its_new_hand_off(cast, signed):
    first = taken(cast)
    hand_back(first, cast.ines, "2026-02-02T10:00:00")
    again = first.lead.contact
    touch(again, "download", "2026-03-02T08:00:00")
    second = Handoff.objects.select_related("version", "lead").get(lead__contact=again, state=rules.OFFERED)
    second.accept(by=cast.ines, at=on("2026-03-02T09:00:00"))
    with pytest.raises(Answered):
        hand_back(first, cast.ines, "2026-03-02T09:30:00")
    hand_back(second, cast.ines, "2026-03-02T10:00:00", reason="budget")
    assert list(Return.objects.order_by("id").values_list("reason", flat=True)) == ["timing", "budget"]


def test_a_reason_is_needed_and_a_return_that_the_document_knows(cast, signed):
    handoff = taken(cast)
    with pytest.raises(NeedsReason):
        hand_back(handoff, cast.ines, "2026-02-02T10:00:00", reason=" ")
    Handoff.objects.filter(pk=handoff.pk).update(kind="to_service")
    handoff.refresh_from_db()
    with pytest.raises(NotAnswerable):
        hand_back(handoff, cast.ines, "2026-02-02T10:00:00")
    assert Lead.objects.get(pk=handoff.lead_id).stage == "sal"


def test_a_lead_that_is_not_with_sales_stays_where_it_is(cast, signed):
    handoff = taken(cast)
    with clock.moved_to(on("2026-02-02T10:00:00")):
        Lead.objects.get(pk=handoff.lead_id).move("lost", by=cast.ines.pk, at=on("2026-02-02T10:00:00"), reason="price")
    with pytest.raises(AlreadyMoved):
        hand_back(handoff, cast.ines, "2026-02-02T11:00:00")
    assert not Return.objects.exists()


def moved_back(lead, by, day, reason="timing") -> None:
    with clock.moved_to(on(day)):
        Lead.objects.get(pk=lead.pk).move("returned", by=by and by.pk, at=on(day), reason=reason)
    work(on(day))


@pytest.mark.parametrize("who", ["felix", None])
def test_a_lead_that_was_moved_back_by_another_way_is_on_its_track_all_the_same(cast, signed, who):
    handoff, by = taken(cast), getattr(cast, who) if who else None
    moved_back(handoff.lead, by, "2026-02-03T10:00:00")
    back = Return.objects.get(handoff=handoff)
    assert (back.track, back.program, back.by, back.at) == ("wake", "stay_in_touch", by, on("2026-02-03T10:00:00"))
    assert (back.taken_up_at, Lead.objects.get(pk=handoff.lead_id).stage) == (None, "engaged")
    assert Clock.objects.get(handoff=handoff, promise="take_up").state == "running"
    work(on("2026-02-03T11:00:00"))
    assert Return.objects.count() == 1


def test_a_marketer_who_takes_it_back_has_it_again(cast, signed):
    handoff = taken(cast)
    moved_back(handoff.lead, cast.mara, "2026-02-03T10:00:00")
    back = Return.objects.get(handoff=handoff)
    assert (back.taken_up_by, back.taken_up_at) == (cast.mara, on("2026-02-03T10:00:00"))
    assert Lead.objects.get(pk=handoff.lead_id).owner == cast.mara
    assert Clock.objects.get(handoff=handoff, promise="take_up").state == "kept"
