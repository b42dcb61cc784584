"""Two shares compared, and many comparisons at once without being fooled by their number."""

from collections.abc import Sequence

import numpy as np
from scipy.special import gammaln

from accord.kernel import intervals
from accord.kernel.intervals import Difference, Rate

AS_LIKELY = 1 + 1e-7  # two tables that are equally likely may differ by a rounding error


def difference(one: Rate, other: Rate) -> Difference | None:
    """The difference of two shares with Newcombe's interval (1998, "Interval estimation for the difference between
    independent proportions", method 10), made of the Wilson intervals of both; None where one has no denominator.
    """
    if one.rate is None or one.low is None or one.high is None:
        return None
    if other.rate is None or other.low is None or other.high is None:
        return None
    return intervals.difference((one.rate, one.low, one.high), (other.rate, other.low, other.high))


def fisher_exact(one: Rate, other: Rate) -> float:
    """Two-sided p of Fisher's exact test that both shares are the same: all tables no likelier than the one seen."""
    hits, trials = one.numerator + other.numerator, one.denominator + other.denominator
    least, most = max(0, hits - other.denominator), min(hits, one.denominator)
    seen = np.arange(least, most + 1)
    ways = _choose(one.denominator, seen) + _choose(other.denominator, hits - seen) - _choose(trials, np.array(hits))
    chances = np.exp(ways)
    return float(min(chances[chances <= chances[one.numerator - least] * AS_LIKELY].sum(), 1.0))


def benjamini_hochberg(chances: Sequence[float], rate: float = 0.1) -> list[bool]:
    """Which of many p values are discoveries, of which a share `rate` is expected to be false (Benjamini and Hochberg
    1995): with p(1) <= ... <= p(m), all up to the last p(i) <= i / m * rate.
    """
    ordered = sorted(chances)
    held = [p for place, p in enumerate(ordered, start=1) if p <= place / len(ordered) * rate]
    return [p <= held[-1] for p in chances] if held else [False] * len(chances)


def _choose(of: int, taken: np.ndarray) -> np.ndarray:
    """The logarithm of the number of ways."""
    return gammaln(of + 1) - gammaln(taken + 1) - gammaln(of - taken + 1)
