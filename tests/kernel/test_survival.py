"""Kaplan-Meier (METHODS R5, R6), left truncation and time in stage."""

from fractions import Fraction
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_leukemia
from lifelines.utils import median_survival_times

from accord.kernel.intervals import wilson
from accord.kernel.survival import StageTime, kaplan_meier, time_in_stage

Z = 1.959963984540054

rows = st.lists(st.tuples(st.integers(1, 8), st.booleans()), min_size=1, max_size=30)


def read_plainly(rows, time):
    """Product over the event times of 1 - d / n, in fractions."""
    share = Fraction(1)
    for moment in sorted({end for end, ended in rows if ended and end <= time}):
        risk = sum(1 for end, _ in rows if end >= moment)
        share *= 1 - Fraction(sum(1 for end, ended in rows if ended and end == moment), risk)
    return share


def freireich(treatment):
    table = load_leukemia()
    group = table[table["Rx"] == treatment]
    return kaplan_meier(group["t"], group["status"])


def test_freireich_treated():
    curve = freireich(0)
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert np.round(curve.survival, 3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.events.tolist() == [3, 1, 1, 1, 1, 1, 1]
    assert (curve.quantile(0.5), curve.quantile(0.75), curve.last) == (23, None, 35)


def test_freireich_placebo():
    assert freireich(1).quantile(0.5) == 8


def test_convoys_fixture():
    curve = kaplan_meier([2, 3, 6, 6, 7, 10], [0, 0, 1, 1, 1, 0])
    assert 1 - curve.at(9) == pytest.approx(0.75)


def test_the_curve_steps_at_the_event_itself_and_is_flat_after_the_last():
    curve = kaplan_meier([2, 4, 4, 6], [1, 1, 0, 0])
    assert curve.at([0, 1.999, 2, 3.9, 4, 6, 100]) == pytest.approx([1, 1, 0.75, 0.75, 0.5, 0.5, 0.5])
    assert isinstance(curve.at(4), float)


def test_a_quantile_that_is_met_exactly_is_met():
    # 9/10 · 8/9 · … · 5/6 is exactly one half, but not in floating point
    curve = kaplan_meier(range(1, 11), [1] * 10)
    assert [curve.quantile(p) for p in (0.1, 0.3, 0.5, 0.9, 1)] == [1, 3, 5, 9, 10]


def test_the_band_is_greenwood_on_the_log_log_scale():
    curve = freireich(0)
    greenwood = 3 / (21 * 18) + 1 / (17 * 16)  # by day 7: 18/21 · 16/17
    survival = 18 / 21 * 16 / 17
    spread = exp(Z * sqrt(greenwood) / -log(survival))
    assert curve.band(7) == pytest.approx((survival**spread, survival ** (1 / spread)))
    assert curve.band(9.99) == curve.band(7)


def test_the_band_at_one_and_at_nought_is_wilsons_for_a_complete_sample():
    curve = kaplan_meier([3, 4, 5, 5], [1, 1, 1, 1])
    nobody = wilson(0, 4).high
    assert curve.band(0) == pytest.approx((1 - nobody, 1))
    assert curve.band(5) == pytest.approx((0, nobody))


def test_the_curve_and_its_band_agree_with_lifelines_on_tied_data():
    rng = np.random.default_rng(5)
    ends, seen = rng.integers(1, 60, 400), rng.random(400) < 0.6
    ours, theirs = kaplan_meier(ends, seen, level=0.9), KaplanMeierFitter(alpha=0.1).fit(ends, seen)
    assert ours.survival == pytest.approx(theirs.survival_function_at_times(ours.times).to_numpy(), abs=1e-12)
    band = theirs.confidence_interval_.loc[ours.times].to_numpy()
    inside = ours.survival > 0
    assert ours.low[inside] == pytest.approx(band[inside].min(axis=1), abs=1e-9)
    assert ours.high[inside] == pytest.approx(band[inside].max(axis=1), abs=1e-9)


def test_late_entry_agrees_with_lifelines():
    rng = np.random.default_rng(6)
    entry, stay = rng.uniform(0, 20, 500), rng.exponential(30, 500)
    entry[:200] = 0
    ours = kaplan_meier(entry + stay, stay < 25, entry)
    theirs = KaplanMeierFitter().fit(entry + stay, stay < 25, entry=entry)
    assert ours.survival == pytest.approx(theirs.survival_function_at_times(ours.times).to_numpy(), abs=1e-12)


def test_late_entry_takes_out_the_bias_of_an_intake_that_began_late():
    """Half the leads are older than the records: of them only those are known that were not yet won.

    Exponential with mean 50: S(30) = exp(-0.6). The standard error of a share among 20,000 rows is at most
    sqrt(0.25 / 20,000) = 0.0035; the tolerance is four of them.
    """
    rng = np.random.default_rng(7)
    ends = rng.exponential(50, 80_000)
    entry = np.where(np.arange(ends.size) % 2, rng.uniform(10, 60, ends.size), 0)
    known = ends > entry
    curve = kaplan_meier(ends[known], np.ones(known.sum()), entry[known])
    assert curve.at(30) == pytest.approx(exp(-0.6), abs=0.014)
    assert kaplan_meier(ends[known], np.ones(known.sum())).at(30) > exp(-0.6) + 0.05


def test_who_enters_at_an_event_is_not_yet_at_risk():
    # At day 5: rows 1 and 2 are watched, row 3 starts on that day.
    curve = kaplan_meier([5, 9, 9], [1, 1, 0], entry=[0, 2, 5])
    assert curve.at_risk.tolist() == [2, 2]
    assert curve.survival == pytest.approx([0.5, 0.25])


def test_rows_never_watched_are_left_out():
    curve = kaplan_meier([5, 3, 4, 9], [1, 1, 1, 0], entry=[0, 3, 8, 0])
    assert (curve.times.tolist(), curve.at_risk.tolist()) == ([5], [2])


def test_an_event_at_the_very_start_counts_and_so_does_one_before_it():
    curve = kaplan_meier([0, -1.2, 3, 4], [1, 1, 1, 0], entry=[0, 0, 0, 0])
    assert (curve.times.tolist(), curve.at_risk.tolist(), curve.events.tolist()) == ([0, 3], [4, 2], [2, 1])
    assert curve.at([0, 3]) == pytest.approx([0.5, 0.25])


@pytest.mark.parametrize("ends", [[], [4.0, 7.0]])
def test_without_an_event_nothing_has_left(ends):
    curve = kaplan_meier(ends, [0] * len(ends))
    assert (curve.times.size, curve.at(100), curve.quantile(0.1)) == (0, 1.0, None)
    assert curve.band(3) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("ends", "seen", "entry", "words"),
    [
        ([1, 2], [1], None, "same length"),
        ([1, 2], [1, 0], [0], "same length"),
        ([1, float("nan")], [1, 0], None, "finite"),
        ([1, float("inf")], [1, 0], None, "finite"),
        ([1, 2], [1, 0], [0, float("nan")], "finite"),
    ],
)
def test_what_cannot_be_read_is_refused(ends, seen, entry, words):
    with pytest.raises(ValueError, match=words):
        kaplan_meier(ends, seen, entry)


