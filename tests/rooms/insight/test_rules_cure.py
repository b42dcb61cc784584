"""The mixture-cure projection of young cohorts (METHODS R10)."""

from math import exp, log

import numpy as np
import pytest
from scipy.stats import binom

from accord.rooms.insight.rules import Cure, expected_wins, mixture_cure

SURE = tuple(tuple(1e-12 * (row == column) for column in range(3)) for row in range(3))
# Half of the leads win in the end, after an exponential lag of mean 10 days, known without error.
KNOWN = Cure(0.5, 10.0, 1.0, 0.5, 0.5, 60.0, 10 * log(2), True, 0.8, SURE)


def cohort(rng, count, days=215):
    """R10: 12 % win after a Weibull lag with λ = .025 a day and k = .9; leads came in over `days`."""
    lag = np.where(rng.random(count) < 0.12, 40 * rng.weibull(0.9, count), np.inf)
    followed = rng.integers(1, days + 1, count)
    won = lag <= followed
    return np.where(won, lag, followed), won, int(np.isfinite(lag).sum())


def constant_hazards(longest):
    """R8 without chance: ends at rate .04 a day, a quarter of them wins; followed for up to `longest` days.

    Returns the day of the end and its kind, and today's age. The share won is .25 (1 - exp(-t / 25)): exactly
    a cure model with c = .25, scale 25 and shape 1.
    """
    quantile = (np.arange(200) + 0.5) / 200
    ends, ages, kinds = np.meshgrid(-25 * np.log1p(-quantile), longest * quantile[::5], np.arange(4))
    return ends.ravel(), ages.ravel(), kinds.ravel() == 0


def test_the_parameters_come_back():
    """Thirty cohorts of 4,000: each mean lies within four of its own standard errors of the truth."""
    rng = np.random.default_rng(10)
    cures = [mixture_cure(*cohort(rng, 4_000)[:2]) for _ in range(30)]
    fits = np.array([(np.log(cure.c), np.log(cure.scale), np.log(cure.shape)) for cure in cures])
    error = fits.std(axis=0, ddof=1) / np.sqrt(30)
    assert np.all(np.abs(fits.mean(axis=0) - np.log([0.12, 40, 0.9])) < 4 * error)
    assert np.all(error < [0.03, 0.05, 0.02])  # else the line above could hold for anything


def test_wins_so_far_understate_what_the_model_finds():
    lag, won, _ = cohort(np.random.default_rng(11), 20_000)
    cure = mixture_cure(lag, won)
    assert won.mean() < 0.10 < cure.c_low < 0.12 < cure.c_high
    assert cure.usable
    assert cure.share([0, 40]) == pytest.approx([0, cure.c * (1 - exp(-((40 / cure.scale) ** cure.shape)))])


def test_the_band_of_the_share_holds_it_as_often_as_it_says():
    """80 % of 100 cohorts: a binomial with standard deviation 4; the tolerance is four of them."""
    rng = np.random.default_rng(12)
    cures = [mixture_cure(*cohort(rng, 2_000)[:2]) for _ in range(100)]
    assert 64 <= sum(cure.c_low <= 0.12 <= cure.c_high for cure in cures) <= 96


def test_the_band_of_the_projection_holds_the_final_count_as_often_as_it_says():
    rng, held = np.random.default_rng(13), 0
    for _ in range(60):
        lag, won, finally_won = cohort(rng, 1_000)
        projection = expected_wins(mixture_cure(lag, won), lag[~won], int(won.sum()), seed=1)
        held += projection.low <= finally_won <= projection.high
    assert 48 - 4 * 3.1 <= held <= 48 + 4 * 3.1  # 80 % of 60, standard deviation 3.1


def test_lost_leads_count_with_their_age_today():
    ends, ages, wins = constant_hazards(200)
    won = wins & (ends <= ages)
    cure = mixture_cure(np.where(won, ends, ages), won)
    assert (cure.c, cure.scale, cure.shape) == pytest.approx((0.25, 25, 1), rel=0.01)
    at_the_loss = mixture_cure(np.minimum(ends, ages), won)
    assert at_the_loss.c is None or at_the_loss.c > 0.6  # the share that wins if nobody is ever lost


def test_a_curve_is_usable_from_twice_the_median_lag():
    # Exponential with mean 25: the median lag is 17.3 days, so 34.7 days of follow-up are asked for.
    verdicts = {}
    for longest in (25, 80):
        ends, ages, wins = constant_hazards(longest)
        won = wins & (ends <= ages)
        verdicts[longest] = mixture_cure(np.where(won, ends, ages), won)
    assert verdicts[80].median_lag == pytest.approx(25 * log(2), rel=0.1)
    assert (verdicts[25].usable, verdicts[80].usable) == (False, True)


