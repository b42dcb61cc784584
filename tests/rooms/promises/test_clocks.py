"""One lead, handed over on Monday, the 2nd of February 2026, at nine: what runs, what stops it, what breaks it."""

import pytest

from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Choice, Return
from accord.rooms.promises.models import Clock
from accord.rooms.team.models import DayOff, House
from tests.rooms.promises.days import called, found, seller, standing, swept, told
from tests.scenarios.living import on, touch, work

pytestmark = pytest.mark.both


def test_every_promise_of_the_hand_off_runs_from_when_the_lead_was_earned(cast, enforced, handed, clock_of):
    one = handed()
    rows = Clock.objects.order_by("promise").values_list("promise", "side", "mode", "owner", "received_at", "due_at")
    received = on("2026-02-02T09:00:00")
    assert list(rows) == [
        ("attempts", "sales", "pilot", cast.ines.pk, received, on("2026-02-04T09:00:00")),
        ("first_contact", "sales", "enforced", cast.ines.pk, received, on("2026-02-02T13:00:00")),
        ("verdict", "sales", "pilot", cast.ines.pk, received, on("2026-02-04T09:00:00")),
    ]
    first = clock_of(one)
    assert (first.remind_at, first.escalate_at, first.take_back_at, first.next_at) == (
        on("2026-02-02T11:00:00"), on("2026-02-02T13:00:00"), on("2026-02-02T15:00:00"), on("2026-02-02T11:00:00"),
    )  # fmt: skip
    # A pilot measures, and presses nobody.
    verdict = clock_of(one, "verdict")
    assert (verdict.remind_at, verdict.escalate_at, verdict.take_back_at) == (None, None, None)
    one.refresh_from_db()
    assert one.due_at == on("2026-02-02T13:00:00")
    assert found() == set()


def test_a_call_in_time_keeps_it_and_an_acceptance_does_not(cast, enforced, handed, clock_of):
    one = handed()
    with clock.moved_to(on("2026-02-02T09:30:00")):
        one.accept(by=cast.ines, at=on("2026-02-02T09:30:00"))
    work(on("2026-02-02T09:30:00"))
    assert standing(clock_of(one))[0] == "running"
    assert standing(clock_of(one, "verdict"))[:2] == ("kept", on("2026-02-02T09:30:00"))
    one.refresh_from_db()
    assert one.due_at == on("2026-02-02T13:00:00")
    called(one, cast.ines, "2026-02-02T12:00:00")
    first = clock_of(one)
    assert standing(first) == ("kept", on("2026-02-02T12:00:00"), on("2026-02-02T12:00:00"), "")
    assert (first.spent, first.next_at) == (3 * 3600, None)
    one.refresh_from_db()
    assert one.due_at == on("2026-02-04T09:00:00")
    swept("2026-02-03T09:00:00")
    assert told("promise_broken") == told("clock_escalated") == []
    assert told("promise_kept") == [on("2026-02-02T09:30:00"), on("2026-02-02T12:00:00")]


@pytest.mark.parametrize("kind", ["email_open", "email_click", "page", "download", "email_out"])
def test_no_machine_and_nothing_that_is_read_stops_it(enforced, handed, clock_of, kind):
    one = handed()
    touch(one.lead.contact, kind, "2026-02-02T10:00:00")
    assert standing(clock_of(one))[0] == "running"


def test_a_telephone_system_stops_it_as_well(enforced, handed, clock_of):
    one = handed()
    touch(one.lead.contact, "call_out", "2026-02-02T10:00:00")
    assert standing(clock_of(one))[:2] == ("kept", on("2026-02-02T10:00:00"))


def test_reminded_broken_escalated_each_once_at_its_own_time(cast, enforced, handed, clock_of):
    one = handed()
    for minute in ("10:59:00", "11:00:00", "11:00:05", "12:59:55", "13:00:00", "13:00:05"):
        swept(f"2026-02-02T{minute}")
    assert told("clock_reminded") == [on("2026-02-02T11:00:00")]
    assert told("promise_broken") == told("clock_escalated") == [on("2026-02-02T13:00:00")]
    assert standing(clock_of(one)) == ("broken", None, None, "")
    assert found() == set()


