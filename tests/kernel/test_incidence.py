"""Aalen-Johansen: won, lost and disqualified as competing ends (METHODS R7, R8, R9)."""

from fractions import Fraction
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter

from accord.kernel.intervals import wilson
from accord.kernel.survival import OPEN, Quantile, aalen_johansen, kaplan_meier

WON, LOST, DISQUALIFIED = 1, 2, 3
CAUSES = (WON, LOST, DISQUALIFIED)
Z = 1.959963984540054

rows = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 8), st.sampled_from([OPEN, *CAUSES])), min_size=1)


def read_plainly(rows, time):
    """The shares by `time`, in fractions: rows are (entry, end, code), watched from after entry to the end."""
    shares = dict.fromkeys((OPEN, *CAUSES), Fraction(0)) | {OPEN: Fraction(1)}
    for moment in sorted({end for _, end, code in rows if code and end <= time}):
        risk = sum(1 for entry, end, _ in rows if (entry <= 0 or entry < moment) and end >= moment)
        ended = [code for _, end, code in rows if code and end == moment]
        for code in ended:
            shares[code] += shares[OPEN] / risk
        shares[OPEN] *= 1 - Fraction(len(ended), risk)
    return shares


def columns(rows):
    entry, stay, codes = (np.array(column) for column in zip(*rows, strict=True))
    return entry, entry + stay, codes


def constant_hazards(count=8_000):
    """R8 without chance: hazards .010, .025 and .005 a day are ends at rate .04, of which 2/8, 5/8 and 1/8."""
    quantile = (np.arange(count) + 0.5) / count
    ends = np.repeat(-np.log1p(-quantile) / 0.04, 8)
    return ends, np.tile([WON, WON, LOST, LOST, LOST, LOST, LOST, DISQUALIFIED], count)


def test_a_small_funnel_by_hand():
    # Day 2: of six one is won and one lost. Day 3: one leaves our sight. Day 4: of three one is won, one lost.
    ends, codes = [2, 2, 3, 4, 4, 7], [WON, LOST, OPEN, WON, LOST, OPEN]
    became = aalen_johansen(ends, codes, (WON, LOST))
    assert became.times.tolist() == [2, 4]
    assert became.at_risk.tolist() == [6, 3]
    assert became.curves[WON].events.tolist() == [1, 1]
    assert became.at(WON, [1, 2, 3.9, 4, 50]) == pytest.approx([0, 1 / 6, 1 / 6, 1 / 6 + 4 / 18, 1 / 6 + 4 / 18])
    assert became.at(LOST, 4) == became.at(WON, 4)
    assert became.at(OPEN, [0, 2, 4]) == pytest.approx([1, 4 / 6, 4 / 18])
    assert became.last == 7


def test_constant_hazards_follow_the_closed_form():
    ends, codes = constant_hazards()
    became = aalen_johansen(ends, codes, CAUSES)
    won = became.at(WON, [30, 60, 90, 180])
    assert np.round(won, 4) == pytest.approx([0.1747, 0.2273, 0.2432, 0.2498], abs=1.1e-4)  # one step is 1/8,000
    shares = sum(became.curves[code].values for code in (OPEN, *CAUSES))
    assert np.abs(shares - 1).max() < 1e-9


def test_one_minus_kaplan_meier_answers_another_question():
    """With losses censored the curve is 1 - exp(-.01 t): at 180 days .83, 3.3 times the share that is won."""
    ends, codes = constant_hazards()
    alone = 1 - kaplan_meier(ends, codes == WON).at(180)
    assert alone == pytest.approx(1 - exp(-1.8), abs=0.005)  # six of the 8,000 steps are left by then
    assert alone / aalen_johansen(ends, codes, CAUSES).at(WON, 180) == pytest.approx(3.3, abs=0.05)


