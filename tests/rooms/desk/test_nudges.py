"""Nudges: proposed by either side, accepted into a step or a return, declined with a reason, withdrawn, ended."""

from datetime import timedelta

import pytest

from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.rooms.desk.models import (
    AnsweredAlready,
    Ended,
    NeedsWords,
    NotReturnable,
    NotTheirs,
    Nudge,
    Stands,
    Task,
)  # fmt: skip
from accord.rooms.funnel import usual
from accord.rooms.funnel.models import Lead, Usual
from accord.rooms.handoff.models import Return
from accord.rooms.notices.models import Notice
from tests.remembered import remembered
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.scenarios.living import on, work

pytestmark = pytest.mark.both
NOON = MONDAY + timedelta(hours=2)


@pytest.fixture
@remembered
def lead(cast, signed) -> Lead:
    return Lead.objects.get(pk=accepted(handed(), cast.ines).lead_id)


def propose(lead, by, kind="message", said="Send the sizing table", at=NOON) -> Nudge:
    return Nudge.propose(lead, kind=kind, said=said, by=by, at=at)


def told(kind: str) -> list[tuple]:
    return list(Fact.objects.filter(kind=kind).values_list("subject_id", "lead_id", "contact_id", "by_id"))


def test_it_holds_who_proposed_what_and_how_the_lead_stood(cast, lead):
    days = {"n": 40, "left": 25, "median": 0.01, "p75": 0.05, "p95": 9.0, "computed_at": NOON}
    usual.publish([Usual(kind="lead", stage="sal", **days)], NOON)
    nudge = propose(lead, cast.mara, said="  Send the sizing table ")
    assert (nudge.said, nudge.side, nudge.stage, nudge.mark) == ("Send the sizing table", "marketing", "sal", "long")
    assert told("nudge_proposed") == [(nudge.pk, lead.pk, lead.contact_id, cast.mara.pk)]
    assert propose(lead, cast.felix, "event").side == "sales"


def test_accepted_it_is_a_step_of_the_next_working_day(cast, lead):
    friday = on("2026-02-06T10:00:00")
    nudge = propose(lead, cast.mara, at=friday)
    nudge.accept(by=cast.ines, at=friday + timedelta(hours=1))
    task = Task.objects.get(pk=nudge.step_id)
    assert (task.owner, task.kind, task.what, task.lead) == (cast.ines, "email", "Send the sizing table", lead)
    assert task.due_at.date() == on("2026-02-09").date()  # Saturday is none
    assert (nudge.state, nudge.answered_by) == ("accepted", cast.ines)
    assert told("nudge_accepted") == [(nudge.pk, lead.pk, lead.contact_id, cast.ines.pk)]


def test_an_accepted_return_gives_the_lead_back_with_its_reason(cast, lead):
    nudge = propose(lead, cast.mara, "return", "They buy in autumn")
    nudge.accept(by=cast.ines, at=NOON)
    lead.refresh_from_db()
    assert (lead.stage, nudge.state, nudge.step) == ("engaged", "accepted", None)
    back = Return.objects.get(lead=lead)
    assert (back.reason, back.note, back.by) == ("nudge", "They buy in autumn", cast.ines)


def test_an_offered_lead_is_returned_unaccepted(cast, signed):
    handoff = handed()
    nudge = propose(handoff.lead, cast.mara, "return", "A student")
    nudge.accept(by=handoff.owner, at=NOON)
    handoff.refresh_from_db()
    assert (handoff.state, handoff.reason) == ("returned", "nudge")


def test_declined_with_a_reason_and_with_words_where_it_is_another(cast, lead):
    nudge = propose(lead, cast.mara)
    for reason, note in (("", ""), ("because", "x"), ("other", " ")):
        with pytest.raises(NeedsWords):
            nudge.decline(reason, by=cast.ines, at=NOON, note=note)
    nudge.decline("not_now", by=cast.ines, at=NOON)
    assert (nudge.state, nudge.reason, nudge.note) == ("declined", "not_now", "")
    assert Fact.objects.get(kind="nudge_declined").payload["reason"] == "not_now"
    other = propose(lead, cast.mara)
    other.decline("other", by=cast.ines, at=NOON, note=" On holiday ")
    assert other.note == "On holiday"


def test_one_of_a_kind_waits_at_a_time_and_the_second_learns_who_was_first(cast, lead):
    first = propose(lead, cast.mara)
    with pytest.raises(Stands) as stands:
        propose(lead, cast.felix, said="The other table")
    assert stands.value.args[0] == first
    propose(lead, cast.felix, "event")
    first.decline("tried", by=cast.ines, at=NOON)
    assert propose(lead, cast.felix).is_open