def test_a_worker_that_was_away_for_hours_breaks_it_at_its_due_time(cast, enforced, handed, clock_of):
    one = handed()
    swept("2026-02-02T14:20:00")
    swept("2026-02-02T14:20:05")
    assert told("promise_broken") == told("clock_escalated") == [on("2026-02-02T13:00:00")]
    assert told("clock_reminded") == []  # of what is past, nobody is reminded
    broken = Fact.objects.get(kind="promise_broken")
    assert broken.recorded_at > on("2026-02-02T14:00:00")
    assert clock_of(one).next_at == on("2026-02-02T15:00:00")


def test_a_late_call_ends_what_is_owed_and_mends_nothing(cast, enforced, handed, clock_of):
    one = handed()
    swept("2026-02-02T13:00:00")
    called(one, cast.ines, "2026-02-02T14:00:00")
    first = clock_of(one)
    assert standing(first) == ("broken", on("2026-02-02T14:00:00"), on("2026-02-02T14:00:00"), "")
    assert (first.next_at, first.spent) == (None, 5 * 3600)
    swept("2026-02-02T16:00:00")
    one.refresh_from_db()
    assert (one.owner, one.taken_back) == (cast.ines, 0)


def test_taken_back_twice_at_most_and_then_it_is_for_the_head_of_sales(cast, enforced, handed, clock_of):
    ivan, iris, ida = seller("ivan"), seller("iris"), seller("ida")
    one = handed()
    assert one.owner == cast.ines
    owners = []
    for hour in ("2T15:00:05", "2T16:59:00", "3T09:00:05", "3T11:00:10", "4T09:00:00", "9T09:00:00"):
        swept(f"2026-02-0{hour}")
        one.refresh_from_db()
        owners.append(one.owner)
    # Each had two hours of work, as there were between the breach and the first taking back.
    assert owners == [ivan, ivan, iris, cast.saul, cast.saul, cast.saul]
    assert ida not in owners
    assert list(Choice.objects.order_by("id").values_list("why", flat=True)) == ["first", *["taken_back"] * 3]
    assert told("promise_broken")[0] == on("2026-02-02T13:00:00")
    first = clock_of(one)
    assert (first.due_at, first.owner, first.next_at) == (on("2026-02-02T13:00:00"), cast.ines, None)
    assert found() == set()


def test_a_pilot_measures_and_takes_nothing_back(cast, pilot, handed, clock_of):
    seller("ivan")
    one = handed()
    swept("2026-02-09T09:00:00")
    one.refresh_from_db()
    assert (one.owner, clock_of(one).state) == (cast.ines, "broken")
    assert told("clock_reminded") == told("clock_escalated") == []
    assert told("promise_broken") == [on("2026-02-02T13:00:00"), *[on("2026-02-04T09:00:00")] * 2]


def test_over_a_weekend_a_holiday_and_a_change_of_the_clocks(cast, enforced, handed, clock_of):
    """Berlin 2026: Good Friday is the 3rd of April; the clocks went forward on the 29th of March."""
    with clock.moved_to(on("2026-01-03")):
        House.get().settle({"zone": "Europe/Berlin"}, by=None, at=on("2026-01-03"))
    # Friday 16:30 by the clock before the change: half an hour is left of the day, and the rest is on Monday.
    friday = handed("friday", "2026-03-27T15:30:00")
    assert clock_of(friday).due_at == on("2026-03-30T10:30:00")
    # Thursday 16:00; Good Friday, the weekend and Easter Monday are free.
    thursday = handed("thursday", "2026-04-02T14:00:00")
    assert clock_of(thursday).due_at == on("2026-04-07T10:00:00")
    assert clock_of(thursday, "verdict").due_at == on("2026-04-08T14:00:00")