def test_growth_does_not_bias_the_won_share_as_it_does_closed_deals():
    """R9: wins take Gamma(4, 30 days), losses Exp(30 days), a quarter wins, volume grows linearly for a year.

    The standard error of a share among n is at most sqrt(p q / n). Closed leads: 720,000, so .0004, and the
    published figures are rounded to .0005. For the estimate at 330 days n is at least the leads followed for
    so long, (35 / 365)² of a million: .0045; the tolerance is three of them.
    """
    rng, count = np.random.default_rng(9), 1_000_000
    followed = 365 - 365 * np.sqrt(rng.random(count))
    wins = rng.random(count) < 0.25
    lag = np.where(wins, rng.gamma(4, 30, count), rng.exponential(30, count))
    closed = lag <= followed
    codes = np.where(closed, np.where(wins, WON, LOST), OPEN)
    assert wins[closed].mean() == pytest.approx(0.158, abs=0.0005 + 4 * 0.0004)
    assert (codes == WON).mean() == pytest.approx(0.119, abs=0.0005 + 4 * 0.0004)
    became = aalen_johansen(np.minimum(lag, followed), codes, (WON, LOST))
    assert became.at(WON, 330) == pytest.approx(0.25, abs=3 * 0.0045)
    total = became.survival + became.curves[WON].values + became.curves[LOST].values
    assert np.abs(total - 1).max() < 1e-9


def test_the_band_is_the_multinomial_one_where_nothing_is_censored():
    """Tied days, every lead ended: the share won by day 5 is a plain share of 40, variance p q / n."""
    ends = [3] * 10 + [5] * 12 + [9] * 18
    codes = [WON] * 4 + [LOST] * 6 + [WON] * 2 + [LOST] * 10 + [WON] * 9 + [LOST] * 9
    became = aalen_johansen(ends, codes, (WON, LOST))
    share = 6 / 40
    spread = exp(Z * sqrt(share * (1 - share) / 40) / (share * -log(share)))
    assert became.at(WON, 5) == pytest.approx(share)
    assert became.band(WON, 5) == pytest.approx((share**spread, share ** (1 / spread)))


def test_the_band_of_a_cause_not_seen_yet_is_wilsons():
    became = aalen_johansen([1, 2, 3, 4, 5], [LOST, LOST, WON, LOST, LOST], (WON, LOST))
    nobody = wilson(0, 5).high
    assert [became.band(WON, day) for day in (0, 1, 2)] == [pytest.approx((0, nobody))] * 3
    assert became.band(OPEN, 0) == pytest.approx((1 - nobody, 1))
    assert became.band(OPEN, 5) == pytest.approx((0, nobody))


def test_the_band_where_everyone_has_ended_so_is_wilsons_too():
    became = aalen_johansen(range(1, 11), [WON] * 10, (WON,))  # ten tenths, .9999999999999999 in floating point
    assert became.at(WON, 10) == pytest.approx(1)
    assert became.band(WON, 10) == pytest.approx((wilson(10, 10).low, 1))


def test_curve_and_band_agree_with_lifelines_where_no_two_ends_tie():
    rng = np.random.default_rng(8)
    ends, codes = rng.exponential(20, 300), rng.choice([OPEN, WON, LOST], 300, p=[0.3, 0.3, 0.4])
    codes[ends.argmax()] = OPEN  # where all that are left end, lifelines divides by nought
    ours = aalen_johansen(ends, codes, (WON, LOST), level=0.9)
    for cause in (WON, LOST):
        theirs = AalenJohansenFitter(alpha=0.1).fit(ends, codes, event_of_interest=cause)
        values = theirs.cumulative_density_.loc[ours.times].to_numpy().ravel()
        band = theirs.confidence_interval_.loc[ours.times].to_numpy()
        inside = values > 0
        curve = ours.curves[cause]
        assert curve.values == pytest.approx(values, abs=1e-12)
        assert curve.low[inside] == pytest.approx(band[inside].min(axis=1), abs=1e-7)
        assert curve.high[inside] == pytest.approx(band[inside].max(axis=1), abs=1e-7)


def test_the_time_spent_in_every_end_adds_up_to_the_horizon():
    # Of four, one is won on day 2, one lost on day 6; the others are open. Won: 8 days · 1/4 within 10.
    became = aalen_johansen([2, 6, 20, 20], [WON, LOST, OPEN, OPEN], (WON, LOST))
    spent = [became.restricted_mean(code, 10) for code in (WON, LOST, OPEN)]
    assert spent == pytest.approx([2.0, 1.0, 7.0])
    assert became.restricted_mean(WON, 1) == 0
    assert became.restricted_mean(OPEN, 2) == pytest.approx(2)


def test_the_restricted_mean_of_constant_hazards():
    # ∫ .25 (1 - e^(-.04 t)) dt up to 90 days = .25 (90 - 25 (1 - e^(-3.6)))
    became = aalen_johansen(*constant_hazards(), CAUSES)
    assert became.restricted_mean(WON, 90) == pytest.approx(0.25 * (90 - 25 * (1 - exp(-3.6))), abs=0.01)


