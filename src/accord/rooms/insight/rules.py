"""Mixture-cure model: a share `c` wins in the end, after a lag of some family; the others never do.

What a cohort that is still young will come to, with an honest band.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit, log_expit, log_ndtr, logit, ndtr, ndtri

from accord.kernel.intervals import normal_quantile

Floats = npt.NDArray[np.float64]
Each = float | Floats  # one for all, or a column of them
Family = Literal["weibull", "loglogistic", "lognormal"]

FIRST_DAY = 1.0  # a date knows no less, and a Weibull density at 0 is either 0 or infinite
HOURS = 24  # lags are rounded to the hour, so that a million rows are some thousand weighted ones
FINE, PARTS = 4.0, 100  # coarsely to a hundredth of themselves, from four days on: some hundred
# Of logit c, log scale in days and log shape; a fit that ends on one of them is none.
BOUNDS = ((-12.0, 12.0), (np.log(1e-2), np.log(1e5)), (np.log(0.1), np.log(10.0)))
DRAWS = 1000


@dataclass(frozen=True)
class _Lag:
    """The distribution of z = shape (log t - log scale): its log-density with slope, P(Z < z) with logarithm."""

    density: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    gone: Callable[[Floats], Floats]
    log_gone: Callable[[Floats], Floats]
    median: float = 0.0


LAGS: dict[Family, _Lag] = {
    "weibull": _Lag(
        density=lambda z: z - np.exp(z),
        slope=lambda z: 1 - np.exp(z),
        gone=lambda z: -np.expm1(-np.exp(z)),
        log_gone=lambda z: np.log(-np.expm1(-np.exp(z))),
        median=float(np.log(np.log(2))),
    ),
    "loglogistic": _Lag(
        density=lambda z: log_expit(z) + log_expit(-z),
        slope=lambda z: -np.tanh(z / 2),
        gone=expit,
        log_gone=log_expit,
    ),
    "lognormal": _Lag(
        density=lambda z: -(z**2 + np.log(2 * np.pi)) / 2,
        slope=lambda z: -z,
        gone=ndtr,
        log_gone=log_ndtr,
    ),
}


@dataclass(frozen=True)
class Cure:
    """`c` the share that wins in the end; lag F(t) = P(Z < shape log(t / scale)), in days, Z as in `family`.

    `scale` is the median lag, of a Weibull its 63rd percentile; the `shape` of a lognormal is 1 / sigma.
    `rivals` are the same cohort's fits of the other families, `weight` the Akaike weight of each.
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
    family: Family = "weibull"
    weight: float = 1.0
    rivals: tuple["Cure", ...] = ()

    @property
    def fitted(self) -> tuple[float, float, float]:
        """c, scale and shape; ValueError where there is no fit to ask."""
        if self.c is None or self.scale is None or self.shape is None:
            raise ValueError("no curve could be fitted")
        return self.c, self.scale, self.shape

    def share(self, age: npt.ArrayLike) -> Floats:
        """The share of a cohort of this age that has won."""
        c, scale, shape = self.fitted
        return c * _gone(self.family, np.asarray(age, dtype=np.float64), scale, shape)

    def still_to_win(self, age: npt.ArrayLike, horizon: float = np.inf) -> Floats:
        """P(wins within `horizon` days from now | not won at this age): c (F(a + h) - F(a)) / (1 - c F(a))."""
        return _still_to_win(self.family, np.asarray(age, dtype=np.float64), horizon, *self.fitted)


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

    def coarse(self) -> "_Lags":
        """A tenth of the rows: enough to say on which hill the optimum is, and near what."""
        days, places = np.unique(_coarsely(self.days), return_inverse=True)
        won, waiting = (np.bincount(places, of, days.size).astype(np.float64) for of in (self.won, self.waiting))
        return _Lags(days, won, waiting, self.early)


