"""Where the marks stand, worked out by hand."""

import pytest

from accord.web.insight import drawing
from accord.web.insight.drawing import Bar, Span

SEVEN = ("marketing", "marketing", "marketing", "sales", "sales", "sales", "sales")


def test_lengths_go_by_the_square_root():
    # A quarter of the leads is half as tall; one lead among a million can still be seen; nothing is nothing.
    assert drawing.length(100, 400, 215) == 107.5
    assert drawing.length(1, 1_000_000, 215) == 1.5
    assert drawing.length(0, 400, 215) == 0.0
    assert drawing.length(0, 0, 215) == 0.0


def test_the_wide_funnel_stands_about_its_middle_line():
    funnel = drawing.wide([400, 100, 100, 25, 25, 4, 0], SEVEN)
    # Seven stages share 1150: each 164.2857 from the last. Middle 158, tallest 215.
    assert funnel.bars[0] == Bar("mk", 0.0, 50.5, 34.0, 215.0)
    assert funnel.bars[1] == Bar("mk", 164.3, 104.2, 34.0, 107.5)
    assert funnel.bars[3].mark == "sa"
    assert funnel.bars[3].height == 53.8  # a quarter of 215, rounded to a tenth
    assert funnel.bars[6].height == 0.0
    assert all(bar.y + bar.height / 2 == pytest.approx(158, abs=0.1) for bar in funnel.bars)


def test_what_goes_on_joins_the_ends_of_two_bars():
    first = drawing.wide([400, 100, 100, 25, 25, 4, 0], SEVEN).flows[0]
    assert first.path == "M34.0 50.5L164.3 104.2V211.7L34.0 265.5z"
    assert (first.x, first.y) == (99.2, 165.0)


def test_between_the_sides_stands_the_hand_off():
    funnel = drawing.wide([400, 100, 100, 25, 25, 4, 0], SEVEN)
    assert [flow.tint for flow in funnel.flows] == ["mk-t", "mk-t", "ho-t", "sa-t", "sa-t", "sa-t"]
    # SAL begins at 3 × 164.2857 = 492.9; the mark stands 8 before it, the sides' lines end 8 from the mark.
    assert (funnel.gate, funnel.before, funnel.after) == pytest.approx((484.9, 476.9, 492.9))
    assert funnel.after + funnel.rest == pytest.approx(1150)


def test_the_narrow_funnel_goes_down_the_page():
    funnel = drawing.narrow([400, 100, 100, 25, 25, 4, 0], SEVEN)
    assert (funnel.width, funnel.height) == (358.0, 636.0)
    assert funnel.bars[0] == Bar("mk", 10.2, 0.0, 163.5, 24.0)
    assert funnel.bars[1] == Bar("mk", 51.1, 98.0, 81.8, 24.0)
    assert funnel.flows[0].path == "M10.2 24.0L51.1 98.0H132.9L173.7 24.0z"


def test_an_interval_lies_on_a_scale_that_others_share():
    # 220 wide with 4 at each end: 212 stand for the whole scale.
    assert drawing.span(0.0, 0.1, 0.2, 0.2) == Span(4.0, 110.0, 216.0)
    assert drawing.span(0.05, 0.1, 0.5, 0.2) == Span(57.0, 110.0, 216.0)


@pytest.mark.parametrize(
    ("highest", "expected"), [(0.0, 0.001), (0.003, 0.005), (0.05, 0.05), (0.051, 0.1), (0.35, 0.5), (0.9, 1.0)]
)
def test_a_scale_ends_at_a_round_number(highest, expected):
    assert drawing.top([0.0, highest]) == expected


def test_changes_go_up_and_down_from_a_middle_line():
    drawn = drawing.changes([4, 0, -1], 4, "sales")
    # Three days share 168: 56 each, 70 % of it filled. The most is half of 28; a quarter of it is half as tall.
    assert drawn.bars == [Bar("sa", 0.0, 0.0, 39.2, 14.0), None, Bar("sa", 112.0, 14.0, 39.2, 7.0)]
    assert (drawn.width, drawn.height, drawn.middle) == (168.0, 28.0, 14.0)
    assert drawing.changes([0], 0, "none").bars == [None]
    assert drawing.changes([1], 1, "none").bars[0].mark == "ink"


def test_shares_by_week_are_one_line_through_the_weeks_that_have_one():
    drawn = drawing.trend([1.0, None, 0.5], "sales")
    # Three weeks over 950; all is at 26, nothing at 116: a half at 71.
    assert (drawn.mark, drawn.path, drawn.last, drawn.share) == ("sa", "M0.0 26.0L950.0 71.0", (950.0, 71.0), 0.5)
    assert drawing.trend([1.0, None], "sales") is None


def test_the_end_of_a_scale_of_days_is_a_round_number():
    assert [drawing.round_up(days) for days in (0.0, 0.3, 1.0, 3.0, 36.0, 51.0, 100.0)] == [1, 0.5, 1, 5, 50, 100, 100]


def test_a_bar_a_week_and_a_shade_behind_those_marked():
    drawn = drawing.weekly([4, 0, 2], [False, True, False], 300)
    # The line is at 140 − 24; the highest of 4 fills the 90 above it; a bar is seven tenths of its third.
    assert [(bar.x, bar.y, bar.width, bar.height) for bar in drawn.bars] == [
        (0.0, 26.0, 70.0, 90.0), (100.0, 116.0, 70.0, 0.0), (200.0, 71.0, 70.0, 45.0),
    ]  # fmt: skip
    assert [(shade.x, shade.width) for shade in drawn.shades] == [(85.0, 100.0)]
    assert drawn.most == 4
