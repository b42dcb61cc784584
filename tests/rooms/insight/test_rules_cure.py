"""The mixture-cure projection of young cohorts (METHODS R10)."""

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import binom, fisk, lognorm, norm, weibull_min

from accord.rooms.insight.rules import Cure, expected_wins, mixture_cure

SURE = tuple(tuple(1e-12 * (row == column) for column in range(3)) for row in range(3))
# Half of the leads win in the end, after an exponential lag of mean 10 days, known without error.
KNOWN = Cure(0.5, 10.0, 1.0, 0.5, 0.5, 60.0, 10 * log(2), True, 0.8, SURE)
# Half of the leads win after a log-logistic lag: F(t) = t / (10 + t).
LONG = Cure(0.5, 10.0, 1.0, 0.5, 0.5, 60.0, 10.0, True, 0.8, SURE, "loglogistic")
# The same three parameters as the library next door writes them.
TRUTH = {
    "weibull": lambda scale, shape: weibull_min(shape, scale=scale),
    "loglogistic": lambda scale, shape: fisk(shape, scale=scale),
    "lognormal": lambda scale, shape: lognorm(1 / shape, scale=scale),
}
R10 = TRUTH["weibull"](40, 0.9)


def cohort(rng, count, days=215, lags=R10):
    """R10: 12 % win after a Weibull lag with λ = .025 a day and k = .9; leads came in over `days`."""
    lag = np.where(rng.random(count) < 0.12, lags.rvs(count, random_state=rng), np.inf)
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


@pytest.mark.parametrize(
    ("family", "scale", "shape"), [("weibull", 40, 0.9), ("loglogistic", 14, 1.3), ("lognormal", 14, 0.8)]
)
def test_the_parameters_come_back(family, scale, shape):
    """Thirty cohorts of 4,000: each mean lies within four of its own standard errors of the truth."""
    rng, lags = np.random.default_rng(10), TRUTH[family](scale, shape)
    cures = [mixture_cure(*cohort(rng, 4_000, lags=lags)[:2], family=family) for _ in range(30)]
    assert {cure.family for cure in cures} == {family}
    fits = np.array([(np.log(cure.c), np.log(cure.scale), np.log(cure.shape)) for cure in cures])
    error = fits.std(axis=0, ddof=1) / np.sqrt(30)
    assert np.all(np.abs(fits.mean(axis=0) - np.log([0.12, scale, shape])) < 4 * error)
    assert np.all(error < [0.03, 0.05, 0.02])  # else the line above could hold for anything


def log_likelihood(cure, lag, won):
    """METHODS section 2, of whole days, with Jeffreys' half-counts; a win within the first day is F(1 day)."""
    lags, early, c = TRUTH[cure.family](cure.scale, cure.shape), won & (lag < 1), cure.c
    chances = c * lags.pdf(lag[won & ~early]), 1 - c * lags.cdf(lag[~won])
    return sum(np.log(chance).sum() for chance in chances) + (
        early.sum() * np.log(c * lags.cdf(1)) + (np.log(c) + np.log(1 - c)) / 2
    )


@pytest.mark.parametrize("family", TRUTH)
def test_no_step_away_from_the_fit_is_likelier(family):
    lag, won, _ = cohort(np.random.default_rng(17), 2_000)
    lag = np.floor(lag)
    cure = mixture_cure(lag, won, family=family)
    best = log_likelihood(cure, lag, won)
    steps = [
        replace(cure, **{name: getattr(cure, name) * by}) for name in ("c", "scale", "shape") for by in (0.99, 1.01)
    ]
    assert all(log_likelihood(step, lag, won) < best for step in steps)


def test_families_weigh_as_they_are_likely():
    lag, won, _ = cohort(np.random.default_rng(18), 1_500, lags=TRUTH["loglogistic"](14, 1.3))
    lag = np.floor(lag)
    cure = mixture_cure(lag, won)
    fits = [cure, *cure.rivals]
    assert {fit.family for fit in fits} == set(TRUTH)
    odds = np.exp([log_likelihood(fit, lag, won) - log_likelihood(cure, lag, won) for fit in fits])
    assert odds.max() == odds[0] == 1
    assert [fit.weight for fit in fits] == pytest.approx(odds / odds.sum(), rel=1e-4)
    assert cure.weight < 0.9  # else the others would hardly weigh
    for fit in fits:
        alone = mixture_cure(lag, won, family=fit.family)
        assert (alone.c, alone.scale, alone.shape) == (fit.c, fit.scale, fit.shape)
        assert (alone.weight, alone.rivals) == (1, ())


@pytest.mark.parametrize(("family", "scale", "shape"), [("weibull", 40, 0.9), ("loglogistic", 14, 1.3)])
def test_much_data_tell_the_family(family, scale, shape):
    lag, won, _ = cohort(np.random.default_rng(19), 50_000, lags=TRUTH[family](scale, shape))
    cure = mixture_cure(lag, won)
    assert (cure.family, round(cure.weight, 2)) == (family, 1)


