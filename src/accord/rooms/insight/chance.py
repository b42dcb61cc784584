"""Whether the last week lies within what chance makes of the weeks before it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import bdtr, bdtrc, stdtr, stdtrit

ENOUGH = 13  # of what is counted over all weeks: with less no week can be told from another
LEVEL = 0.95


@dataclass(frozen=True)
class Week:
    """What was counted in it, the range in which chance alone leaves 95 of a hundred weeks, and how likely it is."""

    count: int
    mean: float
    low: int
    high: int
    chance: float


def judged(before: Sequence[int], count: int) -> Week | None:
    """The last week by the ones before it; None where too little was counted.

    Two questions, and the more cautious answer holds. As counts: of all that came in n + 1 weeks, the last one has
    its share by chance, binomial with 1 / (n + 1). As weeks: Student's t on n - 1 degrees for one more observation,
    with the variance of the weeks where they scatter more than counts do (quasi-Poisson).
    """
    weeks, whole = len(before), sum(before) + count
    if whole < ENOUGH or weeks < 2:
        return None
    mean = sum(before) / weeks
    spread = sqrt(max(float(np.var(before, ddof=1)), mean) * (1 + 1 / weeks))
    reach = float(stdtrit(weeks - 1, 0.5 + LEVEL / 2)) * spread
    by_weeks = 2 * float(stdtr(weeks - 1, -abs(count - mean) / spread)) if spread else 0.0
    chance = max(_of_counts(count, whole, 1 / (weeks + 1)), by_weeks)
    return Week(count, mean, max(0, round(mean - reach)), round(mean + reach), chance)


def _of_counts(count: int, whole: int, share: float) -> float:
    """Two-sided, twice the smaller tail."""
    below, above = float(bdtr(count, whole, share)), float(bdtrc(count - 1, whole, share)) if count else 1.0
    return min(1.0, 2 * min(below, above))
