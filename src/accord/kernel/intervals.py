"""Rates with their intervals, and Little's law as an alarm on the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.special import ndtri

ALARM_ABOVE = 0.2
FEW = 30  # of fewer a share says too little to stand by itself


@dataclass(frozen=True)
class Rate:
    numerator: int
    denominator: int
    rate: float | None
    low: float | None
    high: float | None

    @property
    def early(self) -> bool:
        return self.denominator < FEW


@dataclass(frozen=True)
class Difference:
    """What the first has more than the second, with its interval."""

    value: float
    low: float
    high: float

    @property
    def within_chance(self) -> bool:
        return self.low <= 0 <= self.high


@dataclass(frozen=True)
class Little:
    """`deviation` is a share of the stock; None where there is flow but no stock to divide by."""

    expected: float
    deviation: float | None
    alarm: bool


def normal_quantile(level: float) -> float:
    return float(ndtri(0.5 + level / 2))


def wilson(successes: int, total: int, level: float = 0.95) -> Rate:
    """The share with Wilson's score interval (Newcombe 1998, method 3); no rate without a denominator."""
    if not 0 <= successes <= total:
        raise ValueError(f"{successes} of {total} is not a share")
    if total == 0:
        return Rate(0, 0, None, None, None)
    square = normal_quantile(level) ** 2
    centre = 2 * successes + square
    spread = sqrt(square * (square + 4 * successes * (1 - successes / total)))
    width = 2 * (total + square)
    # At 0 and at all the two terms are equal, but rounding may leave -1e-17.
    low = 0.0 if successes == 0 else (centre - spread) / width
    high = 1.0 if successes == total else (centre + spread) / width
    return Rate(successes, total, successes / total, low, high)


def trailing(shares: Sequence[tuple[int, int]], least: int) -> Rate | None:
    """The share of the last of these (successes, total) and of as many before it as it takes to have `least` of them.

    None where all of them are fewer.
    """
    successes = total = 0
    for one, of in reversed(shares):
        successes, total = successes + one, total + of
        if total >= least:
            return wilson(successes, total)
    return None


def difference(one: tuple[float, float, float], other: tuple[float, float, float]) -> Difference:
    """Of two independent figures (value, low, high), from the limits of each: Zou and Donner's MOVER (2008), which for
    two shares is Newcombe's."""
    (first, first_low, first_high), (second, second_low, second_high) = one, other
    below = sqrt((first - first_low) ** 2 + (second_high - second) ** 2)
    above = sqrt((first_high - first) ** 2 + (second - second_low) ** 2)
    return Difference(first - second, first - second - below, first - second + above)


def little(arrival_rate_per_day: float, mean_days: float, stock: float) -> Little:
    """Whether a stock agrees with its flow on a stationary window: L = arrivals per day x mean days.

    An alarm (more than a fifth off) means missing transitions or deals nobody has closed.
    """
    expected = arrival_rate_per_day * mean_days
    if stock == 0:
        return Little(expected, None if expected else 0.0, expected > 0)
    deviation = abs(stock - expected) / stock
    return Little(expected, deviation, deviation > ALARM_ABOVE)