def test_doubt_about_the_family_widens_the_band_of_the_share():
    lag, won, _ = cohort(np.random.default_rng(20), 1_500, lags=TRUTH["loglogistic"](14, 1.3))
    mixed = mixture_cure(lag, won)
    alone = [mixture_cure(lag, won, family=fit.family) for fit in (mixed, *mixed.rivals)]
    assert min(fit.c_low for fit in alone) < mixed.c_low < mixed.c < mixed.c_high < max(fit.c_high for fit in alone)
    # A mixture of normals: what the three leave below c_low and c_high is 10 and 90 % by weight.
    for bound, share in ((mixed.c_low, 0.1), (mixed.c_high, 0.9)):
        below = [norm(logit(f.c), f.covariance[0][0] ** 0.5).cdf(logit(bound)) for f in alone]
        assert np.dot([f.weight for f in (mixed, *mixed.rivals)], below) == pytest.approx(share, abs=1e-6)


def test_a_rival_under_which_the_curve_is_not_usable_does_not_weigh():
    # Taken for a lognormal, this cohort of R10 goes on rising: by day 100 half of its wins are still to come.
    lag, won, _ = cohort(np.random.default_rng(5), 4_000, days=100)
    usable = {family for family in TRUTH if mixture_cure(lag, won, family=family).usable}
    assert usable == {"weibull", "loglogistic"}
    cure = mixture_cure(lag, won)
    assert {fit.family for fit in (cure, *cure.rivals)} == usable
    assert sum(fit.weight for fit in (cure, *cure.rivals)) == pytest.approx(1)


def test_wins_so_far_understate_what_the_model_finds():
    lag, won, _ = cohort(np.random.default_rng(11), 20_000)
    cure = mixture_cure(lag, won, family="weibull")
    assert won.mean() < 0.10 < cure.c_low < 0.12 < cure.c_high
    assert cure.usable
    assert cure.share([0, 40]) == pytest.approx([0, cure.c * (1 - exp(-((40 / cure.scale) ** cure.shape)))])


def test_the_band_of_the_share_holds_it_as_often_as_it_says():
    """80 % of 100 cohorts: a binomial with standard deviation 4; the tolerance is four of them."""
    rng = np.random.default_rng(12)
    cures = [mixture_cure(*cohort(rng, 2_000)[:2]) for _ in range(100)]
    assert 64 <= sum(cure.c_low <= 0.12 <= cure.c_high for cure in cures) <= 96


@pytest.mark.parametrize(
    ("family", "lags", "count"), [("weibull", R10, 1_000), (None, TRUTH["loglogistic"](14, 1.3), 4_000)]
)
def test_the_band_of_the_projection_holds_the_final_count_as_often_as_it_says(family, lags, count):
    rng, held = np.random.default_rng(13), 0
    for _ in range(60):
        lag, won, finally_won = cohort(rng, count, lags=lags)
        projection = expected_wins(mixture_cure(lag, won, family=family), lag[~won], int(won.sum()), seed=1)
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


def test_a_long_tail_keeps_more_to_win():
    # F(10) = 1/2 as of any median, then F(30) = 3/4: .5 · .25 / (1 - .25) = 1/6, and .5 · .5 / .75 = 1/3 in the end.
    assert LONG.share([0, 10, 30]) == pytest.approx([0, 0.25, 0.375])
    assert LONG.still_to_win(10, horizon=20) == pytest.approx(1 / 6)
    assert LONG.still_to_win([0, 10]) == pytest.approx([0.5, 1 / 3])
    # A lognormal with sigma 2 has Φ(1) = .8413 of its wins by 10 e^2.
    wide = replace(LONG, family="lognormal", shape=0.5)
    assert wide.share([0, 10, 10 * exp(2)]) == pytest.approx([0, 0.25, 0.5 * 0.8413447460685429])


def test_a_projection_between_two_families_expects_their_mean_and_spans_both():
    # At 24 days the chances are e^(-2.4) / (1 + e^(-2.4)) = .0832 and, with F = 24/34, (10/34) / (1 + 10/34) = 5/22.
    torn = replace(KNOWN, weight=0.75, rivals=(replace(LONG, weight=0.25),))
    short, long = exp(-2.4) / (1 + exp(-2.4)), 5 / 22
    projection = expected_wins(torn, [24] * 300, 100, seed=3)
    assert projection.expected == pytest.approx(100 + 300 * (0.75 * short + 0.25 * long))
    # The humps (25 ± 5 and 68 ± 7) hardly meet: .1 of all is .1/.75 of the lower, .9 of all is .15/.25 of the upper.
    # Four standard errors of these quantiles in 1,000 draws are 1.1 and 2.9, and half a win for the steps.
    assert projection.low == pytest.approx(100 + binom.ppf(0.1 / 0.75, 300, short), abs=1.6)
    assert projection.high == pytest.approx(100 + binom.ppf(0.15 / 0.25, 300, long), abs=3.4)


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