def test_it_is_answered_once_and_by_whoever_answers_for_the_lead(cast, lead):
    nudge = propose(lead, cast.mara)
    for who in (cast.mara, cast.felix):
        with pytest.raises(NotTheirs) as theirs:
            nudge.accept(by=who, at=NOON)
        assert theirs.value.args[0] == cast.ines
    again = Nudge.objects.get(pk=nudge.pk)
    nudge.accept(by=cast.ines, at=NOON)
    with pytest.raises(AnsweredAlready) as answered:
        again.decline("tried", by=cast.ines, at=NOON)
    assert (answered.value.who, answered.value.state) == (cast.ines, "accepted")
    assert (Task.objects.count(), len(told("nudge_declined"))) == (1, 0)


def test_nobody_nudges_themselves_an_ended_lead_or_a_return_from_the_pool(cast, lead):
    with pytest.raises(NotTheirs):
        propose(lead, cast.ines)
    with pytest.raises(NeedsWords):
        propose(lead, cast.mara, said=" ")
    with pytest.raises(ValueError, match="wish"):
        propose(lead, cast.mara, "wish")
    lead.move("to_opportunity", by=None, at=NOON, reason="x")
    waiting = propose(lead, cast.mara, "return")
    lead.move("returned", by=None, at=NOON, reason="x")
    lead.assign(cast.ines, by=None, at=NOON)
    with pytest.raises(NotReturnable):
        waiting.accept(by=cast.ines, at=NOON)
    assert Nudge.objects.get(pk=waiting.pk).is_open  # nothing by halves
    lead.move("lost", by=None, at=NOON, reason="x")
    with pytest.raises(Ended):
        propose(lead, cast.mara, "event")


def test_only_its_author_withdraws_it(cast, lead):
    nudge = propose(lead, cast.mara)
    with pytest.raises(NotTheirs):
        nudge.withdraw(by=cast.ines, at=NOON)
    nudge.withdraw(by=cast.mara, at=NOON)
    assert nudge.state == "withdrawn"
    with pytest.raises(AnsweredAlready):
        nudge.accept(by=cast.ines, at=NOON)


def test_it_ends_by_itself_when_the_lead_goes_on_or_away(cast, lead):
    first, second = propose(lead, cast.mara), propose(lead, cast.mara, "offer")
    with clock.moved_to(NOON):
        lead.assign(cast.felix, by=None, at=NOON)
    work(NOON)
    assert [one.is_open for one in Nudge.objects.order_by("pk")] == [True, True]
    second.accept(by=cast.felix, at=NOON)
    with clock.moved_to(NOON):
        lead.move("to_sql", by=None, at=NOON)
    work(NOON)
    assert [one.state for one in Nudge.objects.order_by("pk")] == ["ended", "accepted"]
    assert told("nudge_ended") == [(first.pk, lead.pk, lead.contact_id, None)]
    third = propose(lead, cast.mara)
    with clock.moved_to(NOON):
        lead.trash(by=None, at=NOON)
    work(NOON)
    assert Nudge.objects.get(pk=third.pk).state == "ended"


def notices(member) -> list[tuple]:
    found = Notice.objects.visible_to(member).here().whole().filter(nudge__isnull=False).order_by("id")
    return [(one.kind, one.nudge_id, one.settled) for one in found]


def test_the_owner_is_told_and_the_author_what_came_of_it(cast, lead):
    with clock.moved_to(NOON):
        nudge = propose(lead, cast.mara)
    work(NOON)
    assert notices(cast.ines) == [("nudged", nudge.pk, False)]
    with clock.moved_to(NOON):
        nudge.decline("tried", by=cast.ines, at=NOON)
    work(NOON)
    assert notices(cast.ines) == [("nudged", nudge.pk, True)]
    assert [kind for kind, *_rest in notices(cast.mara)] == ["nudge_answered"]
    assert Notice.objects.visible_to(cast.ines).unread().filter(nudge=nudge).count() == 0


def test_a_partner_sees_those_of_their_own_leads(cast, lead):
    nudge = propose(lead, cast.mara)
    assert list(Nudge.objects.visible_to(cast.paula)) == []
    lead.assign(cast.paula, by=None, at=NOON)
    assert list(Nudge.objects.visible_to(cast.paula)) == [nudge]
    assert list(Nudge.objects.visible_to(cast.eva)) == [nudge]
