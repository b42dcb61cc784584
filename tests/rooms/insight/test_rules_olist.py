"""The real funnel of Olist: 5,998 leads of 2018 of which 781 were won.

The data are not ours to ship: the test reads them from the folder next to the checkout, where present.

Convention that gives the four published figures: a lead starts at 00:00 of its first-contact date and is won
at the timestamp of `won_date`, in fractional days (whole days give 4.7 % by day 7); whoever was not won is
open until the last `won_date` in the file; the one win that precedes its first contact (by 1.2 days, a date
against a timestamp) reads as 0.
"""

import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from accord.kernel.survival import aalen_johansen, kaplan_meier
from accord.rooms.insight.rules import expected_wins, mixture_cure

FOLDER = Path(__file__).parents[3].parent / "shared" / "data" / "olist_marketing_funnel"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="needs the Olist marketing funnel beside the checkout")


def read(name):
    with (FOLDER / f"olist_{name}_dataset.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def leads():
    """Days since 2018-01-01 of first contact and of the win (infinite where there is none)."""
    won = {row["mql_id"]: days_of(row["won_date"]) for row in read("closed_deals")}
    rows = [row for row in read("marketing_qualified_leads") if row["first_contact_date"] >= "2018-01-01"]
    starts = np.array([days_of(row["first_contact_date"]) for row in rows])
    return starts, np.array([won.get(row["mql_id"], np.inf) for row in rows])


def days_of(text):
    return (datetime.fromisoformat(text) - datetime.fromisoformat("2018-01-01")).total_seconds() / 86_400


def known_on(leads, today):
    """What the records told on a day: days to the win or until then, and whether won."""
    starts, wins = (column[leads[0] < today] for column in leads)
    return np.minimum(wins, today) - starts, wins <= today


def last_day(leads):
    return leads[1][np.isfinite(leads[1])].max()


def test_share_won_by_age(leads):
    days, won = known_on(leads, last_day(leads))
    assert (days.size, won.sum(), (days < 0).sum()) == (5_998, 781, 1)
    curve = kaplan_meier(days, won)
    shares = 1 - curve.at([7, 30, 90, 270])
    assert np.round(100 * shares, 1).tolist() == [4.1, 9.1, 11.3, 13.3]


def test_incidence_tells_the_same_with_one_cause(leads):
    days, won = known_on(leads, last_day(leads))
    became = aalen_johansen(days, won, (1,))
    assert np.round(100 * became.at(1, [7, 30, 90, 270]), 1).tolist() == [4.1, 9.1, 11.3, 13.3]


DAYS = {"2018-04-01": 468, "2018-05-01": 651, "2018-06-01": 781}  # and the wins their leads came to


def back_test(leads, today, family=None):
    """Projected from what was known that day to the end of the records."""
    days, won = known_on(leads, days_of(today))
    cure = mixture_cure(days, won, family=family)
    rest = last_day(leads) - days_of(today)
    return cure, int(won.sum()), expected_wins(cure, days[~won], int(won.sum()), seed=1, horizon=rest)


@pytest.mark.parametrize(("today", "came"), DAYS.items())
def test_a_projection_more_than_halves_the_error_of_the_wins_so_far(leads, today, came):
    assert np.isfinite(leads[1][leads[0] < days_of(today)]).sum() == came
    cure, so_far, projection = back_test(leads, today)
    assert cure.usable
    assert so_far < projection.low < projection.expected < projection.high
    assert abs(came - projection.expected) < (came - so_far) / 2


def test_the_lag_has_a_longer_tail_than_a_weibull(leads):
    """An AIC difference above 10 leaves a rival essentially no support: a weight below e^(-5)."""
    for today in DAYS:
        fits = (cure := back_test(leads, today)[0], *cure.rivals)
        assert cure.family != "weibull"
        assert all(fit.weight < np.exp(-5) for fit in fits if fit.family == "weibull")


def test_the_bands_hold_what_came_as_often_as_can_be_asked_of_three(leads):
    """Of three 80 % bands at most one holds in 10 % of the cases (.008 + .096), so that two are asked for.

    What was known on 1 April misses: in that month leads up to a month old were won 1.4 times as often as in
    the whole record (159 for 110). No lag foresees that; the band takes the future for like the past.
    A Weibull misses June as well.
    """
    bands = {today: back_test(leads, today)[2] for today in DAYS}
    assert sum(bands[today].low <= came <= bands[today].high for today, came in DAYS.items()) >= 2
