"""Every trick by which a promise could look kept fails, or is counted."""

import csv
from datetime import timedelta

import pytest

from accord.kernel import clock, journal
from accord.kernel.imports import reading, revert, run
from accord.kernel.imports.models import Import
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.funnel import checks
from accord.rooms.funnel.checks import COLUMNS
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.rules import BY_HAND
from accord.rooms.people.models import Identity
from accord.rooms.promises.models import Clock, NeedsReason, NotBroken
from accord.rooms.promises.queries import promises
from accord.rooms.team.models import ApiKey
from tests.rooms.capture.conftest import track
from tests.rooms.promises.days import called, found, seller, standing, swept, told
from tests.scenarios.living import contact, on, touch, work

pytestmark = pytest.mark.both
DUE = "2026-02-02T13:00:00"


def lead_of(handoff: Handoff) -> Lead:
    return Lead.objects.get(pk=handoff.lead_id)


def at_(day: str, act) -> None:
    """Somebody does something at that time, and the worker sees to it."""
    with clock.moved_to(on(day)):
        act(on(day))
    work(on(day))


def ended(handoff: Handoff, day: str) -> None:
    at_(day, lambda at: lead_of(handoff).move("lost", by=None, at=at, reason="no budget"))


def backdated(handoff: Handoff, made: str, told_at: str, by) -> None:
    """A call that is logged later than it is said to have been made."""
    with clock.moved_to(on(told_at)):
        identity = Identity.of("user", handoff.lead.contact.external_id)
        rows = Touch.rows(COLUMNS, [(identity.pk, "call_out", on(made), False, None, None, None, {})])
        Touch.log(handoff.lead.contact_id, "call_out", rows, by=by.pk, at=on(told_at))
    work(on(told_at))


def test_giving_it_to_somebody_else_starts_nothing_anew(cast, enforced, handed, clock_of):
    ivan = seller("ivan")
    one = handed()
    at_("2026-02-02T12:59:00", lambda at: one.reassign(ivan, BY_HAND, by=cast.saul.pk, at=at))
    first = clock_of(one)
    assert (first.owner, first.due_at, first.received_at) == (ivan, on(DUE), on("2026-02-02T09:00:00"))
    swept("2026-02-02T13:00:00")
    assert standing(first)[0] == "broken"
    assert Clock.objects.filter(handoff=one).count() == 3


def test_accepting_it_and_sitting_on_it_is_a_breach_all_the_same(cast, enforced, handed, clock_of):
    one = handed()
    at_("2026-02-02T09:05:00", lambda at: one.accept(by=cast.ines, at=at))
    swept("2026-02-02T13:00:00")
    assert standing(clock_of(one))[0] == "broken"
    assert told("clock_escalated") == [on(DUE)]
    swept("2026-02-03T13:00:00")
    assert found() == set()


def test_closing_it_in_time_is_counted_apart_and_opening_it_again_lets_the_clock_go_on(
    cast, enforced, handed, clock_of
):
    one = handed()
    ended(one, "2026-02-02T12:55:00")
    first = clock_of(one)
    assert standing(first) == ("void", None, on("2026-02-02T12:55:00"), "lost")
    swept("2026-02-02T14:00:00")
    assert told("promise_broken") == []
    at_("2026-02-02T15:30:00", lambda at: lead_of(one).reopen(by=None, at=at))
    assert standing(first) == ("broken", None, None, "")
    assert set(told("promise_broken")) == {on(DUE)}
    assert found() == set()


def test_closing_and_opening_before_it_is_due_leaves_it_running(cast, enforced, handed, clock_of):
    one = handed()
    ended(one, "2026-02-02T12:00:00")
    at_("2026-02-02T12:10:00", lambda at: lead_of(one).reopen(by=None, at=at))
    first = clock_of(one)
    assert standing(first) == ("running", None, None, "")
    swept("2026-02-02T13:00:00")
    assert standing(first)[0] == "broken"
    assert told("clock_resumed")
    assert found() == set()


