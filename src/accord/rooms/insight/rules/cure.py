"""Mixture-cure model: a share `c` wins in the end, after a Weibull lag; the others never do.

What a cohort that is still young will come to, with an honest band.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import OptimizeResult, minimize
from scipy.special import expit, logit

from accord.rooms.insight.rules.intervals import normal_quantile

Floats = npt.NDArray[np.float64]

FIRST_DAY = 1.0  # a date knows no less, and a Weibull density at 0 is either 0 or infinite
HOURS = 24  # lags are rounded to the hour, so that a million rows are some thousand weighted ones
# Of logit c, log scale in days and log shape; a fit that ends on one of them is none.
BOUNDS = ((-12.0, 12.0), (np.log(1e-2), np.log(1e5)), (np.log(0.1), np.log(10.0)))
DRAWS = 1000


@dataclass(frozen=True)
class Cure:
    """`c` the share that wins in the end; lag F(t) = 1 - exp(-(t / scale)^shape), in days.

    `usable` is False, and only the observed curve may be shown, while the longest follow-up is under twice
    the median lag (c cannot be told from the scale before the curve flattens), or where no fit was found
    (the figures are then None).
    """

    c: float | None
    scale: float | None
    shape: float | None
    c_low: float | None
    c_high: float | None
    max_followup: float
    median_lag: float | None
    usable: bool
    level: float
    covariance: tuple[tuple[float, ...], ...] = ()  # of logit c, log scale, log shape

    @property
    def fitted(self) -> tuple[float, float, float]:
        """c, scale and shape; ValueError where there is no fit to ask."""
        if self.c is None or self.scale is None or self.shape is None:
            raise ValueError("no curve could be fitted")
        return self.c, self.scale, self.shape

    def share(self, age: npt.ArrayLike) -> Floats:
        """The share of a cohort of this age that has won."""
        c, scale, shape = self.fitted
        return c * _lag(np.asarray(age, dtype=np.float64), scale, shape)

    def still_to_win(self, age: npt.ArrayLike, horizon: float = np.inf) -> Floats:
        """P(wins within `horizon` days from now | not won at this age): c (F(a + h) - F(a)) / (1 - c F(a))."""
        return _still_to_win(np.asarray(age, dtype=np.float64), horizon, *self.fitted)


@dataclass(frozen=True)
class Projection:
    """Wins of a cohort in the end, those so far included; `extrapolated` is the share of them not yet seen."""

    expected: float
    low: float
    high: float
    extrapolated: float


@dataclass(frozen=True, eq=False)
class _Lags:
    """Counts per distinct lag: `won` after the first day, `waiting` not won; `early` wins are within it."""

    days: Floats
    won: Floats
    waiting: Floats
    early: float

    @property
    def wins(self) -> float:
        return float(self.won.sum()) + self.early

    @property
    def rows(self) -> float:
        return self.wins + float(self.waiting.sum())


def mixture_cure(durations: npt.ArrayLike, observed: npt.ArrayLike, level: float = 0.8) -> Cure:
    """Fit by maximum likelihood: product over the won of c f(t) and over the others of 1 - c F(t).

    `durations` are days to the win, or to today for *everyone* who has not won: a lost lead too counts with
    its age today, not with the day of its loss, or c would be the share that wins if nobody were ever lost.
    A win within the first day counts as F(1 day), whatever its hour, so that dates and timestamps both serve.
    Half a win and half a non-win are added (Jeffreys' prior of a share), which keeps c off 0 and 1.
    The interval of c is normal on the logit scale, from the observed information.
    """
    days, won = np.maximum(np.asarray(durations, dtype=np.float64), 0.0), np.asarray(observed, dtype=bool)
    if days.shape != won.shape or not np.isfinite(days).all():
        raise ValueError("durations must be finite numbers, one for every outcome")
    max_followup = float(days.max(initial=0.0))
    lags = _gather(days, won)
    point = _best(lags) if won.any() else None
    covariance = None if point is None else _covariance(point, lags)
    if point is None or covariance is None:
        return Cure(None, None, None, None, None, max_followup, None, False, level)
    return _cure(point, covariance, max_followup, level)


def expected_wins(
    cure: Cure,
    open_ages: npt.ArrayLike,
    won_so_far: int,
    seed: int,
    level: float = 0.8,
    horizon: float = np.inf,
) -> Projection | None:
    """What a cohort comes to within `horizon` days; None while the curve is not usable.

    `open_ages` are the ages in days of all leads of the cohort that have not won (lost ones included, as in
    `mixture_cure`). `expected` is won so far + the sum of P(still to win). The band is made of draws: each
    takes its parameters from the normal approximation of the fit (uncertainty of the curve), then each lead
    wins or not (binomial noise). The same seed gives the same band.
    It takes the Weibull for true: where wins have a longer tail, the projection is low and its band too narrow.
    """
    if not cure.usable:
        return None
    ages, leads = np.unique(_to_the_hour(np.asarray(open_ages, dtype=np.float64)), return_counts=True)
    expected = won_so_far + float(leads @ cure.still_to_win(ages, horizon))
    wins = won_so_far + _draw_wins(cure, ages, leads, horizon, np.random.default_rng(seed))
    low, high = np.quantile(wins, (0.5 - level / 2, 0.5 + level / 2))
    # Where less than one win is to come, both quantiles can be 0: the band never excludes its own middle.
    low, high = min(float(low), expected), max(float(high), expected)
    return Projection(expected, low, high, 1 - won_so_far / expected if expected else 0.0)


def _draw_wins(
    cure: Cure, ages: Floats, leads: npt.NDArray[np.int64], horizon: float, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    c, scale, shape = cure.fitted
    centre = (logit(c), np.log(scale), np.log(shape))
    points = rng.multivariate_normal(centre, np.array(cure.covariance), size=DRAWS, method="cholesky")
    points = np.clip(points, *np.transpose(BOUNDS))
    chances = (_still_to_win(ages, horizon, expit(a), np.exp(b), np.exp(g)) for a, b, g in points)
    return np.array([rng.binomial(leads, chance).sum() for chance in chances])


def _lag(days: Floats, scale: float, shape: float) -> Floats:
    return -np.expm1(-((days / scale) ** shape))


def _still_to_win(age: Floats, horizon: float, c: float, scale: float, shape: float) -> Floats:
    by_now = _lag(age, scale, shape)
    return c * (_lag(age + horizon, scale, shape) - by_now) / (1 - c * by_now)


def _to_the_hour(days: Floats) -> Floats:
    return np.round(days * HOURS) / HOURS


def _gather(days: Floats, won: npt.NDArray[np.bool_]) -> _Lags:
    early = won & (days < FIRST_DAY)
    # Half an hour instead of 0 keeps the logarithm finite where nothing has happened yet.
    lags = np.maximum(_to_the_hour(days[~early]), 0.5 / HOURS)
    distinct, rows = np.unique(lags, return_inverse=True)
    wins = np.bincount(rows, won[~early], distinct.size).astype(np.float64)
    waiting = np.bincount(rows, ~won[~early], distinct.size).astype(np.float64)
    return _Lags(distinct, wins, waiting, float(early.sum()))


def _best(lags: _Lags) -> Floats | None:
    """The optimum from three starts (the curve may have two hills), or None where it lies on a bound."""
    usual = float(np.log((lags.days @ lags.won + lags.early * FIRST_DAY) / lags.wins))
    naive = float(logit(np.clip(lags.wins / lags.rows, 1e-3, 0.999)))
    starts = ((naive, usual, 0.0), (naive, usual, float(np.log(2))), (float(logit(0.9)), usual + 1, 0.0))
    point = min((_climb(start, lags) for start in starts), key=lambda fit: fit.fun).x
    low, high = np.transpose(BOUNDS)
    return point if np.all((point > low + 1e-3) & (point < high - 1e-3)) else None


def _climb(start: npt.ArrayLike, lags: _Lags) -> OptimizeResult:
    return minimize(_loss, start, args=(lags,), jac=True, method="L-BFGS-B", bounds=BOUNDS)


def _loss(point: Floats, lags: _Lags) -> tuple[float, Floats]:
    """Negative log-likelihood per row, and its slopes in logit c, log scale and log shape."""
    parts = (_of_won(point, lags), _of_early(point, lags), _of_waiting(point, lags), _of_prior(point))
    loss = -np.sum(parts, axis=0) / lags.rows
    return loss[0], loss[1:]


def _hazard(point: Floats, days: npt.ArrayLike) -> tuple[Floats, Floats]:
    """log((t / scale)^shape) and (t / scale)^shape, which stays finite within BOUNDS."""
    ahead = np.exp(point[2]) * (np.log(days) - point[1])
    return ahead, np.exp(ahead)


def _of_won(point: Floats, lags: _Lags) -> Floats:
    ahead, hazard = _hazard(point, lags.days)
    c, count = expit(point[0]), lags.won.sum()
    value = count * (np.log(c) + point[2]) + lags.won @ (ahead - np.log(lags.days) - hazard)
    by_scale = np.exp(point[2]) * (lags.won @ (hazard - 1))
    return np.array([value, count * (1 - c), by_scale, lags.won @ (1 + ahead - ahead * hazard)])


def _of_early(point: Floats, lags: _Lags) -> Floats:
    ahead, hazard = _hazard(point, FIRST_DAY)
    c, pull = expit(point[0]), lags.early * hazard * np.exp(-hazard) / -np.expm1(-hazard)
    value = lags.early * (np.log(c) + np.log(-np.expm1(-hazard)))
    return np.array([value, lags.early * (1 - c), -np.exp(point[2]) * pull, ahead * pull])


def _of_waiting(point: Floats, lags: _Lags) -> Floats:
    ahead, hazard = _hazard(point, lags.days)
    c, gone = expit(point[0]), -np.expm1(-hazard)
    unwon = 1 - c * gone
    pull = lags.waiting * c * np.exp(-hazard) * hazard / unwon
    by_c = -c * (1 - c) * (lags.waiting @ (gone / unwon))
    return np.array([lags.waiting @ np.log(unwon), by_c, np.exp(point[2]) * pull.sum(), -(pull @ ahead)])


def _of_prior(point: Floats) -> Floats:
    c = expit(point[0])
    return np.array([(np.log(c) + np.log1p(-c)) / 2, 0.5 - c, 0.0, 0.0])


def _covariance(point: Floats, lags: _Lags) -> Floats | None:
    """The inverse of the observed information; None where it is no covariance (a flat likelihood)."""
    steps = 1e-4 * np.eye(3)
    slopes = [_loss(point + step, lags)[1] - _loss(point - step, lags)[1] for step in steps]
    information = lags.rows * np.array(slopes) / 2e-4
    values, vectors = np.linalg.eigh((information + information.T) / 2)
    return (vectors / values) @ vectors.T if values.min() > 1e-6 else None


def _cure(point: Floats, covariance: Floats, max_followup: float, level: float) -> Cure:
    scale, shape = np.exp(point[1:])
    spread = normal_quantile(level) * np.sqrt(covariance[0, 0])
    c_low, c, c_high = (float(expit(point[0] + side * spread)) for side in (-1, 0, 1))
    median_lag = float(scale * np.log(2) ** (1 / shape))
    usable = max_followup >= 2 * median_lag
    rows = tuple(tuple(float(value) for value in row) for row in covariance)
    return Cure(c, float(scale), float(shape), c_low, c_high, max_followup, median_lag, usable, level, rows)
