"""What keeps a promise, from values alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.rooms.promises import rules
from accord.rooms.promises.rules import BROKEN, KEPT, RUNNING, VOID, End, Outcome, Plan, Touched

RECEIVED = datetime(2026, 2, 2, 9, 0, 20, tzinfo=UTC)
DUE = RECEIVED + timedelta(hours=4)


def after(hours: float) -> datetime:
    return RECEIVED + timedelta(hours=hours)


def call(hours: float, told: float | None = None, **more) -> Touched:
    """A call so many hours after the lead was received, told at once or later."""
    return Touched(more.pop("kind", "call_out"), after(hours), after(hours if told is None else told), **more)


def first(*touches: Touched) -> datetime | None:
    return rules.first_contact(touches, RECEIVED, DUE)


@pytest.mark.parametrize("kind", ["call_out", "call_in", "email_out", "reply", "meeting", "chat"])
def test_whatever_a_member_does_with_somebody_is_a_contact(kind):
    assert first(call(2, kind=kind), call(1, kind=kind)) == after(1)


@pytest.mark.parametrize("kind", ["email_open", "email_click", "page", "form", "download", "verified", "unsubscribe"])
def test_what_a_mail_or_a_page_says_is_none(kind):
    assert first(call(1, kind=kind)) is None


@pytest.mark.parametrize(
    ("kind", "counts"),
    [("call_out", True), ("call_in", True), ("meeting", True), ("chat", True), ("email_out", False), ("reply", False)],
)
def test_of_what_a_machine_tells_only_that_in_which_people_took_part_counts(kind, counts):
    assert (first(call(1, kind=kind, by_member=False)) is not None) == counts


def test_a_call_before_the_lead_came_is_none_and_one_in_the_same_minute_counts_from_its_coming():
    assert first(call(-24, told=1)) is None
    assert first(Touched("call_out", RECEIVED.replace(second=0), after(0.1))) == RECEIVED
    # The call that earned the lead was known before.
    assert first(Touched("call_in", RECEIVED.replace(second=10), RECEIVED)) is None


def test_a_call_dated_back_counts_from_when_it_was_told_once_the_time_is_over():
    assert first(call(1, told=3.9)) == after(1)
    assert first(call(1, told=4)) == after(1)
    assert first(call(1, told=4.5)) == after(4.5)


def test_attempts_at_one_minute_are_one():
    minutes = [0.5, 0.5 + 10 / 3600, 1, 2]
    touches = [call(hours) for hours in minutes]
    assert rules.attempts(touches, 3, RECEIVED, DUE) == after(2)
    assert rules.attempts(touches, 4, RECEIVED, DUE) is None


@pytest.mark.parametrize(
    ("answered", "counts"),
    [
        (call(1, kind="reply", by_member=False), True),
        (call(1, kind="call_in"), True),
        (call(1, kind="meeting", outcome="held"), True),
        (call(1, kind="meeting", outcome="missed"), False),
        (call(1, outcome="reached"), True),
        (call(1, outcome="voicemail"), False),
        (call(1, kind="email_out", outcome="sent"), False),
    ],
)
def test_an_answer_is_worth_all_attempts(answered, counts):
    assert (rules.attempts([answered], 6, RECEIVED, DUE) == after(1)) == counts


@pytest.mark.parametrize(
    ("stopped", "end", "now", "expected"),
    [
        (None, None, 3, Outcome(RUNNING)),
        (None, None, 4, Outcome(BROKEN)),
        (1, None, 3, Outcome(KEPT, after(1), after(1))),
        (4, None, 9, Outcome(KEPT, after(4), after(4))),
        (5, None, 9, Outcome(BROKEN, after(5), after(5))),
        (None, End(after(2), "lost"), 9, Outcome(VOID, None, after(2), "lost")),
        (None, End(after(5), "lost"), 9, Outcome(BROKEN, None, after(5))),
        (3, End(after(2), "lost"), 9, Outcome(VOID, None, after(2), "lost")),
        (1, End(after(2), "lost"), 9, Outcome(KEPT, after(1), after(1))),
        (6, End(after(5), "lost"), 9, Outcome(BROKEN, None, after(5))),
    ],
)
def test_how_a_clock_stands(stopped, end, now, expected):
    assert rules.outcome(DUE, None if stopped is None else after(stopped), end, after(now)) == expected


PLAN = Plan(DUE, remind_at=after(2), escalate_at=after(4), take_back_at=after(6))


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Outcome(RUNNING), [(2, "remind"), (4, "break"), (4, "escalate"), (6, "take_back")]),
        (Outcome(BROKEN), [(4, "escalate"), (6, "take_back")]),
        (Outcome(BROKEN, after(5), after(5)), [(4, "escalate")]),
        (Outcome(KEPT, after(3), after(3)), []),
        (Outcome(VOID, None, after(3), "lost"), []),
    ],
)
def test_what_is_left_to_do(standing, expected):
    assert [(at, step) for at, step in rules.left(PLAN, standing)] == [(after(h), step) for h, step in expected]
    assert rules.next_at(PLAN, standing) == (after(expected[0][0]) if expected else None)


HOURS = st.floats(-5, 12, allow_nan=False)


@given(st.lists(st.tuples(HOURS, st.floats(0, 12)), max_size=6), st.floats(0, 20))
def test_no_log_whatever_dates_it_bears_keeps_a_promise_unless_it_was_told_in_time(logged, now):
    touches = [call(made, told=max(made, told)) for made, told in logged]
    stands = rules.outcome(DUE, rules.first_contact(touches, RECEIVED, DUE), None, after(now))
    in_time = any(
        touch.recorded_at <= DUE and touch.occurred_at >= RECEIVED - timedelta(minutes=1) for touch in touches
    )
    assert stands.state != KEPT or in_time


@given(st.permutations([0.5, 1.5, 2.5, 3.5]), st.integers(1, 4))
def test_attempts_are_counted_whatever_the_order_in_which_they_are_known(hours, least):
    assert rules.attempts([call(hour) for hour in hours], least, RECEIVED, DUE) == after(least - 0.5)