def test_when_everyone_wins_half_a_lead_is_left_in_doubt():
    """With 40 wins of 40 the share is 40.5 / 41, and its logit has the variance 1 / (41 c (1 - c))."""
    cure = mixture_cure(np.random.default_rng(14).exponential(10, 40), np.ones(40))
    share = 40.5 / 41
    spread = 1.2815515655446004 / (41 * share * (1 - share)) ** 0.5
    low, high = (1 / (1 + exp(side * spread) / 81) for side in (1, -1))  # the odds are 81 to 1
    assert (cure.c, cure.c_low, cure.c_high) == pytest.approx((share, low, high), rel=1e-4)


@pytest.mark.parametrize(
    ("lags", "won", "followed"),
    [([], [], 0), ([5, 9], [0, 0], 9), ([3], [1], 3), ([5] * 4 + [30] * 9, [1] * 4 + [0] * 9, 30)],
)
def test_too_little_gives_no_curve_and_no_projection(lags, won, followed):
    cure = mixture_cure(lags, won)
    assert (cure.c, cure.c_low, cure.usable, cure.max_followup) == (None, None, False, followed)
    assert expected_wins(cure, [1, 2], 3, seed=1) is None
    with pytest.raises(ValueError, match="no curve"):
        cure.share(10)


def test_dates_and_timestamps_tell_the_same_share():
    lag, won, _ = cohort(np.random.default_rng(15), 20_000)
    exact, dated = mixture_cure(lag, won), mixture_cure(np.floor(lag), won)
    assert (lag[won] < 1).sum() > 50  # same-day wins, on which a density at 0 would break
    assert dated.c == pytest.approx(exact.c, rel=0.02)


def test_a_lag_below_nought_reads_as_nought():
    lag, won, _ = cohort(np.random.default_rng(16), 3_000)
    first = np.flatnonzero(won & (lag < 1))[0]
    before, at_nought = lag.copy(), lag.copy()
    before[first], at_nought[first] = -1.2, 0
    assert mixture_cure(before, won) == mixture_cure(at_nought, won)


@pytest.mark.parametrize(("lags", "won"), [([1, 2], [1]), ([1, float("nan")], [1, 0])])
def test_what_cannot_be_read_is_refused(lags, won):
    with pytest.raises(ValueError, match="finite numbers"):
        mixture_cure(lags, won)


def test_the_chance_of_an_open_lead_falls_with_its_age():
    # At 10 ln 2 days half of the winners have won: .5 · .5 / (1 - .25) = 1/3, within as many days again 1/6.
    half_life = 10 * log(2)
    assert KNOWN.still_to_win([0, half_life]) == pytest.approx([0.5, 1 / 3])
    assert KNOWN.still_to_win(half_life, horizon=half_life) == pytest.approx(1 / 6)


def test_a_projection_is_won_so_far_and_the_chances_of_the_rest():
    # At 24 days: e^(-2.4) = .0907, so .5 · .0907 / (.5 + .5 · .0907) = .08317 for each of 300.
    projection = expected_wins(KNOWN, [24] * 300, 100, seed=3)
    assert projection.expected == pytest.approx(100 + 300 * exp(-2.4) / (1 + exp(-2.4)))
    assert projection.extrapolated == pytest.approx(1 - 100 / projection.expected)
    # Without doubt about the curve the band is binomial, to four standard errors of a quantile of 1,000 draws.
    chance = exp(-2.4) / (1 + exp(-2.4))
    assert projection.low == pytest.approx(100 + binom.ppf(0.1, 300, chance), abs=1.1)
    assert projection.high == pytest.approx(100 + binom.ppf(0.9, 300, chance), abs=1.1)


def test_doubt_about_the_curve_widens_the_band():
    doubtful = tuple(tuple(0.04 * (row == column) for column in range(3)) for row in range(3))
    unsure = Cure(0.5, 10.0, 1.0, 0.44, 0.56, 60.0, 10 * log(2), True, 0.8, doubtful)
    narrow, wide = (expected_wins(cure, [6] * 3_000, 0, seed=3) for cure in (KNOWN, unsure))
    assert wide.expected == narrow.expected
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_the_same_seed_gives_the_same_band_and_another_one_another():
    one, again, other = (expected_wins(KNOWN, [6] * 100_000, 5, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one.expected == other.expected
    assert one.low != other.low


def test_a_closed_cohort_has_nothing_left_to_expect():
    projection = expected_wins(KNOWN, [], 7, seed=1)
    assert (projection.expected, projection.low, projection.high, projection.extrapolated) == (7, 7, 7, 0)


def test_the_band_never_excludes_its_own_middle():
    projection = expected_wins(KNOWN, [40], 0, seed=1)  # a chance of 1.8 %: nine draws in ten have no win
    assert projection.low == 0
    assert projection.high == projection.expected == pytest.approx(exp(-4) / (1 + exp(-4)))
