"""Rates with their intervals (METHODS R38) and Little's law (R43)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.kernel.intervals import Rate, difference, little, trailing, wilson


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [  # Newcombe 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(successes, total, low, high):
    rate = wilson(successes, total)
    assert (rate.numerator, rate.denominator, rate.rate) == (successes, total, successes / total)
    assert (round(rate.low, 4), round(rate.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [  # Newcombe 1998, differences of independent shares, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_the_difference_of_two_shares_is_as_published(one, other, low, high):
    rates = [wilson(*one), wilson(*other)]
    found = difference(*((rate.rate, rate.low, rate.high) for rate in rates))
    assert found.value == pytest.approx(one[0] / one[1] - other[0] / other[1])
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert not found.within_chance


def test_a_difference_whose_interval_holds_nought_is_within_chance():
    # Below: sqrt(3² + 4²) = 5 of which the first may be 3 less and the second 4 more; above: sqrt(12² + 5²) = 13.
    found = difference((10.0, 7.0, 22.0), (9.0, 4.0, 13.0))
    assert (found.value, found.low, found.high, found.within_chance) == (1.0, -4.0, 14.0, True)


def test_there_is_no_rate_without_a_denominator():
    assert wilson(0, 0) == Rate(0, 0, None, None, None)


@pytest.mark.parametrize(("successes", "total"), [(3, 2), (-1, 2), (1, 0), (0, -1)])
def test_what_is_no_share_is_refused(successes, total):
    with pytest.raises(ValueError, match="is not a share"):
        wilson(successes, total)


def test_a_higher_level_gives_a_wider_interval():
    # z = 1.2816 for 80 %: (2·15 + z² ± z √(z² + 4·15·133/148)) / (2 (148 + z²)), worked by hand
    rate = wilson(15, 148, level=0.8)
    assert (rate.low, rate.high) == (pytest.approx(0.0738, abs=1e-4), pytest.approx(0.1376, abs=1e-4))


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_ends_solve_the_score_equation_and_mirror_each_other(counts):
    successes, total = counts
    rate, mirror = wilson(successes, total), wilson(total - successes, total)
    assert 0 <= rate.low <= rate.rate <= rate.high <= 1
    assert rate.low == pytest.approx(1 - mirror.high, abs=1e-12)
    for end in (rate.low, rate.high):
        score = total * (rate.rate - end) ** 2 - 1.959963984540054**2 * end * (1 - end)
        assert score == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("rate", "days", "stock", "deviation", "alarm"),
    [
        (5, 20, 100, 0.0, False),
        (5, 20, 125, 0.2, False),  # exactly a fifth is still quiet
        (5, 20, 126, 26 / 126, True),  # more stock than flow: deals nobody has closed
        (5, 20, 80, 0.25, True),  # more flow than stock: transitions are missing
        (0, 0, 0, 0.0, False),
        (5, 20, 0, None, True),
    ],
)
def test_little_compares_stock_and_flow(rate, days, stock, deviation, alarm):
    law = little(rate, days, stock)
    assert law.expected == rate * days
    assert (law.deviation, law.alarm) == (deviation, alarm)


def test_little_holds_on_a_simulated_queue():
    """Poisson arrivals, 5 a day, exponential stay of 20 days, 20,000 days after a warm-up of 400.

    The stock is Poisson(100) with correlation exp(-t / 20), so the standard error of its mean over T days is
    sqrt(100 · 2 · 20 / T) = 0.45; the tolerance is four of them.
    """
    rng, span, warm = np.random.default_rng(43), 20_000, 400
    arrived = np.sort(rng.uniform(0, span + warm, rng.poisson(5 * (span + warm))))
    stay = rng.exponential(20, arrived.size)
    inside = np.clip(arrived + stay, warm, span + warm) - np.clip(arrived, warm, span + warm)
    stock = inside.sum() / span
    assert stock == pytest.approx(100, abs=4 * 0.45)
    seen = arrived >= warm
    law = little(seen.sum() / span, stay[seen].mean(), stock)
    assert law.deviation < 0.01
    assert not law.alarm


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))), st.integers(1, 30))
def test_a_trailing_share_is_of_no_more_than_it_takes(pairs, least):
    shares = [(kept, kept + missed) for kept, missed in pairs]
    enough = [start for start in range(len(shares)) if sum(of for _kept, of in shares[start:]) >= least]
    if not enough:
        assert trailing(shares, least) is None
    else:
        taken = shares[enough[-1] :]
        assert trailing(shares, least) == wilson(sum(kept for kept, _of in taken), sum(of for _kept, of in taken))