def test_a_day_that_the_house_takes_off_is_no_working_time(cast, enforced, handed, clock_of):
    DayOff.objects.create(date="2026-02-03", works=False)
    one = handed("late", "2026-02-02T15:00:00")
    assert clock_of(one).due_at == on("2026-02-04T11:00:00")


def test_attempts_are_kept_by_three_or_by_an_answer(cast, enforced, handed, clock_of):
    one, two = handed("anna"), handed("bert", "2026-02-02T09:00:01")
    for minute in ("10:00:00", "10:00:30", "11:00:00"):
        called(one, cast.ines, f"2026-02-02T{minute}")
    assert clock_of(one, "attempts").state == "running"
    called(one, cast.ines, "2026-02-02T16:00:00", kind="email_out", outcome="sent")
    assert standing(clock_of(one, "attempts"))[:2] == ("kept", on("2026-02-02T16:00:00"))
    called(two, cast.ines, "2026-02-02T12:00:00", outcome="reached")
    assert standing(clock_of(two, "attempts"))[:2] == ("kept", on("2026-02-02T12:00:00"))


def test_a_returned_lead_is_owed_by_marketing_until_it_is_taken_up(cast, enforced, handed, clock_of):
    one = handed()
    with clock.moved_to(on("2026-02-02T10:00:00")):
        one.give_back("timing", by=cast.ines, at=on("2026-02-02T10:00:00"))
    work(on("2026-02-02T10:00:00"))
    back = clock_of(one, "take_up")
    assert (back.side, back.owner, back.received_at, back.due_at) == (
        "marketing", cast.mila, on("2026-02-02T10:00:00"), on("2026-02-03T10:00:00"),
    )  # fmt: skip
    assert standing(clock_of(one, "verdict"))[:2] == ("kept", on("2026-02-02T10:00:00"))
    assert standing(clock_of(one)) == ("void", None, on("2026-02-02T10:00:00"), "returned")
    with clock.moved_to(on("2026-02-03T09:30:00")):
        Return.objects.get().take_up(by=cast.mara, at=on("2026-02-03T09:30:00"))
    work(on("2026-02-03T09:30:00"))
    assert standing(back) == ("kept", on("2026-02-03T09:30:00"), on("2026-02-03T09:30:00"), "")
    assert found() == set()


def test_a_return_that_nobody_takes_up_is_broken_and_one_that_qualifies_again_is_overtaken(
    cast, enforced, handed, clock_of
):
    one, two = handed("anna"), handed("bert", "2026-02-02T09:00:01")
    for handoff in (one, two):
        with clock.moved_to(on("2026-02-02T10:00:00")):
            handoff.give_back("timing", by=cast.ines, at=on("2026-02-02T10:00:00"))
        work(on("2026-02-02T10:00:00"))
    touch(two.lead.contact, "download", "2026-02-02T15:00:00")
    swept("2026-02-03T12:00:00")
    assert standing(clock_of(one, "take_up")) == ("broken", None, None, "")
    overtaken = Clock.objects.get(handoff=two, promise="take_up")
    assert standing(overtaken) == ("void", None, on("2026-02-02T15:00:00"), "went_on")
    assert Clock.objects.filter(lead=two.lead, promise="first_contact").count() == 2


def test_whoever_accepts_and_then_does_nothing_loses_it_with_what_they_had_planned(cast, enforced, handed, clock_of):
    one, ivan = handed(), seller("ivan")
    with clock.moved_to(on("2026-02-02T09:30:00")):
        one.accept(by=cast.ines, at=on("2026-02-02T09:30:00"))
        lead = Lead.objects.get(pk=one.lead_id)
        due = on("2026-02-03T09:00:00")
        Task.plan(owner=cast.ines, lead=lead, kind="call", due_at=due, by=cast.ines, at=on("2026-02-02T09:30:00"))
    swept("2026-02-02T15:00:05")
    one.refresh_from_db()
    assert (one.state, one.owner, one.lead.owner, one.lead.stage) == ("accepted", ivan, ivan, "sal")
    assert Task.objects.get().owner == ivan
