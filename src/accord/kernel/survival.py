"""Waiting times under censoring: what is still open counts as open, never as lost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from accord.kernel.intervals import normal_quantile

OPEN = 0  # the code of a row that has not ended; also asks an Incidence for the share still open
ROUNDING = 1e-12  # a share that should be exactly another one may come out that much beside it

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Curve:
    """A step function with its pointwise band, one entry per time of the curve's owner.

    `followed` is how many rows at the start the number at risk stands for.
    """

    values: Floats
    followed: Floats
    events: Counts
    level: float
    varying: Callable[[], Floats]

    @cached_property
    def variance(self) -> Floats:
        return self.varying()

    @cached_property
    def low(self) -> Floats:
        return self.band(slice(None))[0]

    @cached_property
    def high(self) -> Floats:
        return self.band(slice(None))[1]

    def band(self, which: slice) -> tuple[Floats, Floats]:
        """Of these entries alone: of a million times a page shows six."""
        return _band(self.values[which], self.variance[which], self.followed[which], self.level)


@dataclass(frozen=True)
class Quantile:
    """A time with its 95 % limits; None where the curve, or its band, does not come that far yet."""

    at: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, eq=False)
class Survival:
    """The share still open after each distinct event time; `last` is the longest time anyone was followed."""

    times: Floats
    at_risk: Counts
    curve: Curve
    level: float
    last: float

    @property
    def survival(self) -> Floats:
        return self.curve.values

    @property
    def low(self) -> Floats:
        return self.curve.low

    @property
    def high(self) -> Floats:
        return self.curve.high

    @property
    def events(self) -> Counts:
        return self.curve.events

    @overload
    def at(self, t: float) -> float: ...
    @overload
    def at(self, t: Sequence[float] | Floats) -> Floats: ...
    def at(self, t: float | Sequence[float] | Floats) -> float | Floats:
        """The share still open at `t`, the events at `t` included; flat beyond `last`."""
        return _step(self.times, self.survival, t, before=1.0)

    def band(self, t: float) -> tuple[float, float]:
        """The pointwise interval at `t`."""
        return _band_at(self.times, self.curve, t, before=(1 - _unseen(self.at_risk, self.level), 1.0))

    def quantile(self, p: float) -> float | None:
        """The first time by which a share `p` has left; None where the curve does not come down that far."""
        return _first(self.times, self.survival <= 1 - p + ROUNDING)

    def quantile_with_limits(self, p: float) -> Quantile:
        """With the times at which the band comes down as far (Brookmeyer and Crowley 1982)."""
        low, high = (_first(self.times, bound <= 1 - p + ROUNDING) for bound in (self.low, self.high))
        return Quantile(self.quantile(p), low, high)


@dataclass(frozen=True, eq=False)
class Incidence:
    """What became of everyone by each distinct event time; `OPEN` plus all causes is 1 at every time."""

    times: Floats
    at_risk: Counts
    curves: Mapping[int, Curve]
    level: float
    last: float

    @property
    def survival(self) -> Floats:
        return self.curves[OPEN].values

    @overload
    def at(self, cause: int, t: float) -> float: ...
    @overload
    def at(self, cause: int, t: Sequence[float] | Floats) -> Floats: ...
    def at(self, cause: int, t: float | Sequence[float] | Floats) -> float | Floats:
        """The share that ended by `cause` up to and including `t` (`OPEN`: that has not ended)."""
        return _step(self.times, self.curves[cause].values, t, before=float(cause == OPEN))

    def band(self, cause: int, t: float) -> tuple[float, float]:
        """The pointwise interval at `t`."""
        bound = _unseen(self.at_risk, self.level)
        before = (1 - bound, 1.0) if cause == OPEN else (0.0, bound)
        return _band_at(self.times, self.curves[cause], t, before)

    def time_of_share(self, cause: int, p: float) -> Quantile:
        """The first time by which a share `p` of what ends by `cause` within `last` has, its limits where the band of
        the curve comes as high; no time where nothing ends so. `last` is as far as anybody was followed: what ends
        later makes it later."""
        curve = self.curves[cause]
        wanted = p * float(curve.values.max(initial=0.0))
        if not wanted:
            return Quantile(None, None, None)
        found = (_first(self.times, one >= wanted - ROUNDING) for one in (curve.values, curve.high, curve.low))
        return Quantile(*found)

    def restricted_mean(self, cause: int, horizon: float) -> float:
        """Mean time spent ended by `cause` (`OPEN`: not ended) within `horizon`, in the unit of the times."""
        inside = self.times[self.times < horizon]
        edges = np.concatenate(([0.0], inside, [horizon]))
        heights = np.concatenate(([float(cause == OPEN)], self.curves[cause].values[: inside.size]))
        return float(np.sum(np.diff(edges) * heights))


@dataclass(frozen=True)
class StageTime:
    """Days; None where the curve does not come down that far yet."""

    median: float | None
    p75: float | None
    p90: float | None
    entered: int
    left: int


@dataclass(frozen=True, eq=False)
class _Table:
    times: Floats
    at_risk: Counts
    events: Mapping[int, Counts]
    last: float

    @property
    def all_events(self) -> Counts:
        return np.sum(list(self.events.values()), axis=0, dtype=np.int64)


def kaplan_meier(
    durations: npt.ArrayLike,
    observed: npt.ArrayLike,
    entry: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Survival:
    """The share still open over time, open rows censored at their duration; ties are exact.

    `entry` is the time from which a row was watched (left truncation): at risk at t is entry < t <= duration,
    and an entry of 0 or less means from the start. Rows that end by their entry were never watched and are
    left out. A duration below 0 (a date against a timestamp) reads as 0.
    Band: log-log with Greenwood's variance; at 1 and 0, where that has no value, Wilson's bound on the
    at-risk number scaled up to the start. Raises ValueError for lengths that differ or values that are not finite.
    """
    codes = np.asarray(observed, dtype=bool).astype(np.int64)
    table = _tabulate(durations, codes, (1,), entry)
    curve = _open_curve(table, level)
    return Survival(table.times, table.at_risk, curve, level, table.last)


def aalen_johansen(
    durations: npt.ArrayLike,
    codes: npt.ArrayLike,
    causes: Sequence[int],
    entry: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Incidence:
    """Cumulative incidence of each cause among competing ones: CIF_k(t) = sum over s <= t of S(s-) d_k(s) / n(s).

    `codes` holds OPEN (0) or one of `causes` per row; `entry` and durations are as in `kaplan_meier`.
    Band: log-log on the delta-method variance (Marubini and Valsecchi 1995), which is the exact multinomial
    variance where nothing is censored, ties included.
    Raises ValueError for a code that is not among the causes, besides what `kaplan_meier` raises.
    """
    table = _tabulate(durations, np.asarray(codes, dtype=np.int64), causes, entry)
    still_open = _open_curve(table, level)
    curves = {cause: _cause_curve(table, cause, still_open.values, level) for cause in causes}
    return Incidence(table.times, table.at_risk, {OPEN: still_open, **curves}, level, table.last)


def time_in_stage(durations: npt.ArrayLike, left: npt.ArrayLike, entry: npt.ArrayLike | None = None) -> StageTime:
    """Usual days in a stage, those still in it censored at their days so far."""
    curve = kaplan_meier(durations, left, entry)
    median, p75, p90 = (curve.quantile(p) for p in (0.5, 0.75, 0.9))
    return StageTime(median, p75, p90, entered=np.size(durations), left=int(curve.events.sum()))


def _tabulate(durations: npt.ArrayLike, codes: Counts, causes: Sequence[int], entry: npt.ArrayLike | None) -> _Table:
    """Distinct event times with the number at risk just before and the events of each cause. One sort, O(n log n)."""
    ends = np.maximum(np.asarray(durations, dtype=np.float64), 0.0)
    starts = np.full(ends.shape, -np.inf) if entry is None else _starts(entry)
    _check(ends, starts, codes, causes)
    if entry is not None:
        watched = starts < ends
        ends, starts, codes = ends[watched], np.sort(starts[watched]), codes[watched]
    order = np.argsort(ends)
    ends, codes = ends[order], codes[order]
    first, last = _distinct(ends)
    any_event = _happened(codes != OPEN, first, last) > 0
    first, last = first[any_event], last[any_event]
    times = ends[first]
    begun = ends.size if entry is None else np.searchsorted(starts, times)
    events = {cause: _happened(codes == cause, first, last) for cause in causes}
    return _Table(times, np.asarray(begun - first), events, float(ends[-1]) if ends.size else 0.0)


def _distinct(ends: Floats) -> tuple[Counts, Counts]:
    """Where each distinct time begins in the sorted ones, and where the next one does."""
    first = np.flatnonzero(np.append(True, ends[1:] != ends[:-1])[: ends.size])
    return first, np.append(first[1:], ends.size)[: first.size]


def _happened(of_cause: npt.NDArray[np.bool_], first: Counts, last: Counts) -> Counts:
    """How many of the rows from `first` on and before `last` are of the cause."""
    so_far = np.concatenate(([0], np.cumsum(of_cause, dtype=np.int64)))
    return so_far[last] - so_far[first]


def _starts(entry: npt.ArrayLike) -> Floats:
    starts = np.asarray(entry, dtype=np.float64)
    return np.where(starts <= 0, -np.inf, starts)


def _check(ends: Floats, starts: Floats, codes: Counts, causes: Sequence[int]) -> None:
    if not ends.shape == starts.shape == codes.shape:
        raise ValueError("durations, outcomes and entries must have the same length")
    if not np.isfinite(ends).all() or np.isnan(starts).any():
        raise ValueError("a duration or an entry is not a finite number")
    if OPEN in causes or not np.isin(codes, [OPEN, *causes]).all():
        raise ValueError("every code must be 0 (open) or one of the causes, and 0 is no cause")


def _open_curve(table: _Table, level: float) -> Curve:
    events, at_risk = table.all_events, table.at_risk
    survival = np.cumprod(1 - np.divide(events, at_risk), dtype=np.float64)
    followed = _followed(at_risk, survival)
    return Curve(survival, followed, events, level, lambda: survival**2 * np.cumsum(_greenwood(events, at_risk)))


def _cause_curve(table: _Table, cause: int, survival: Floats, level: float) -> Curve:
    events, at_risk, before = table.events[cause], table.at_risk, _before(survival)
    incidence = np.cumsum(before * events / at_risk)
    varying = partial(_incidence_variance, incidence, before, table, events)
    return Curve(incidence, _followed(at_risk, survival), events, level, varying)


def _incidence_variance(incidence: Floats, before: Floats, table: _Table, events: Counts) -> Floats:
    """Sums over s <= t of the three terms in F(t) - F(s), multiplied out into running sums: O(n)."""
    at_risk = table.at_risk.astype(np.float64)
    hazard = _greenwood(table.all_events, table.at_risk)
    cross = before * events / at_risk**2
    leaving = (
        incidence**2 * np.cumsum(hazard)
        - 2 * incidence * np.cumsum(hazard * incidence)
        + np.cumsum(hazard * incidence**2)
    )
    own = np.cumsum(before**2 * events * (at_risk - events) / at_risk**3)
    shared = incidence * np.cumsum(cross) - np.cumsum(cross * incidence)
    return np.maximum(leaving + own - 2 * shared, 0.0)


def _greenwood(events: Counts, at_risk: Counts) -> Floats:
    """d / (n (n - d)); 0 where all at risk end, since nothing varies after that."""
    rest = at_risk * (at_risk - events).astype(np.float64)
    return np.divide(events, rest, out=np.zeros(rest.shape), where=rest > 0)


def _before(survival: Floats) -> Floats:
    return np.concatenate(([1.0], survival[:-1]))[: survival.size]


def _followed(at_risk: Counts, survival: Floats) -> Floats:
    """How many rows at the start the number at risk stands for; all of them where nothing is censored."""
    before = _before(survival)
    return np.divide(at_risk, before, out=at_risk.astype(np.float64), where=before > 0)


def _band(values: Floats, variance: Floats, followed: Floats, level: float) -> tuple[Floats, Floats]:
    all_of_them = values > 1 - ROUNDING
    inside = (values > 0) & ~all_of_them
    safe = np.where(inside, values, 0.5)
    exponent = normal_quantile(level) * np.sqrt(variance) / (safe * -np.log(safe))
    spread = np.exp(np.minimum(exponent, 700.0))  # beyond, the band is 0 to 1 and exp overflows
    bound = _empty_share(followed, level)
    low = np.where(inside, safe**spread, np.where(all_of_them, 1 - bound, 0.0))
    high = np.where(inside, safe ** (1 / spread), np.where(all_of_them, 1.0, bound))
    return low, high


def _empty_share(number: Floats, level: float) -> Floats:
    """Wilson's upper bound of a share of which none has been seen among `number`."""
    square = normal_quantile(level) ** 2
    return square / (number + square)


def _band_at(times: Floats, curve: Curve, t: float, before: tuple[float, float]) -> tuple[float, float]:
    place = int(np.searchsorted(times, t, side="right")) - 1
    if place < 0:
        return before
    low, high = curve.band(slice(place, place + 1))
    return float(low[0]), float(high[0])


def _unseen(at_risk: Counts, level: float) -> float:
    """The bound before the first event, where everyone at risk at that event has been without one."""
    return float(_empty_share(at_risk[:1].sum(dtype=np.float64), level))


def _first(times: Floats, reached: npt.NDArray[np.bool_]) -> float | None:
    found = np.flatnonzero(reached)
    return float(times[found[0]]) if found.size else None


def _step(times: Floats, values: Floats, t: float | Sequence[float] | Floats, before: float) -> Any:
    padded = np.concatenate(([before], values))
    found = padded[np.searchsorted(times, t, side="right")]
    return float(found) if np.ndim(t) == 0 else found
