"""Where the marks of a drawing stand. Lengths are those of the drawing's own box; a browser scales it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10, sqrt

MARKETING, SALES, HANDOFF = "marketing", "sales", "handoff"
MARK = {MARKETING: "mk", SALES: "sa"}
OTHER = "ink"
TINT = {MARKETING: "mk-t", SALES: "sa-t", HANDOFF: "ho-t"}
THINNEST = 1.5  # of one lead among a million something is still to be seen

WIDE, WIDE_HEIGHT, MIDDLE, TALLEST, THICK = 1150.0, 398.0, 158.0, 215.0, 34.0
NARROW, CENTRE, BROADEST, PITCH, THIN = 358.0, 92.0, 163.5, 98.0, 24.0
GAP = 8.0  # between a side's line and the mark of the hand-off
SCALE, MARGIN = 220.0, 4.0
RANK, RANK_HEAD, RANK_BAR, NAMED, LONGEST, MOST_RANKED = 26.0, 34.0, 14.0, 300.0, 520.0, 12
CHANGES, CHANGES_HEIGHT, FILLED = 168.0, 28.0, 0.7
TREND_HEIGHT, TREND_TOP, TREND_FOOT = 140.0, 26.0, 24.0
NAMES_WIDTH, WORDS_WIDTH, WORD, ROW, HEAD, STAY, BENEATH = 130.0, 200.0, 60.0, 44.0, 30.0, 18.0, 14.0


@dataclass(frozen=True)
class Bar:
    mark: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Flow:
    """What goes on from one bar to the next, and where its words stand."""

    tint: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Ahead:
    """The outline of what is expected: beside a flow, and of the bar that it would lead to."""

    mark: str
    path: str
    bar: Bar


@dataclass(frozen=True)
class Funnel:
    """`gate` is where marketing hands over to sales."""

    width: float
    height: float
    bars: list[Bar]
    flows: list[Flow]
    gate: float

    @property
    def before(self) -> float:
        return self.gate - GAP

    @property
    def after(self) -> float:
        return self.gate + GAP

    @property
    def rest(self) -> float:
        return self.width - self.after


@dataclass(frozen=True)
class Changes:
    """A bar a day: up from the middle where there is more, down where there is less; none where nothing changed."""

    width: float
    height: float
    bars: list[Bar | None]

    @property
    def middle(self) -> float:
        return self.height / 2


@dataclass(frozen=True)
class Weekly:
    """Bars on a line at `foot`, and shades behind some of them; the highest bar stands for `most`."""

    width: float
    height: float
    foot: float
    bars: list[Bar]
    shades: list[Bar]
    most: int
    top: float

    @property
    def words(self) -> float:
        """Where what is written beneath the line stands."""
        return self.foot + 18


@dataclass(frozen=True)
class Stay:
    """A bar to the median, a paler one on to three quarters, a line on to nine tenths: none where it is too early.

    What is said of it stands beneath, from the median on; `after` is where the rest of that does.
    """

    mark: str
    tint: str
    y: float
    median: float
    p75: float | None
    p90: float | None

    @property
    def length(self) -> float:
        return max(round(self.median - NAMES_WIDTH, 1), THINNEST)

    @property
    def after(self) -> float:
        return self.median + WORD

    @property
    def foot(self) -> float:
        return self.y + STAY + BENEATH

    @property
    def middle(self) -> float:
        return self.y + STAY / 2

    @property
    def on(self) -> float:
        """How much further than the median the paler bar goes."""
        return round(max((self.p75 or self.median) - self.median, 0.0), 1)

    @property
    def line(self) -> float:
        return round(max((self.p90 or self.p75 or 0.0) - (self.p75 or 0.0), 0.0), 1)


@dataclass(frozen=True)
class Stays:
    """`ticks` are places of the scale with their days."""

    width: float
    height: float
    ticks: list[tuple[float, float]]
    stays: list[Stay | None]
    rows: list[float]


@dataclass(frozen=True)
class Trend:
    """Shares by week on a scale from nothing to all; `path` runs through the weeks that have one, `last` ends it."""

    mark: str
    path: str
    last: tuple[float, float]
    share: float


@dataclass(frozen=True)
class Span:
    """A value with its interval, on a scale that others share."""

    low: float
    at: float
    high: float

    @property
    def length(self) -> float:
        return round(self.high - self.low, 1)


@dataclass(frozen=True)
class Ranked:
    """A bar lying in its row; `foot` is where its words stand, `end` where its number does."""

    y: float
    width: float

    @property
    def foot(self) -> float:
        return self.y + RANK_BAR - 3

    @property
    def end(self) -> float:
        return NAMED + self.width + 8

    @property
    def x(self) -> float:
        return NAMED

    @property
    def height(self) -> float:
        return RANK_BAR


@dataclass(frozen=True)
class Blocks:
    """Blocks of bars one beneath the other, each with a head; `tops` is where each begins."""

    width: float
    height: float
    tops: list[float]


def ranked(counts: Sequence[int], most: int = 0) -> list[Ranked]:
    """Lengths in proportion, since few steps are to be compared with each other; `most`: the longest of all blocks."""
    most = max([most, *counts])
    return [Ranked(RANK_HEAD + place * RANK, round(LONGEST * count / most, 1)) for place, count in enumerate(counts)]


def reasons(sizes: Sequence[int]) -> Blocks:
    heights = [RANK_HEAD + size * RANK if size else 0.0 for size in sizes]
    return Blocks(WIDE, sum(heights), [sum(heights[:place]) for place in range(len(sizes))])


def length(count: float, most: float, longest: float) -> float:
    """By the square root, so that a step from thousands to tens can still be seen."""
    if count <= 0 or most <= 0:
        return 0.0
    return round(max(THINNEST, longest * sqrt(count / most)), 1)


def wide(counts: Sequence[int], sides: Sequence[str]) -> Funnel:
    """Bars side by side, about one middle line."""
    most, pitch = max(counts, default=0), WIDE / len(counts)
    bars = []
    for place, (count, side) in enumerate(zip(counts, sides, strict=True)):
        height = length(count, most, TALLEST)
        bars.append(Bar(MARK[side], round(place * pitch, 1), round(MIDDLE - height / 2, 1), THICK, height))
    flows = [_across(*two) for two in pairwise(zip(bars, sides, strict=True))]
    return Funnel(WIDE, WIDE_HEIGHT, bars, flows, _gate([bar.x for bar in bars], sides) - GAP)


def ahead(bars: Sequence[Bar], expected: Sequence[float | None], most: float) -> list[Ahead | None]:
    """Around each flow how far it would reach if the next bar were as tall as is expected in the end."""
    drawn: list[Ahead | None] = []
    for (left, right), count in zip(pairwise(bars), expected, strict=True):
        drawn.append(None if count is None else _ahead(left, right, length(count, most, TALLEST)))
    return drawn


def _ahead(left: Bar, right: Bar, height: float) -> Ahead:
    top, bottom = round(MIDDLE - height / 2, 1), round(MIDDLE + height / 2, 1)
    x = left.x + left.width
    path = (
        f"M{x:.1f} {left.y:.1f}L{right.x:.1f} {top:.1f}M{x:.1f} {left.y + left.height:.1f}L{right.x:.1f} {bottom:.1f}"
    )
    return Ahead(f"{right.mark}-e", path, Bar(right.mark, right.x - 0.5, top, right.width + 1, height))


def narrow(counts: Sequence[int], sides: Sequence[str]) -> Funnel:
    """Bars one beneath the other, about one upright middle line."""
    most = max(counts, default=0)
    bars = []
    for place, (count, side) in enumerate(zip(counts, sides, strict=True)):
        width = length(count, most, BROADEST)
        bars.append(Bar(MARK[side], round(CENTRE - width / 2, 1), place * PITCH, width, THIN))
    flows = [_down(*two) for two in pairwise(zip(bars, sides, strict=True))]
    height = (len(bars) - 1) * PITCH + 2 * THIN
    return Funnel(NARROW, height, bars, flows, _gate([bar.y for bar in bars], sides))


def changes(values: Sequence[int], most: int, side: str) -> Changes:
    """On a scale that drawings with the same `most` share."""
    middle, pitch = CHANGES_HEIGHT / 2, CHANGES / len(values)
    bars: list[Bar | None] = []
    for place, value in enumerate(values):
        tall = length(abs(value), most, middle)
        y = middle - tall if value > 0 else middle
        width = round(FILLED * pitch, 2)
        bar = Bar(MARK.get(side, OTHER), round(place * pitch, 2), round(y, 1), width, tall)
        bars.append(bar if value else None)
    return Changes(CHANGES, CHANGES_HEIGHT, bars)


def stays(days: Sequence[tuple[float, float | None, float | None] | None], sides: Sequence[str]) -> Stays:
    """Of each stage the days of median, three quarters and nine tenths, on one scale."""
    most = round_up(max((one for three in days if three for one in three if one is not None), default=1.0))
    long = WIDE - NAMES_WIDTH - WORDS_WIDTH

    def place(value: float) -> float:
        return round(NAMES_WIDTH + long * value / most, 1)

    rows = [HEAD + ROW * row for row in range(len(days))]
    drawn = [
        _stay(side, y, *(None if one is None else place(one) for one in three)) if three else None
        for three, side, y in zip(days, sides, rows, strict=True)
    ]
    ticks = [(place(value), value) for value in (0.0, most / 2, most)]
    return Stays(WIDE, HEAD + ROW * len(days), ticks, drawn, rows)


def round_up(highest: float) -> float:
    """The next 1, 2, 5 or 10 of its size."""
    size = 10.0 ** floor(log10(highest)) if highest > 0 else 1.0
    return next(step * size for step in (1, 2, 5, 10) if highest <= step * size)


def _stay(side: str, y: float, median: float | None, p75: float | None, p90: float | None) -> Stay | None:
    if median is None:
        return None
    return Stay(MARK.get(side, OTHER), TINT.get(side, ""), y, median, p75, p90)


def trend(shares: Sequence[float | None], side: str) -> Trend | None:
    """None before two weeks have a share."""
    known = [(place, share) for place, share in enumerate(shares) if share is not None]
    if len(known) < 2:
        return None
    step = (WIDE - WORDS_WIDTH) / (len(shares) - 1)
    high, low = TREND_TOP, TREND_HEIGHT - TREND_FOOT
    dots = [(round(step * place, 1), round(low - (low - high) * share, 1)) for place, share in known]
    path = "M" + "L".join(f"{x} {y}" for x, y in dots)
    return Trend(MARK.get(side, OTHER), path, dots[-1], known[-1][1])


def weekly(counts: Sequence[int], marked: Sequence[bool], width: float) -> Weekly:
    """A bar a week, the highest as high as there is room; weeks that are marked stand before a shade."""
    step, most = width / max(len(counts), 1), max(counts, default=0) or 1
    foot, room = TREND_HEIGHT - TREND_FOOT, TREND_HEIGHT - TREND_FOOT - TREND_TOP
    heights = [round(room * count / most, 1) for count in counts]
    broad = round(step * FILLED, 1)
    bars = [Bar("mk", round(step * at, 1), round(foot - high, 1), broad, high) for at, high in enumerate(heights)]
    shades = [
        Bar("", round(step * at - step * (1 - FILLED) / 2, 1), TREND_TOP - GAP, round(step, 1), room + GAP)
        for at, shaded in enumerate(marked)
        if shaded
    ]
    return Weekly(width, TREND_HEIGHT, foot, bars, shades, most, TREND_TOP)


def span(low: float, at: float, high: float, top: float) -> Span:
    """On a scale from nothing to `top`."""
    return Span(*(_place(value, top) for value in (low, at, high)))


def top(values: Sequence[float]) -> float:
    """The end of a scale that holds all values: the next 1, 2, 5 or 10 hundredths or tenths, at most everything."""
    highest = max(values, default=0.0)
    steps = (step * size for size in (0.001, 0.01, 0.1) for step in (1, 2, 5))
    return next((round(step, 3) for step in steps if highest <= step), 1.0)


def _place(value: float, most: float) -> float:
    return round(MARGIN + (SCALE - 2 * MARGIN) * min(value / most, 1.0), 1)


def _tint(before: str, after: str) -> str:
    return TINT[after] if before == after else TINT[HANDOFF]


def _gate(places: Sequence[float], sides: Sequence[str]) -> float:
    return places[list(sides).index(SALES)]


def _across(one: tuple[Bar, str], other: tuple[Bar, str]) -> Flow:
    (left, before), (right, after) = one, other
    x = left.x + left.width
    path = (
        f"M{x:.1f} {left.y:.1f}L{right.x:.1f} {right.y:.1f}"
        f"V{right.y + right.height:.1f}L{x:.1f} {left.y + left.height:.1f}z"
    )
    return Flow(_tint(before, after), path, round((x + right.x) / 2, 1), MIDDLE + 7)


def _down(one: tuple[Bar, str], other: tuple[Bar, str]) -> Flow:
    (upper, before), (lower, after) = one, other
    y = upper.y + upper.height
    path = (
        f"M{upper.x:.1f} {y:.1f}L{lower.x:.1f} {lower.y:.1f}"
        f"H{lower.x + lower.width:.1f}L{upper.x + upper.width:.1f} {y:.1f}z"
    )
    return Flow(_tint(before, after), path, CENTRE, y)
