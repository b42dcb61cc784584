"""What waits for a member, and in which order."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.rooms.desk import rules, steps
from accord.rooms.desk.models import Task
from accord.rooms.desk.queue import queue
from accord.rooms.desk.rules import Waits
from accord.rooms.funnel.models import Lead
from accord.rooms.team.worktimes import calendar_of
from tests.rooms.desk.conftest import MONDAY, accepted, handed, owed
from tests.scenarios.living import on, work

pytestmark = pytest.mark.both


def names(member, at=MONDAY) -> list[tuple[str, str]]:
    return [(item.waits.group, str(item.lead or item.task)) for item in queue(member, at).items]


def task(owner, lead=None, due="2026-02-02T14:00:00", what="") -> Task:
    return Task.plan(owner=owner, lead=lead, kind="call", what=what, due_at=on(due), by=owner, at=MONDAY)


def test_clocks_by_time_left_then_today_then_new_by_grade_then_without_a_step(cast, signed):
    new = handed("New Once", "2026-02-02T07:00:00")
    director = handed("New Director", "2026-02-02T09:00:00", seniority="director")
    owed(handed("Runs Late"), "2026-02-02T16:00:00")
    owed(handed("Is Over"), "2026-02-02T09:30:00")
    verdict = owed(accepted(handed("Verdict Owed"), cast.ines), "2026-02-05T12:00:00")
    today = accepted(handed("Today Two"), cast.ines).lead
    task(cast.ines, today)
    task(cast.ines, verdict.lead, "2026-02-02T11:00:00")
    task(cast.ines, what="tidy up", due="2026-02-02T08:00:00")
    accepted(handed("Idle Now"), cast.ines)
    later = accepted(handed("Not Today"), cast.ines).lead
    task(cast.ines, later, "2026-02-03T00:00:00")
    assert names(cast.ines) == [
        ("clock", "Is Over"), ("clock", "Runs Late"), ("clock", "Verdict Owed"),
        ("today", "tidy up"), ("today", "Today Two"),
        ("new", "New Director"), ("new", "New Once"),
        ("idle", "Idle Now"),
    ]  # fmt: skip
    assert [one.state for one in (new, director)] == ["offered", "offered"]
    assert names(cast.felix) == []


def test_today_ends_with_the_day_of_the_member(cast, signed):
    """At 10:00 UTC it is 18:00 in Shanghai, whose day ends at 16:00 UTC."""
    lead = accepted(handed(), cast.ines).lead
    task(cast.ines, lead, "2026-02-02T16:00:00")
    assert names(cast.ines) == [("today", "Anna Adler")]
    cast.ines.prefer(name="Ines Ito", language="", zone="Asia/Shanghai", theme="", by=None, at=MONDAY)
    cast.ines.refresh_from_db()
    assert names(cast.ines) == []
    Task.objects.update(due_at=on("2026-02-02T15:59:00"))
    assert names(cast.ines) == [("today", "Anna Adler")]


def test_what_ended_was_removed_or_given_away_waits_no_more(cast, signed):
    lost, gone, given = (accepted(handed(name), cast.ines).lead for name in ("Lost One", "Gone One", "Given One"))
    for lead in (lost, gone):
        task(cast.ines, lead)
    assert len(names(cast.ines)) == 3
    Lead.objects.get(pk=lost.pk).move("lost", by=cast.ines.pk, at=MONDAY, reason="no budget")
    Lead.objects.get(pk=gone.pk).trash(by=cast.saul.pk, at=MONDAY)
    Lead.objects.get(pk=given.pk).assign(cast.saul, by=cast.saul.pk, at=MONDAY)
    work(MONDAY)
    assert names(cast.ines) == []


def test_what_went_back_is_marketings_turn_whatever_is_still_owed_of_it(cast, signed):
    handoff = owed(accepted(handed("Came Back"), cast.ines), "2026-02-03T12:00:00")
    assert names(cast.ines) == [("clock", "Came Back")]
    handoff.hand_back("timing", by=cast.ines, at=MONDAY)
    assert handoff.due_at == on("2026-02-03T12:00:00")
    assert names(cast.ines) == []


def test_a_partner_has_what_is_theirs_and_nothing_else(cast, signed):
    one = accepted(handed("Theirs"), cast.ines)
    handed("Of Ines")
    assert names(cast.paula) == []
    Lead.objects.get(pk=one.lead_id).assign(cast.paula, by=None, at=MONDAY)
    assert names(cast.paula) == [("idle", "Theirs")]


def test_no_more_than_so_many_are_named_and_all_are_counted(cast, signed, monkeypatch):
    monkeypatch.setattr("accord.rooms.desk.queue.MOST", 2)
    for hour in ("08", "09", "11"):
        task(cast.ines, what=hour, due=f"2026-02-02T{hour}:00:00")
    found = queue(cast.ines, MONDAY)
    assert ([str(one.task) for one in found.items], found.count) == (["08", "09"], 3)


def test_it_costs_as_many_queries_for_one_as_for_many(cast, signed):
    asked = []
    for more in (1, 5):
        for place in range(more):
            handed(f"New {more} {place}")
            task(cast.ines, accepted(handed(f"Due {more} {place}"), cast.ines).lead)
            accepted(handed(f"Idle {more} {place}"), cast.ines)
        with CaptureQueriesContext(connection) as queries:
            queue(cast.ines, MONDAY)
        asked.append(len(queries))
    assert asked == [5, 5]


def test_a_clock_goes_before_everything_and_no_grade_after_every_grade():
    early, late = on("2026-02-02"), on("2026-02-03")
    clock, today = Waits(owed_at=late, task_at=early, offered_at=early), Waits(task_at=early, offered_at=early)
    graded, plain = Waits(offered_at=late, grade="D4"), Waits(offered_at=early)
    assert sorted([plain, graded, today, clock], key=lambda one: one.rank) == [clock, today, graded, plain]
    assert [one.group for one in (clock, today, graded, Waits(since=early))] == list(rules.GROUPS)


@pytest.mark.parametrize(
    ("when", "now", "expected"),
    [
        # The house works mon-fri 09:00-17:00 UTC; 2 February 2026 is a Monday.
        ("later", "2026-02-02T10:00:00", "2026-02-02T12:00:00"),
        ("later", "2026-02-02T16:30:00", "2026-02-03T10:30:00"),
        ("tomorrow", "2026-02-02T10:00:00", "2026-02-03T09:00:00"),
        ("tomorrow", "2026-02-06T10:00:00", "2026-02-09T09:00:00"),
        ("in_three_days", "2026-02-05T10:00:00", "2026-02-10T10:00:00"),
        ("next_week", "2026-02-02T10:00:00", "2026-02-09T09:00:00"),
        ("next_week", "2026-02-07T10:00:00", "2026-02-16T09:00:00"),
    ],
)
def test_the_next_step_is_due_in_working_time(cast, when, now, expected):
    assert steps.due(when, calendar_of(cast.ines), on(now)) == on(expected)


def test_another_word_is_no_time(cast):
    with pytest.raises(KeyError):
        steps.due("someday", calendar_of(cast.ines), MONDAY + timedelta(0))
