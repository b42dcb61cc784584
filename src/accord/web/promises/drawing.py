"""Where the marks of a promise stand: the bar of what was kept, is open and was broken, and the line of its weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accord.rooms.promises.queries import Tally, Week

WIDE, GAP, THINNEST = 100.0, 0.5, 1.0
LEFT, RIGHT, TOP, FOOT = 4.0, 252.0, 12.0, 74.0
BASE, APART = 4.0, 14.0  # from the middle of words to their foot, and from one line of them to the next


@dataclass(frozen=True)
class Part:
    """A piece of the bar; `look` is k, o or b: kept, open, broken."""

    look: str
    x: float
    width: float


@dataclass(frozen=True)
class Dot:
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """`path` runs through the weeks from which on enough were due for a share; what is said of it stands to its right:
    with its foot at `foot` the last share, at `aim_foot` the one that was agreed, clear of each other."""

    path: str
    last: Dot
    share: float
    first: date
    until: date
    low: float
    high: float
    aim: Dot | None = None
    aimed: float | None = None

    @property
    def foot(self) -> float:
        return self.last.y + BASE

    @property
    def aim_foot(self) -> float | None:
        if self.aim is None:
            return None
        away = self.aim.y - self.last.y
        return self.foot + (away if abs(away) >= APART else APART if away >= 0 else -APART)


def bar(tally: Tally) -> list[Part]:
    """In the order kept, open, broken, as long as their numbers; of one among thousands something is to be seen."""
    counts = (("k", tally.kept), ("o", tally.open), ("b", tally.broken + tally.late))
    shown = [(look, count) for look, count in counts if count]
    room = WIDE - GAP * (len(shown) - 1) - THINNEST * len(shown)
    total = sum(count for _look, count in shown)
    parts, x = [], 0.0
    for look, count in shown:
        width = round(THINNEST + room * count / total, 2)
        parts.append(Part(look, round(x, 2), width))
        x += width + GAP
    return parts


def line(weeks: Sequence[Week], aimed: float | None) -> Line | None:
    """The trend of the share kept by week; None before two weeks have one."""
    shares = [
        (place, week.trend.rate) for place, week in enumerate(weeks) if week.trend and week.trend.rate is not None
    ]
    if len(shares) < 2:
        return None
    step = (RIGHT - LEFT) / max(len(weeks) - 1, 1)
    low = min(0.9 * min(rate for _place, rate in shares), aimed if aimed is not None else 1.0)
    dots = [Dot(round(LEFT + step * place, 1), _y(rate, low)) for place, rate in shares]
    path = "M" + "L".join(f"{dot.x} {dot.y}" for dot in dots)
    rates = [rate for _place, rate in shares]
    aim = Dot(LEFT, _y(aimed, low)) if aimed is not None else None
    return Line(path, dots[-1], rates[-1], weeks[0].monday, weeks[-1].monday, min(rates), max(rates), aim, aimed)


def _y(rate: float, low: float) -> float:
    return round(FOOT - (FOOT - TOP) * (rate - low) / ((1 - low) or 1), 1)
