"""Tasks: planned, done by one, put off, and not done after all."""

from datetime import timedelta

import pytest

from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.rooms.desk.models import AlreadyDone, Ended, Task
from accord.rooms.desk.queue import next_steps
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from tests.remembered import remembered
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.scenarios.living import contact, on, work

pytestmark = pytest.mark.both
NOON = MONDAY + timedelta(hours=2)


@pytest.fixture
@remembered
def lead(cast, signed) -> Lead:
    return Lead.objects.get(pk=accepted(handed(), cast.ines).lead_id)


def plan(owner, lead=None, due=NOON, kind="call", what="") -> Task:
    return Task.plan(owner=owner, lead=lead, kind=kind, what=what, due_at=due, by=owner, at=MONDAY)


def told(kind: str) -> list[tuple]:
    return list(Fact.objects.filter(kind=kind).values_list("subject_id", "lead_id", "contact_id", "by_id"))


def test_a_task_is_a_step_of_its_lead_and_says_who_planned_it(cast, lead):
    task = plan(cast.ines, lead, what="ask for the budget")
    assert told("task_planned") == [(task.pk, lead.pk, lead.contact_id, cast.ines.pk)]
    assert (task.owner, task.made_by, task.made_at, task.what) == (cast.ines, cast.ines, MONDAY, "ask for the budget")


def test_the_next_step_is_the_earliest_that_is_open(cast, lead):
    later, sooner = plan(cast.ines, lead, NOON + timedelta(days=1)), plan(cast.ines, lead)
    assert next_steps([lead.pk]) == {lead.pk: sooner}
    sooner.done(by=cast.ines, at=MONDAY)
    assert next_steps([lead.pk]) == {lead.pk: later}
    later.done(by=cast.ines, at=MONDAY)
    assert next_steps([lead.pk]) == {}


def test_planned_twice_alike_is_planned_once(cast, lead):
    assert plan(cast.ines, lead) == plan(cast.ines, lead)
    assert len(told("task_planned")) == 1
    assert plan(cast.ines, lead, what="the other one") != plan(cast.ines, lead)


def test_of_two_who_have_done_it_the_second_is_told_who_was_first(cast, lead):
    task = plan(cast.ines, lead)
    task.done(by=cast.ines, at=NOON)
    with pytest.raises(AlreadyDone) as told_who:
        task.done(by=cast.saul, at=NOON)
    assert told_who.value.who == cast.ines
    assert Task.objects.get().done_by == cast.ines
    assert len(told("task_done")) == 1


def test_put_off_it_remembers_when_it_was_due_at_first(cast, lead):
    task = plan(cast.ines, lead)
    for days in (1, 2):
        task.snooze(NOON + timedelta(days=days), by=cast.ines, at=MONDAY)
    assert (task.due_at, task.snoozed_from) == (NOON + timedelta(days=2), NOON)
    task.snooze(NOON + timedelta(days=2), by=cast.ines, at=MONDAY)
    assert len(told("task_snoozed")) == 2
    task.done(by=cast.ines, at=NOON)
    with pytest.raises(AlreadyDone):
        task.snooze(NOON + timedelta(days=3), by=cast.ines, at=NOON)


def test_what_was_done_can_be_undone_once(cast, lead):
    task = plan(cast.ines, lead)
    assert task.undo(by=cast.ines, at=NOON) is False
    task.done(by=cast.ines, at=NOON)
    assert task.undo(by=cast.ines, at=NOON) is True
    assert (task.done_at, task.done_by) == (None, None)
    assert len(told("task_reopened")) == 1


def test_nothing_is_planned_with_a_lead_that_has_ended(cast, lead):
    lead.move("lost", by=cast.ines.pk, at=MONDAY, reason="no budget")
    with pytest.raises(Ended) as how:
        plan(cast.ines, lead)
    assert how.value.args == ("lost",)
    lead.trash(by=cast.saul.pk, at=MONDAY)
    with pytest.raises(Ended):
        plan(cast.ines, lead)
    assert not Task.objects.exists()


def test_a_kind_that_there_is_not_is_a_mistake_of_the_program(cast, lead):
    with pytest.raises(ValueError, match="dance"):
        plan(cast.ines, lead, kind="dance")


def test_a_partner_sees_their_own_and_what_is_to_be_done_with_their_leads(cast, lead):
    theirs, foreign = plan(cast.paula), plan(cast.ines, lead)
    assert set(Task.objects.visible_to(cast.paula)) == {theirs}
    assert set(Task.objects.visible_to(cast.ines)) == {theirs, foreign}
    lead.assign(cast.paula, by=None, at=MONDAY)
    assert set(Task.objects.visible_to(cast.paula)) == {theirs, foreign}


def test_what_was_promised_goes_on_with_the_lead_to_whom_it_is_offered_next(cast, signed):
    lead = accepted(handed(), cast.ines).lead
    with clock.moved_to(MONDAY):
        ours = Task.plan(owner=cast.ines, lead=lead, kind="call", due_at=on("2026-02-04"), by=cast.ines, at=MONDAY)
        other = Task.plan(owner=cast.mara, lead=lead, kind="email", due_at=on("2026-02-04"), by=cast.mara, at=MONDAY)
        lead.refresh_from_db()
        lead.move("to_sql", by=cast.ines.pk, at=MONDAY)
    work(MONDAY)
    for task in (ours, other):
        task.refresh_from_db()
    assert (ours.owner, other.owner) == (cast.felix, cast.mara)


def test_so_does_what_a_seller_promised_who_owned_it_without_a_hand_off(cast, signed):
    with clock.moved_to(MONDAY):
        lead = Lead.open(contact("Owen Oak"), entry="own_prospecting", owner=cast.ines, by=cast.ines.pk, at=MONDAY)
        ours = Task.plan(owner=cast.ines, lead=lead, kind="call", due_at=on("2026-02-04"), by=cast.ines, at=MONDAY)
        lead.refresh_from_db()
        lead.move("to_sql", by=cast.ines.pk, at=MONDAY, reason="met at the fair")
    work(MONDAY)
    ours.refresh_from_db()
    assert (Handoff.objects.get().owner, ours.owner) == (cast.felix, cast.felix)