@pytest.mark.parametrize(("codes", "causes"), [([1, 4], (1, 2)), ([1, -1], (1, 2)), ([0, 1], (0, 1))])
def test_a_code_outside_the_causes_is_refused(codes, causes):
    with pytest.raises(ValueError, match="one of the causes"):
        aalen_johansen([1, 2], codes, causes)


def test_an_empty_cohort_is_all_open():
    became = aalen_johansen([], [], CAUSES)
    assert [became.at(code, 30) for code in (OPEN, WON)] == [1, 0]
    assert (became.band(WON, 30), became.restricted_mean(WON, 30)) == ((0, 1), 0)


@given(rows)
def test_every_curve_is_the_plain_reading_ties_and_late_entries_included(rows):
    entry, ends, codes = columns(rows)
    became = aalen_johansen(ends, codes, CAUSES, entry)
    plain_rows = list(zip(entry, ends, codes, strict=True))
    for time in range(0, 16, 3):
        plain = read_plainly(plain_rows, time)
        assert [became.at(code, time) for code in plain] == pytest.approx([float(plain[code]) for code in plain])


@given(rows)
def test_shares_add_up_rise_and_stay_in_their_bands(rows):
    entry, ends, codes = columns(rows)
    became = aalen_johansen(ends, codes, CAUSES, entry)
    total = sum(became.curves[code].values for code in (OPEN, *CAUSES))
    assert np.all(np.abs(total - 1) < 1e-9)
    for cause in CAUSES:
        curve = became.curves[cause]
        assert np.all(np.diff(curve.values, prepend=0) >= 0)
        assert np.all((curve.low >= 0) & (curve.low <= curve.values + 1e-9))
        assert np.all((curve.high <= 1) & (curve.high >= curve.values - 1e-9))


@given(rows)
def test_one_cause_alone_is_one_minus_kaplan_meier(rows):
    entry, ends, codes = columns(rows)
    became = aalen_johansen(ends, np.minimum(codes, 1), (1,), entry)
    curve = kaplan_meier(ends, codes > 0, entry)
    assert became.curves[1].values == pytest.approx(1 - curve.survival, abs=1e-12)
    assert became.curves[OPEN].low.tolist() == curve.low.tolist()


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows, random):
    results = []
    for order in (rows, random.sample(rows, len(rows))):
        entry, ends, codes = columns(order)
        results.append(aalen_johansen(ends, codes, CAUSES, entry))
    one, other = results
    for code in (OPEN, *CAUSES):
        assert one.curves[code].values.tolist() == other.curves[code].values.tolist()
        assert one.curves[code].high.tolist() == other.curves[code].high.tolist()


@given(rows, st.integers(1, 50))
def test_moving_entries_and_ends_together_moves_only_the_times(rows, days):
    entry, ends, codes = columns(rows)
    here = aalen_johansen(ends, codes, CAUSES, entry)
    there = aalen_johansen(ends + days, codes, CAUSES, entry + days)
    assert (there.times - days).tolist() == here.times.tolist()
    assert there.curves[WON].values.tolist() == here.curves[WON].values.tolist()


def test_the_time_by_which_a_part_of_those_that_end_so_has():
    # Won on days 2, 4, 6 and 8 of eight, lost on day 5, the rest open from day 9 on: 1/8 each until day 4, and as
    # many for the others, for nobody leaves unseen before day 9.
    became = aalen_johansen([2, 4, 5, 6, 8, 9, 9, 9], [WON, WON, LOST, WON, WON, OPEN, OPEN, OPEN], (WON, LOST))
    assert [became.time_of_share(WON, p).at for p in (0.25, 0.5, 0.51, 1)] == [2, 4, 6, 8]
    assert became.time_of_share(LOST, 0.5).at == 5
    half = became.time_of_share(WON, 0.5)
    assert half.low == min(day for day in (2, 4, 5, 6, 8) if became.band(WON, day)[1] >= 0.25)
    assert half.high == min((day for day in (2, 4, 5, 6, 8) if became.band(WON, day)[0] >= 0.25), default=None)


def test_where_nobody_ends_so_there_is_no_time():
    became = aalen_johansen([1, 2], [LOST, OPEN], (WON, LOST))
    assert became.time_of_share(WON, 0.5) == Quantile(None, None, None)
