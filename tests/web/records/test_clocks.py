"""The chip of a clock: what is left of it in working time, in three states."""

import pytest

from accord.kernel.worktime import Calendar, Hours
from accord.web.records.clocks import chip
from tests.scenarios.living import on

# Monday to Friday, 09:00 to 17:00 UTC; 2 February 2026 is a Monday.
HOUSE = Calendar("UTC", Hours.read("mon-fri 09:00-17:00"))


@pytest.mark.parametrize(
    ("start", "due", "now", "expected"),
    [
        # Of eight hours six are left, two, one, none; over the night no time passes.
        ("02T09:00", "02T17:00", "02T11:00", ("run", 8, "6 h")),
        ("02T09:00", "02T17:00", "02T15:00", ("run", 2, "2 h")),
        ("02T09:00", "02T17:00", "02T15:01", ("low", 2, "1 h 59 min")),
        ("02T09:00", "02T17:00", "02T16:35", ("low", 1, "25 min")),
        ("02T09:00", "02T17:00", "02T17:00", ("over", 0, "just over")),
        ("02T09:00", "02T17:00", "03T10:12", ("over", 0, "1 h 12 min over")),
        ("02T16:00", "03T10:00", "02T20:00", ("run", 5, "1 h")),
        ("06T16:00", "09T10:00", "07T12:00", ("run", 5, "1 h")),
        # What is more than two days off is told by its day.
        ("02T09:00", "06T17:00", "02T09:00", ("run", 10, "Feb 6")),
    ],
)
def test_a_chip_says_how_much_work_is_left(start, due, now, expected):
    times = [on(f"2026-02-{day}:00") for day in (due, start, now)]
    made = chip(*times, HOUSE)
    assert (made.state, made.left, made.words) == expected


def test_a_clock_that_began_and_ends_in_the_night_runs_low_at_once():
    made = chip(on("2026-02-03T02:00:00"), on("2026-02-02T20:00:00"), on("2026-02-02T20:00:00"), HOUSE)
    assert (made.state, made.left, made.words) == ("low", 0, "0 min")