def mixture_cure(
    durations: npt.ArrayLike, observed: npt.ArrayLike, level: float = 0.8, family: Family | None = None
) -> Cure:
    """Fit by maximum likelihood: product over the won of c f(t) and over the others of 1 - c F(t).

    The lag is of the likeliest family, or of the one given; all have three parameters, so that Akaike's
    criterion is the likelihood. The tail after the longest follow-up is the family's word, not the data's.
    `durations` are days to the win, or to today for *everyone* who has not won: a lost lead too counts with
    its age today, not with the day of its loss, or c would be the share that wins if nobody were ever lost.
    A win within the first day counts as F(1 day), whatever its hour, so that dates and timestamps both serve.
    Half a win and half a non-win are added (Jeffreys' prior of a share), which keeps c off 0 and 1.
    The interval of c is normal on the logit scale, from the observed information, mixed by Akaike weight.
    """
    days, won = np.maximum(np.asarray(durations, dtype=np.float64), 0.0), np.asarray(observed, dtype=bool)
    if days.shape != won.shape or not np.isfinite(days).all():
        raise ValueError("durations must be finite numbers, one for every outcome")
    max_followup = float(days.max(initial=0.0))
    lags = _gather(days, won)
    families = (family,) if family else tuple(LAGS)
    fits = [fit for name in families if (fit := _fit(name, lags))] if won.any() else []
    if not fits:
        return Cure(None, None, None, None, None, max_followup, None, False, level)
    return _likeliest(fits, max_followup, level)


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
    `mixture_cure`). `expected` is won so far + the sum of P(still to win), averaged over the families by
    Akaike weight. The band is made of draws: each takes a family by that weight (uncertainty of the tail) and
    its parameters from the normal approximation of the fit (uncertainty of the curve), then each lead wins or
    not (binomial noise). The same seed gives the same band.
    It takes the future for like the past: where the share or the pace of winning moves, the band can miss.
    """
    if not cure.usable:
        return None
    ages, leads = np.unique(_to_the_hour(np.asarray(open_ages, dtype=np.float64)), return_counts=True)
    expected = won_so_far + sum(fit.weight * float(leads @ fit.still_to_win(ages, horizon)) for fit in _all(cure))
    about, places = np.unique(_coarsely(ages), return_inverse=True)
    many = np.bincount(places, leads).astype(np.int64)
    wins = won_so_far + _draw_wins(cure, about, many, horizon, np.random.default_rng(seed))
    low, high = np.quantile(wins, (0.5 - level / 2, 0.5 + level / 2))
    # Where less than one win is to come, both quantiles can be 0: the band never excludes its own middle.
    low, high = min(float(low), expected), max(float(high), expected)
    return Projection(expected, low, high, 1 - won_so_far / expected if expected else 0.0)


def _all(cure: Cure) -> tuple[Cure, ...]:
    return (cure, *cure.rivals)


def _draw_wins(
    cure: Cure, ages: Floats, leads: npt.NDArray[np.int64], horizon: float, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    fits = _all(cure)
    shares = rng.multinomial(DRAWS, [fit.weight for fit in fits])
    wins = [
        _wins(fit, _draw_points(fit, draws, rng), ages, leads, horizon, rng)
        for fit, draws in zip(fits, shares, strict=True)
    ]
    return np.concatenate(wins)


def _wins(
    fit: Cure, points: Floats, ages: Floats, leads: npt.NDArray[np.int64], horizon: float, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """How many of the leads of each age win, by each of the points; summed over the ages."""
    c, scale, shape = (column[:, None] for column in (expit(points[:, 0]), *np.exp(points[:, 1:]).T))
    chance = _still_to_win(fit.family, ages[None, :], horizon, c, scale, shape)
    return rng.binomial(leads[None, :], chance).sum(axis=1)


def _draw_points(fit: Cure, draws: int, rng: np.random.Generator) -> Floats:
    c, scale, shape = fit.fitted
    centre = (logit(c), np.log(scale), np.log(shape))
    points = rng.multivariate_normal(centre, np.array(fit.covariance), size=draws, method="cholesky")
    return np.clip(points, *np.transpose(BOUNDS))


def _gone(family: Family, days: Floats, scale: Each, shape: Each) -> Floats:
    with np.errstate(divide="ignore"):  # the logarithm of nought, of which nothing is gone
        return LAGS[family].gone(shape * (np.log(np.maximum(days, 0.0)) - np.log(scale)))


def _still_to_win(family: Family, age: Floats, horizon: float, c: Each, scale: Each, shape: Each) -> Floats:
    by_now = _gone(family, age, scale, shape)
    return c * (_gone(family, age + horizon, scale, shape) - by_now) / (1 - c * by_now)


def _to_the_hour(days: Floats) -> Floats:
    return np.round(days * HOURS) / HOURS


def _coarsely(days: Floats) -> Floats:
    return np.where(days < FINE, days, np.exp(np.round(np.log(np.maximum(days, FINE)) * PARTS) / PARTS))


def _gather(days: Floats, won: npt.NDArray[np.bool_]) -> _Lags:
    early = won & (days < FIRST_DAY)
    # Half an hour instead of 0 keeps the logarithm finite where nothing has happened yet.
    lags = np.maximum(_to_the_hour(days[~early]), 0.5 / HOURS)
    distinct, rows = np.unique(lags, return_inverse=True)
    wins = np.bincount(rows, won[~early], distinct.size).astype(np.float64)
    waiting = np.bincount(rows, ~won[~early], distinct.size).astype(np.float64)
    return _Lags(distinct, wins, waiting, float(early.sum()))


@dataclass(frozen=True, eq=False)
class _Fit:
    """The optimum of one family: its point (logit c, log scale, log shape) and negative log-likelihood."""

    family: Family
    point: Floats
    covariance: Floats
    loss: float


def _fit(family: Family, lags: _Lags) -> _Fit | None:
    """The optimum from three starts (the curve may have two hills), or None where it lies on a bound."""
    usual = float(np.log((lags.days @ lags.won + lags.early * FIRST_DAY) / lags.wins))
    naive = float(logit(np.clip(lags.wins / lags.rows, 1e-3, 0.999)))
    starts = ((naive, usual, 0.0), (naive, usual, float(np.log(2))), (float(logit(0.9)), usual + 1, 0.0))
    coarse = lags.coarse()
    nearly = min((_climb(start, family, coarse) for start in starts), key=lambda climb: climb.fun)
    best = _climb(nearly.x, family, lags)
    low, high = np.transpose(BOUNDS)
    if not np.all((best.x > low + 1e-3) & (best.x < high - 1e-3)):
        return None
    covariance = _covariance(best.x, family, lags)
    return None if covariance is None else _Fit(family, best.x, covariance, best.fun * lags.rows)


def _climb(start: npt.ArrayLike, family: Family, lags: _Lags) -> Any:
    # A second of every start of every command, and only a projection needs it.
    from scipy.optimize import minimize  # noqa: PLC0415

    return minimize(_loss, start, args=(family, lags), jac=True, method="L-BFGS-B", bounds=BOUNDS)


def _loss(point: Floats, family: Family, lags: _Lags) -> tuple[float, Floats]:
    """Negative log-likelihood per row, and its slopes in logit c, log scale and log shape."""
    lag = LAGS[family]
    parts = (_of_won(point, lag, lags), _of_early(point, lag, lags), _of_waiting(point, lag, lags), _of_prior(point))
    loss = -np.sum(parts, axis=0) / lags.rows
    return loss[0], loss[1:]


def _of_won(point: Floats, lag: _Lag, lags: _Lags) -> Floats:
    z = np.exp(point[2]) * (np.log(lags.days) - point[1])
    c, count, pull = expit(point[0]), lags.won.sum(), lags.won * lag.slope(z)
    value = count * (np.log(c) + point[2]) + lags.won @ (lag.density(z) - np.log(lags.days))
    return np.array([value, count * (1 - c), -np.exp(point[2]) * pull.sum(), count + pull @ z])


def _of_early(point: Floats, lag: _Lag, lags: _Lags) -> Floats:
    z = np.exp(point[2]) * (np.log(FIRST_DAY) - point[1])
    c, pull = expit(point[0]), lags.early * np.exp(lag.density(z) - lag.log_gone(z))
    value = lags.early * (np.log(c) + lag.log_gone(z))
    return np.array([value, lags.early * (1 - c), -np.exp(point[2]) * pull, z * pull])


def _of_waiting(point: Floats, lag: _Lag, lags: _Lags) -> Floats:
    z = np.exp(point[2]) * (np.log(lags.days) - point[1])
    c, gone = expit(point[0]), lag.gone(z)
    unwon = 1 - c * gone
    pull = lags.waiting * c * np.exp(lag.density(z)) / unwon
    by_c = -c * (1 - c) * (lags.waiting @ (gone / unwon))
    return np.array([lags.waiting @ np.log(unwon), by_c, np.exp(point[2]) * pull.sum(), -(pull @ z)])


def _of_prior(point: Floats) -> Floats:
    c = expit(point[0])
    return np.array([(np.log(c) + np.log1p(-c)) / 2, 0.5 - c, 0.0, 0.0])


def _covariance(point: Floats, family: Family, lags: _Lags) -> Floats | None:
    """The inverse of the observed information; None where it is no covariance (a flat likelihood)."""
    steps = 1e-4 * np.eye(3)
    slopes = [_loss(point + step, family, lags)[1] - _loss(point - step, family, lags)[1] for step in steps]
    information = lags.rows * np.array(slopes) / 2e-4
    values, vectors = np.linalg.eigh((information + information.T) / 2)
    return (vectors / values) @ vectors.T if values.min() > 1e-6 else None


def _likeliest(fits: list[_Fit], max_followup: float, level: float) -> Cure:
    """The best fit with its rivals; a rival under which the curve is not usable has nothing to tell of c."""
    best, *rest = sorted(fits, key=lambda fit: fit.loss)
    ranked = [best, *(fit for fit in rest if _usable(fit, max_followup))]
    odds = np.exp([best.loss - fit.loss for fit in ranked])
    weights = odds / odds.sum()
    chosen, *rivals = (_cure(*pair, max_followup, level) for pair in zip(ranked, weights, strict=True))
    low, high = (_mixed_share(ranked, weights, 0.5 + side * level / 2) for side in (-1, 1))
    return replace(chosen, c_low=low, c_high=high, rivals=tuple(rivals))


def _median_lag(fit: _Fit) -> float:
    return float(np.exp(fit.point[1] + LAGS[fit.family].median / np.exp(fit.point[2])))


def _usable(fit: _Fit, max_followup: float) -> bool:
    return max_followup >= 2 * _median_lag(fit)


def _mixed_share(fits: list[_Fit], weights: Floats, chance: float) -> float:
    """The quantile of c where logit c is a mixture of the fits' normals."""
    centres = np.array([fit.point[0] for fit in fits])
    spreads = np.sqrt([fit.covariance[0, 0] for fit in fits])
    ends = centres + spreads * ndtri(chance)

    def above(at: float) -> float:
        return float(weights @ ndtr((at - centres) / spreads)) - chance

    from scipy.optimize import brentq  # noqa: PLC0415

    return float(expit(brentq(above, ends.min() - 1e-6, ends.max() + 1e-6)))


def _cure(fit: _Fit, weight: float, max_followup: float, level: float) -> Cure:
    spread = normal_quantile(level) * np.sqrt(fit.covariance[0, 0])
    c_low, c, c_high = (float(expit(fit.point[0] + side * spread)) for side in (-1, 0, 1))
    scale, shape = (float(value) for value in np.exp(fit.point[1:]))
    told = (max_followup, _median_lag(fit), _usable(fit, max_followup), level)
    rows = tuple(tuple(float(value) for value in row) for row in fit.covariance)
    return Cure(c, scale, shape, c_low, c_high, *told, rows, fit.family, float(weight))