def test_closing_it_late_leaves_it_broken(cast, enforced, handed, clock_of):
    one = handed()
    # The worker has not been there when it was due.
    ended(one, "2026-02-02T13:30:00")
    assert standing(clock_of(one)) == ("broken", None, on("2026-02-02T13:30:00"), "")
    swept("2026-02-02T18:00:00")
    assert told("promise_broken") == [on(DUE)]
    assert told("clock_escalated") == [on(DUE)]


def test_the_trash_hides_nothing_for_good(cast, enforced, handed, clock_of):
    one = handed()
    at_("2026-02-02T10:00:00", lambda at: lead_of(one).trash(by=cast.saul.pk, at=at))
    first = clock_of(one)
    assert standing(first) == ("void", None, on("2026-02-02T10:00:00"), "trashed")
    at_("2026-02-03T10:00:00", lambda at: lead_of(one).restore(by=cast.saul.pk, at=at))
    assert standing(first)[0] == "broken"
    assert told("promise_broken")[0] == on(DUE)


def test_moving_it_on_by_hand_leaves_the_contact_owed(cast, enforced, handed, clock_of):
    one = handed()
    at_("2026-02-02T09:10:00", lambda at: lead_of(one).move("to_sql", by=cast.ines.pk, at=at, reason="known"))
    assert standing(clock_of(one, "verdict"))[:2] == ("kept", on("2026-02-02T09:10:00"))
    swept("2026-02-02T13:00:00")
    assert standing(clock_of(one))[0] == "broken"


@pytest.mark.parametrize(
    ("told_at", "expected"),
    [
        ("2026-02-02T12:59:00", ("kept", on("2026-02-02T10:00:00"))),
        ("2026-02-02T13:30:00", ("broken", on("2026-02-02T13:30:00"))),
    ],
)
def test_a_call_that_is_dated_back_counts_from_when_it_was_told(cast, enforced, handed, clock_of, told_at, expected):
    one = handed()
    backdated(one, "2026-02-02T10:00:00", told_at, cast.ines)
    state, stopped_at, *_more = standing(clock_of(one))
    assert state == expected[0]
    # The ledger's own instant, which is a little after the time at which the house stands still.
    assert timedelta(0) <= stopped_at - expected[1] < timedelta(seconds=1)


def test_an_excuse_is_written_down_and_counted_and_mends_nothing(cast, enforced, handed, clock_of):
    one = handed()
    first = clock_of(one)
    with pytest.raises(NotBroken):
        first.excuse_with("the telephone was down", by=cast.saul, at=on("2026-02-02T10:00:00"))
    swept("2026-02-02T13:00:00")
    with pytest.raises(NeedsReason):
        first.excuse_with("  ", by=cast.saul, at=on("2026-02-02T14:00:00"))
    first.excuse_with("the telephone was down", by=cast.saul, at=on("2026-02-02T14:00:00"))
    with pytest.raises(NotBroken):
        first.excuse_with("again", by=cast.mila, at=on("2026-02-02T14:10:00"))
    assert (first.excuse, first.excused_by, first.excused_at) == (
        "the telephone was down", cast.saul, on("2026-02-02T14:00:00"),
    )  # fmt: skip
    _marketing, sales = promises(cast.eva, on("2026-02-01"), on("2026-02-03"), on("2026-02-02T15:00:00"))
    tally = next(line.tally for line in sales.promised if line.term.id == "first_contact")
    assert (tally.broken, tally.excused, tally.kept, tally.rate.rate) == (1, 1, 0, 0.0)
    assert told("breach_excused") == [on("2026-02-02T14:00:00")]


def test_a_call_from_before_the_lead_came_is_none(cast, enforced, handed, clock_of):
    one = handed()
    backdated(one, "2026-01-30T10:00:00", "2026-02-02T10:00:00", cast.ines)
    assert standing(clock_of(one))[0] == "running"


def test_a_note_or_a_check_without_a_call_is_no_contact(cast, enforced, handed, clock_of):
    one = handed()
    said = {"result": "passed", "answers": {}, "note": "fine", "by": cast.ines}
    at_("2026-02-02T10:00:00", lambda at: checks.check(one.lead.contact, **said, at=at))
    assert standing(clock_of(one))[0] == "running"


def test_calls_logged_in_one_go_are_one_attempt(cast, enforced, handed, clock_of):
    one = handed()
    for _again in range(3):
        called(one, cast.ines, "2026-02-02T10:00:00")
    assert standing(clock_of(one, "attempts"))[0] == "running"


