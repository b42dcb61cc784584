"""Working hours as people write them: with the names that their language has for the days."""

import re
from functools import lru_cache
from typing import Literal

from babel.dates import get_day_names
from django.utils.translation import pgettext

from accord.kernel.text import normalise
from accord.kernel.worktime import WEEKDAYS
from accord.web.shell.wording import locale

KEY = rf"(?<![a-z])({'|'.join(WEEKDAYS)})(?![a-z])"
DAY, DAYS, TIMES = re.compile(KEY), re.compile(f"{KEY}-{KEY}"), re.compile(r"(?<=\d)-(?=\d)")
UNTIL, AND = re.compile("[-–—~至到]"), re.compile("、")


def said(text: str) -> str:
    """What is kept as “mon-fri 09:00-17:00” for a reader: Mon–Fri 09:00–17:00, 周一至周五 09:00–17:00."""
    names = dict(zip(WEEKDAYS, _names("abbreviated", str(locale())), strict=True))
    text = DAYS.sub(lambda days: pgettext("days of a week", "{0}–{1}").format(*map(names.get, days.groups())), text)
    text = DAY.sub(lambda day: names[day[0]], TIMES.sub("–", text))
    return text.replace("; ", pgettext("between days of a week", "; "))


def kept(text: str) -> str:
    """The same as it is kept. What names no day stays as it was written."""
    keys = _keys(str(locale()))
    longest_first = "|".join(sorted(map(re.escape, keys), key=len, reverse=True))
    text = re.sub(longest_first, lambda day: keys[day[0]], normalise(text))
    return AND.sub(",", UNTIL.sub("-", text))


@lru_cache
def _keys(here: str) -> dict[str, str]:
    """By what a day may be called, its key."""
    ways = [names for spoken in ("en", here) for names in (_names("abbreviated", spoken), _names("wide", spoken))]
    return {normalise(name): key for names in ways for name, key in zip(names, WEEKDAYS, strict=True)}


def _names(width: Literal["abbreviated", "wide"], here: str) -> tuple[str, ...]:
    """From Monday."""
    names = get_day_names(width, "format", here)
    return tuple(names[day] for day in range(7))
