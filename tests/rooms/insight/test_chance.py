"""Whether a week lies beyond chance: by hand, and how often chance alone is taken for a change."""

from math import comb, sqrt

import numpy as np
import pytest

from accord.rooms.insight.chance import judged


def test_a_usual_week():
    found = judged([10] * 12, 10)
    # Counts scatter at least as counts do: variance 10, for one more week times 13/12; t(0.975, 11) = 2.201.
    reach = 2.200985 * sqrt(10 * 13 / 12)
    assert (found.mean, found.low, found.high) == (10, round(10 - reach), round(10 + reach)) == (10, 3, 17)
    assert found.chance > 0.9


def test_a_week_with_three_times_as_many():
    found = judged([10] * 12, 30)
    # Of 150 in thirteen weeks 30 or more in one that is named before, twice for both sides.
    exact = 2 * sum(comb(150, k) * (1 / 13) ** k * (12 / 13) ** (150 - k) for k in range(30, 151))
    assert found.chance == pytest.approx(max(exact, found.chance))
    assert exact < found.chance < 1e-3


def test_a_week_without_any_where_there_are_always_some():
    assert judged([10] * 12, 0).chance < 0.02
    assert judged([2, 0, 1, 3, 0, 1, 2, 0, 1, 1, 2, 1], 0).chance > 0.2


def test_weeks_that_scatter_widely_are_beyond_chance_later():
    assert judged([0, 20] * 6, 24).chance > judged([10] * 12, 24).chance
    assert judged([0, 20] * 6, 24).chance > 0.1


def test_too_few_to_tell():
    assert judged([1] * 12, 0) is None
    assert judged([1] * 12, 1) is not None


@pytest.mark.parametrize("mean", [2, 10, 60])
def test_chance_alone_is_taken_for_a_change_no_oftener_than_it_is_said(mean):
    weeks = np.random.default_rng(mean).poisson(mean, (2000, 13))
    found = [judged(row[:-1].tolist(), int(row[-1])) for row in weeks]
    assert np.mean([one.chance < 0.05 for one in found if one]) < 0.06