def brought(folder, when: str, made: str, *, history: bool) -> Import:
    """A file of one call with Anna."""
    path = folder / "touches.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        rows = [["external_id", "contact", "kind", "occurred_at"], ["t1", "anna", "call_out", f"{made}Z"]]
        csv.writer(out).writerows(rows)
    with clock.moved_to(on(when)):
        chosen = run.plain_map("touches", reading.inspect(path).header, history=history)
        made_of = run.prepare(path, chosen, by=None, at=on(when))
        run.run(made_of)
        journal.drain()
    return Import.objects.latest("id")


@pytest.mark.parametrize(("role", "stands"), [("marketing", "running"), ("inside_sales", "kept")])
def test_what_anybody_may_send_stops_no_clock(cast, enforced, handed, clock_of, door, role, stands):
    """Everybody can read the key of a website; that of the telephone system nobody."""
    one = handed()
    with clock.moved_to(on("2026-02-02T10:00:00")):
        key, _secret = ApiKey.make(name="a key", scope="capture", role=role, by=None, at=on("2026-02-02T10:00:00"))
    called_anna = track("Call Made", userId="anna", properties={"told_by": "house", "outcome": "reached"})
    door.send(called_anna, at=on("2026-02-02T10:00:00"), key=key.pk)
    work(on("2026-02-02T10:00:00"))
    assert standing(clock_of(one))[0] == stands
    assert Touch.objects.get(kind="call_out").properties.get("told_by") == ("outside" if stands == "running" else None)


def test_what_turns_out_to_be_a_machine_keeps_nothing_and_what_was_none_does(cast, enforced, handed, clock_of):
    one = handed()
    touch(one.lead.contact, "call_out", "2026-02-02T10:00:00")
    first, of_call = clock_of(one), Touch.objects.get(kind="call_out")
    assert standing(first)[0] == "kept"
    for machine, stands in ((True, "running"), (False, "kept")):
        with clock.moved_to(on("2026-02-02T11:00:00")):
            Verdict.give([of_call.pk], machine=machine, source="house", at=on("2026-02-02T11:00:00"))
        work(on("2026-02-02T11:00:00"))
        assert standing(first)[0] == stands


def test_a_file_of_the_past_keeps_nothing(cast, enforced, handed, clock_of, tmp_path):
    one = handed()
    brought(tmp_path, "2026-02-02T14:00:00", "2026-02-02T10:00:00", history=True)
    swept("2026-02-02T14:00:05")
    assert standing(clock_of(one)) == ("broken", None, None, "")


def test_a_file_of_calls_counts_when_it_comes_and_no_longer_once_it_is_taken_back(
    cast, enforced, handed, clock_of, tmp_path
):
    one = handed()
    imported = brought(tmp_path, "2026-02-02T12:00:00", "2026-02-02T10:00:00", history=False)
    first = clock_of(one)
    assert standing(first)[:2] == ("kept", on("2026-02-02T10:00:00"))
    with clock.moved_to(on("2026-02-02T12:30:00")):
        revert.revert(imported, by=None, at=on("2026-02-02T12:30:00"))
        journal.drain()
    assert standing(first) == ("running", None, None, "")
    swept("2026-02-02T13:00:00")
    assert standing(first)[0] == "broken"
    assert found() == set()


def test_history_starts_no_clock_and_breaks_none(cast, enforced, tmp_path):
    contact("anna")
    path = tmp_path / "transitions.csv"
    path.write_text("contact,move,occurred_at\nanna,entered,2026-01-10T09:00:00Z\n", encoding="utf-8")
    with clock.moved_to(on("2026-02-01")):
        chosen = run.plain_map("transitions", reading.inspect(path).header, history=True)
        run.run(run.prepare(path, chosen, by=None, at=on("2026-02-01")))
        journal.drain()
    brought(tmp_path, "2026-02-02T12:00:00", "2026-01-12T10:00:00", history=True)
    swept("2026-02-09T09:00:00")
    assert Lead.objects.count() == 1
    assert (Handoff.objects.count(), Clock.objects.count()) == (0, 0)
    assert told("promise_broken") == []
