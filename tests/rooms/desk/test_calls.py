"""What somebody logs: a touch with its outcome, what it settles and what comes next, all of it or nothing."""

from datetime import timedelta

import pytest

from accord.kernel.ledger import Fact
from accord.rooms.capture.models import Touch
from accord.rooms.desk import calls, rules
from accord.rooms.desk.calls import LoggedMeanwhile, Next, last_logged
from accord.rooms.desk.models import AlreadyDone, Ended, Task
from accord.rooms.funnel.models import Lead
from tests.remembered import remembered
from tests.rooms.desk.conftest import MONDAY, accepted, handed

pytestmark = pytest.mark.both
TOMORROW = MONDAY + timedelta(days=1)


@pytest.fixture
@remembered
def lead(cast, signed) -> Lead:
    return Lead.objects.get(pk=accepted(handed(), cast.ines).lead_id)


def call(lead, by, outcome="reached", **more):
    return calls.log(lead, "call_out", outcome, by=by, at=MONDAY, **more)


def test_a_call_is_a_touch_of_the_contact_by_whoever_made_it(cast, lead):
    call(lead, cast.ines, note="  wants two pumps ")
    touch = Touch.objects.get(kind="call_out")
    assert (touch.identity.value, touch.occurred_at, touch.machine) == ("Anna Adler", MONDAY, False)
    assert touch.properties == {
        "by": "inside_sales", "member": cast.ines.pk, "outcome": "reached", "note": "wants two pumps",
    }  # fmt: skip
    fact = Fact.objects.get(kind="touch_logged")
    assert (fact.contact_id, fact.by_id, fact.occurred_at) == (lead.contact_id, cast.ines.pk, MONDAY)


def test_it_settles_what_was_planned_and_plans_what_comes_next(cast, lead):
    planned = Task.plan(owner=cast.ines, lead=lead, kind="call", due_at=MONDAY, by=cast.ines, at=MONDAY)
    made = call(lead, cast.ines, "call_back", settles=planned, following=Next("email", TOMORROW, "the offer"))
    assert Task.objects.get(pk=planned.pk).done_by == cast.ines
    assert (made.owner, made.lead, made.kind, made.due_at, made.what) == (
        cast.ines, lead, "email", TOMORROW, "the offer",
    )  # fmt: skip


def test_nothing_is_half_done(cast, lead):
    """A task that somebody else has done takes the whole back: no touch, no next step."""
    planned = Task.plan(owner=cast.ines, lead=lead, kind="call", due_at=MONDAY, by=cast.ines, at=MONDAY)
    planned.done(by=cast.saul, at=MONDAY)
    with pytest.raises(AlreadyDone):
        call(lead, cast.ines, settles=planned, following=Next("call", TOMORROW))
    assert not Touch.objects.filter(kind="call_out").exists()
    assert not Task.objects.open().exists()


def test_a_double_click_logs_once(cast, lead):
    seen = last_logged(lead, cast.ines)
    call(lead, cast.ines, seen=seen, following=Next("call", TOMORROW))
    with pytest.raises(LoggedMeanwhile):
        call(lead, cast.ines, seen=seen, following=Next("call", TOMORROW))
    assert Touch.objects.filter(kind="call_out").count() == 1
    call(lead, cast.saul, seen=last_logged(lead, cast.saul))
    call(lead, cast.ines, seen=last_logged(lead, cast.ines))
    assert Touch.objects.filter(kind="call_out").count() == 3


def test_with_a_lead_that_has_ended_nothing_is_logged(cast, lead):
    lead.move("disqualified", by=cast.ines.pk, at=MONDAY, reason="a student")
    with pytest.raises(Ended):
        call(lead, cast.ines)
    assert not Touch.objects.filter(kind="call_out").exists()


@pytest.mark.parametrize(("kind", "outcome"), [("call_out", "held"), ("meeting", "voicemail"), ("email_out", "")])
def test_each_kind_has_its_own_outcomes(cast, lead, kind, outcome):
    with pytest.raises(ValueError, match=outcome or "^$"):
        calls.log(lead, kind, outcome, by=cast.ines, at=MONDAY)


def test_human_contacts_are_those_of_the_promises():
    assert set(rules.LOGGED) == {"call_out", "call_in", "meeting", "email_out", "reply", "chat"}
