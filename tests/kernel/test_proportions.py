"""Two shares compared (Newcombe 1998, method 10; Fisher) and many at once (METHODS R39)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact as oracle

from accord.kernel.intervals import wilson
from accord.kernel.proportions import benjamini_hochberg, difference, fisher_exact

PUBLISHED = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((0, 10), (0, 10), -0.2775, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0),
    ((10, 10), (0, 10), 0.6075, 1.0),
]
# Benjamini and Hochberg's own example: 15 comparisons of a trial of treatments after a heart attack.
P = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1]

shares = st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(("one", "other", "low", "high"), PUBLISHED)
def test_newcombe_gives_the_published_intervals(one, other, low, high):
    found = difference(wilson(*one), wilson(*other))
    assert found.value == pytest.approx(one[0] / one[1] - other[0] / other[1])
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_nothing_is_compared_with_nothing():
    assert difference(wilson(1, 2), wilson(0, 0)) is None
    assert difference(wilson(0, 0), wilson(1, 2)) is None


@given(shares, shares)
def test_the_other_way_round_is_the_mirror_image(one, other):
    there, back = difference(wilson(*one), wilson(*other)), difference(wilson(*other), wilson(*one))
    if there is None:
        assert 0 in (one[1], other[1])
        return
    assert (there.low, there.value, there.high) == pytest.approx((-back.high, -back.value, -back.low))
    assert -1 - 1e-9 <= there.low <= there.value <= there.high <= 1 + 1e-9


@settings(max_examples=60)
@given(shares, shares)
def test_fishers_test_is_that_of_scipy(one, other):
    table = [[one[0], one[1] - one[0]], [other[0], other[1] - other[0]]]
    assert fisher_exact(wilson(*one), wilson(*other)) == pytest.approx(oracle(table).pvalue, abs=1e-9)


def test_tea_with_milk():
    """Fisher 1935: three of four cups told right, 34 of 70 ways at least as good on either side."""
    assert fisher_exact(wilson(3, 4), wilson(1, 4)) == pytest.approx(34 / 70)


def test_benjamini_and_hochberg_reject_four_of_their_fifteen():
    assert benjamini_hochberg(P, 0.05) == [True] * 4 + [False] * 11
    assert sum(p <= 0.05 / 15 for p in P) == 3  # Bonferroni


def test_a_p_above_its_own_line_is_carried_by_a_later_one_below():
    # The lines are .033, .067 and .1: .04 alone would not do, with .06 behind it it does.
    assert benjamini_hochberg([0.06, 0.04, 0.5], 0.1) == [True, True, False]
    assert benjamini_hochberg([0.04, 0.5, 0.5], 0.1) == [False, False, False]
    assert benjamini_hochberg([]) == []
