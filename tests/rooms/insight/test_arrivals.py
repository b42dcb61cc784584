"""Leads by the week in which they entered, and what was dropped meanwhile."""

from datetime import UTC, date, datetime

import pytest

from accord.kernel.instants import to_micros
from accord.kernel.warehouse.generation import generation
from accord.rooms.capture.inbox import Waiting
from accord.rooms.capture.taking import take_in
from accord.rooms.insight import reports
from accord.rooms.insight.arrivals import Lost
from accord.rooms.insight.questions import Question
from accord.rooms.team.models import ApiKey

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday


def arrivals(**asked):
    report = reports.NAMES["sources"]
    with generation() as read:
        return report.answer(read, Question.asked(NOW, kinds=report.kinds, **asked)).arrivals


def dropped(at: str, *events: bytes) -> None:
    key, _secret = ApiKey.make(name="www", scope="capture", role="marketing", by=None, at=NOW)
    when = datetime.fromisoformat(at).replace(tzinfo=UTC)
    take_in([Waiting(0, key.pk, to_micros(when), None, events)], when)


def test_every_week_from_the_first_lead_on_has_its_count(house, past):
    house.edit(name="H", values={"zone": "Asia/Shanghai"}, by=None, at=NOW)
    past("2026-02-01T15:59:59")  # a Sunday in Shanghai still
    past("2026-02-01T16:00:00")  # and now a Monday
    past("2026-02-20")
    weeks = [(week.begins, week.leads) for week in arrivals().weeks]
    assert weeks == [
        (date(2026, 1, 26), 1), (date(2026, 2, 2), 1), (date(2026, 2, 9), 0), (date(2026, 2, 16), 1),
        (date(2026, 2, 23), 0), (date(2026, 3, 2), 0),
    ]  # fmt: skip


def test_of_more_than_a_year_the_last_weeks_are_told(house, past):
    past("2024-01-01")
    past("2026-02-24")
    weeks = arrivals().weeks
    assert len(weeks) == 53
    assert (weeks[-1].begins, sum(week.leads for week in weeks)) == (date(2026, 3, 2), 1)


def test_what_was_dropped_is_told_with_the_reason_to_who_sees_everything(house, past, cast):
    past("2026-02-01")
    nameless = b'{"type": "track", "event": "Form Submitted", "messageId": "%d"}'
    dropped("2026-02-10T10:00", nameless % 1, nameless % 2)
    dropped("2026-02-11T10:00", nameless % 4)
    dropped("2026-01-10T10:00", nameless % 5)  # before the first week
    found = arrivals()
    assert found.lost == [Lost("nobody", 3, date(2026, 2, 10), date(2026, 2, 11))]
    assert [week.begins for week in found.weeks if week.lost] == [date(2026, 2, 9)]
    assert arrivals(as_of="2026-02-10T12:00").lost[0].events == 2
    assert arrivals(viewer=cast.paula).lost == []


def test_without_a_lead_there_is_no_week(house):
    assert arrivals().weeks == []