def test_time_in_stage_counts_those_still_in_it():
    # Left after 1..6 days, four still there after 10: half are gone on day 5, three quarters never were.
    usual = time_in_stage([1, 2, 3, 4, 5, 6, 10, 10, 10, 10], [1] * 6 + [0] * 4)
    assert usual == StageTime(median=5, p75=None, p90=None, entered=10, left=6)


def test_time_in_stage_of_a_finished_stage():
    assert time_in_stage(range(1, 21), [1] * 20) == StageTime(10, 15, 18, entered=20, left=20)


@given(rows)
def test_the_curve_is_the_product_limit(rows):
    ends, ended = zip(*rows, strict=True)
    curve = kaplan_meier(ends, ended)
    for time in range(10):
        assert curve.at(time) == pytest.approx(float(read_plainly(rows, time)), abs=1e-12)


@given(rows)
def test_the_curve_only_falls_and_its_band_holds_it(rows):
    ends, ended = zip(*rows, strict=True)
    curve = kaplan_meier(ends, ended)
    assert np.all(np.diff(curve.survival, prepend=1) <= 0)
    assert np.all((curve.low >= 0) & (curve.low <= curve.survival + 1e-12))
    assert np.all((curve.high <= 1) & (curve.high >= curve.survival - 1e-12))


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    one, other = (kaplan_meier(*zip(*order, strict=True)) for order in (rows, shuffled))
    assert one.times.tolist() == other.times.tolist()
    assert one.survival.tolist() == other.survival.tolist()
    assert one.low.tolist() == other.low.tolist()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 8), st.booleans()), min_size=1), st.integers(1, 50))
def test_moving_entries_and_ends_together_moves_only_the_times(rows, days):
    entry, stay, ended = (np.array(column) for column in zip(*rows, strict=True))
    here = kaplan_meier(entry + stay, ended, entry)
    there = kaplan_meier(entry + stay + days, ended, entry + days)
    assert (there.times - days).tolist() == here.times.tolist()
    assert there.survival.tolist() == here.survival.tolist()
    assert there.at_risk.tolist() == here.at_risk.tolist()


def test_the_limits_of_a_median_agree_with_lifelines():
    rng = np.random.default_rng(3)
    ends, ended = rng.exponential(20, 200).round(), rng.random(200) < 0.7
    found = kaplan_meier(ends, ended).quantile_with_limits(0.5)
    theirs = KaplanMeierFitter().fit(ends, ended)
    limits = median_survival_times(theirs.confidence_interval_).to_numpy().ravel()
    assert (found.at, found.low, found.high) == (theirs.median_survival_time_, *sorted(limits))


def test_a_limit_that_the_band_does_not_reach_is_open():
    # R, survfit with conf.type "log-log" of the maintained patients of aml: median 31, from 13 on, no upper limit.
    weeks, relapsed = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
    found = kaplan_meier(weeks, relapsed).quantile_with_limits(0.5)
    assert (found.at, found.low, found.high) == (31.0, 13.0, None)
