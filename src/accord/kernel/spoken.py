"""Instants in the words of the language that is spoken just now."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name
from django.utils import translation


def locale() -> Locale:
    return _locale(translation.get_language() or "en")


def whole(at: datetime, zone: ZoneInfo) -> str:
    """Day, time and zone, in that zone."""
    here = at.astimezone(zone)
    clock = format_time(here, "HH:mm", tzinfo=zone, locale=locale())
    return f"{format_date(here, 'full', locale=locale())} {clock} {zone_name(here)}"


def zone_name(here: datetime) -> str:
    name = here.tzname()
    return "UTC" if name == "UTC" else get_timezone_name(here, width="long", locale=locale())


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))
