"""Numbers, money and instants in words of the reader's language and zone."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_skeleton, format_time
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent
from django.utils import timezone
from django.utils.translation import gettext

from accord.kernel import spoken
from accord.kernel.money import Money
from accord.kernel.spoken import locale

KEPT = 4096  # that were said last: a page says the same ones again and again, and each takes a tenth of a millisecond
TEN_THOUSAND = 10_000  # below it Chinese has no shorter unit
MINUS, NOT_NOTHING = "−", re.compile("[1-9]")


def number(value: int | float | Decimal, decimals: int | None = None) -> str:
    """With separators of thousands; `decimals` rounds to that many and keeps them all."""
    return _number(value, decimals, str(locale()))


@lru_cache(KEPT, typed=True)
def _number(value: int | float | Decimal, decimals: int | None, here: str) -> str:
    if decimals is None:
        return _minus(format_decimal(value, locale=here))
    return _minus(format_decimal(value, format="#,##0." + "0" * decimals if decimals else "#,##0", locale=here))


def _minus(said: str) -> str:
    """With the minus that is as wide as a plus, and none before what was rounded to nothing."""
    return said.replace("-", MINUS if NOT_NOTHING.search(said) else "")


def percent(share: float | Decimal, decimals: int = 1) -> str:
    """A share of one: 0.334 is 33.4 %."""
    return format_percent(share, format="#,##0." + "0" * decimals + " %" if decimals else "#,##0 %", locale=locale())


def interval(low: float, high: float) -> str:
    """Both limits of a share, with one sign of per cent."""
    return f"{number(100 * low, 1)}–{percent(high)}"


def brief_money(minor: int, currency: str) -> str:
    """An amount in few figures, for cards and heads: €24.3K, €3.9M. A unit of ten thousands keeps one figure more."""
    return _brief_money(minor, currency, str(locale()))


@lru_cache(KEPT)
def _brief_money(minor: int, currency: str, here: str) -> str:
    amount = Money(minor, currency).amount
    if not here.startswith("zh"):
        return format_compact_currency(amount, currency, locale=here, fraction_digits=1)
    whole_units = round(amount)
    if abs(whole_units) < TEN_THOUSAND:
        return format_currency(whole_units, currency, locale=here, currency_digits=False, format="¤#,##0")
    return format_compact_currency(whole_units, currency, locale=here, fraction_digits=2)


def short(at: datetime, now: datetime) -> str:
    """The time if it is today, else the day, with its year if that is another one; all in the reader's zone."""
    here, today = timezone.localtime(at), timezone.localtime(now)
    if here.date() == today.date():
        return format_time(here, "HH:mm", tzinfo=here.tzinfo, locale=locale())
    return day(here.date(), today.date())


def moment(at: datetime, now: datetime) -> str:
    """The time if it is today, else the day and the time; in the reader's zone."""
    here = timezone.localtime(at)
    if here.date() == timezone.localtime(now).date():
        return short(at, now)
    time = format_time(here, "HH:mm", tzinfo=here.tzinfo, locale=locale())
    return gettext("%(day)s, %(time)s") % {"day": short(at, now), "time": time}


def day(value: date, today: date | None = None) -> str:
    skeleton = "MMMd" if today and value.year == today.year else "yMMMd"
    return format_skeleton(skeleton, value, locale=locale())


def whole(at: datetime) -> str:
    """Day, time and zone: what stands behind a short form."""
    return spoken.whole(at, timezone.get_current_timezone())


def days(span: timedelta) -> str:
    """Whole days."""
    return gettext("%(days)s d") % {"days": number(span // timedelta(days=1))}


def duration(seconds: int) -> str:
    """The largest unit of a span of time and the next one: 3 h 20 min, 2 min 5 s."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return gettext("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    return gettext("%(seconds)d s") % {"seconds": rest}
