"""Numbers as they are said: a share with its interval and of how many, or that it is too early to say."""

from dataclasses import dataclass
from datetime import date

from babel.dates import format_skeleton
from django.utils.translation import gettext as _

from accord.kernel.intervals import FEW, Rate
from accord.kernel.survival import Quantile
from accord.rooms.insight.reports.cohorts import Projected, Share
from accord.web.shell import wording


@dataclass(frozen=True)
class Figure:
    """A share of `of` records; below 30 of them `early` stands for it."""

    numerator: int
    of: int
    share: float
    low: float
    high: float

    @property
    def early(self) -> bool:
        return self.of < FEW

    @property
    def interval(self) -> str:
        return interval(self.low, self.high)


@dataclass(frozen=True)
class Days:
    """A time by which a share of `of` stays has ended; `early`: too few of them, or it is not known yet."""

    of: int
    days: Quantile

    @property
    def few(self) -> bool:
        return self.of < FEW

    @property
    def early(self) -> bool:
        return self.few or self.days.at is None

    @property
    def interval(self) -> str:
        """9.5–12.0; open above where nobody can say yet."""
        low, high = ("" if one is None else wording.number(one, 1) for one in (self.days.low, self.days.high))
        return f"{low}–{high or '…'}"


def of_rate(rate: Rate | None) -> Figure | None:
    if rate is None or rate.rate is None or rate.low is None or rate.high is None:
        return None
    return Figure(rate.numerator, rate.denominator, rate.rate, rate.low, rate.high)


def of_share(share: Share | None, leads: int) -> Figure | None:
    return Figure(round(share.rate * leads), leads, share.rate, share.low, share.high) if share else None


def interval(low: float, high: float) -> str:
    """10.0–12.5 %"""
    return wording.interval(low, high)


def points(value: float, low: float, high: float) -> str:
    """+12.0 points, 4.0 to 20.0: a difference of shares"""
    ends = {"value": signed(100 * value, 1), "low": wording.number(100 * low, 1), "high": wording.number(100 * high, 1)}
    return _("%(value)s points (%(low)s to %(high)s)") % ends


def wins(projected: Projected) -> str:
    """57–80"""
    return f"{wording.number(projected.low, 0)}–{wording.number(projected.high, 0)}"


def month(name: str) -> str:
    """2018-01 as readers write a month."""
    year, number = map(int, name.split("-"))
    return format_skeleton("yMMM", date(year, number, 1), locale=wording.locale())


def signed(change: float, decimals: int = 0) -> str:
    """+3, −2 or 0: what rounds to nothing has no sign."""
    return f"{'+' if round(change, decimals) > 0 else ''}{wording.number(change, decimals)}"


def begun(since: str, until: str) -> str:
    """When what a list holds began, as the days were typed; empty for any time."""
    if since and until:
        return _("Begun from %(first)s to %(last)s") % {"first": since, "last": until}
    if since:
        return _("Begun from %(first)s on") % {"first": since}
    return _("Begun until %(last)s") % {"last": until} if until else ""
