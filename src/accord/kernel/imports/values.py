"""Times, numbers and truth values as people and programs write them in files."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import islice
from math import isfinite
from unicodedata import normalize

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel.money import plain_number
from accord.kernel.text import normalise

FIRST_YEAR, LAST_YEAR = 1900, 2100

TIME = r"""
    (?: (?:[T\s]+|(?<=[日号])) (?P<hour>\d{1,2})
        (?: [:时時点] (?P<minute>\d{1,2}) (?: [:分] (?:(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?秒?)? )? )?
        \s* (?P<half>[AaPp]\.?[Mm]\.?)?
        \s* (?P<offset>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?
    )?
"""
DAYS = (
    r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})",
    r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?:\s*г\.)?,?",
    r"(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]?",
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
)
KNOWN_TIMES = tuple(re.compile(day + TIME, re.VERBOSE) for day in DAYS)
TWO_ORDERS = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(\d{4}|\d{2})\b")

DATES = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%d{0}%m{0}%y", "%m{0}%d{0}%y", "%y{0}%m{0}%d")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
DATE_FORMATS = tuple(date.format(sep) + clock for clock in CLOCKS for sep in "/.-" for date in DATES)
GUESSED_FROM = 1000

JSON_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
LONGEST_NUMBER = 40

YES = frozenset({"true", "yes", "1", "y", "t", "on", "да", "истина", "是", "真", "有"})
NO = frozenset({"false", "no", "0", "n", "f", "off", "нет", "ложь", "否", "假", "无", "не", "没有"})


def parse_when(text: str, zone: tzinfo = UTC, formats: Sequence[str] | str | None = None) -> datetime:
    """The instant, in UTC, that a text names; a date is its 00:00, and `zone` is that of times without an offset.

    Without `formats` (strptime), only what can be read in one way is read: ISO 8601, 2026/11/05, 05.11.2026,
    2026年11月5日, each with or without a time. With `formats`, nothing else is read.
    """
    text = text.strip()
    if formats:
        return _settled(_by_format(text, (formats,) if isinstance(formats, str) else tuple(formats)), zone, text)
    # The usual file has ISO times in every row: they take the short way.
    if text[4:5] == "-" and (len(text) == 10 or text[10:11] in ("T", " ")):
        try:
            return _settled(datetime.fromisoformat(text), zone, text)
        except ValueError as refused:
            if isinstance(refused, BadYear):
                raise
    return _settled(_known(text), zone, text)


class BadYear(ValueError):
    """A time outside the years in which a company has customers: a typing error, or another calendar."""


def _settled(when: datetime, zone: tzinfo, text: str) -> datetime:
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        message = _("“{text}” is not between the years {first} and {last}: correct the year.")
        raise BadYear(format_lazy(message, text=text, first=FIRST_YEAR, last=LAST_YEAR))
    if when.tzinfo is None:
        when = when.replace(tzinfo=zone)
    return when if when.tzinfo is UTC else when.astimezone(UTC)


@lru_cache(maxsize=4096)
def _by_format(text: str, formats: tuple[str, ...]) -> datetime:
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 — the zone is given by the caller
        except ValueError:
            continue
    message = _("“{text}” is not a date of the form {formats}: correct it, or the form in the map.")
    raise ValueError(format_lazy(message, text=text, formats=", ".join(formats)))


@lru_cache(maxsize=4096)
def _known(text: str) -> datetime:
    plain = normalize("NFKC", text)
    for pattern in KNOWN_TIMES:
        if match := pattern.fullmatch(plain):
            return _assembled(match, text)
    if TWO_ORDERS.match(plain):
        message = _("“{text}” can be read in two ways: say in the map which of day and month comes first.")
    else:
        message = _("“{text}” is not a date: write it like 2026-11-05 or 2026-11-05 14:30.")
    raise ValueError(format_lazy(message, text=text))


def _assembled(match: re.Match[str], text: str) -> datetime:
    year, month, day, hour, minute, second = (
        int(match[part] or 0) for part in ("year", "month", "day", "hour", "minute", "second")
    )
    micro = int((match["fraction"] or "").ljust(6, "0")[:6])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"][0] in "Pp" else 0)
    try:
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=_offset(match["offset"]))
    except ValueError:
        message = _("“{text}” is not a day and time of the calendar: correct it.")
        raise ValueError(format_lazy(message, text=text))


def _offset(written: str | None) -> tzinfo | None:
    if not written or written[0] not in "+-":
        return UTC if written else None
    hours, minutes = int(written[1:3]), int(written[3:].lstrip(":") or 0)
    size = timedelta(hours=hours, minutes=minutes)
    return timezone(size if written[0] == "+" else -size)


def guess_date_format(samples: Iterable[str]) -> list[str]:
    """The strptime formats that fit all samples; [""] where none is needed, [] where none fits.

    More than one means that the samples do not tell day from month: a person must choose.
    """
    texts = list(dict.fromkeys(text.strip() for text in islice(samples, GUESSED_FROM) if text.strip()))
    if not texts:
        return []
    return [""] if _fits_all(texts, None) else [form for form in DATE_FORMATS if _fits_all(texts, form)]


def _fits_all(texts: list[str], form: str | None) -> bool:
    try:
        for text in texts:
            parse_when(text, formats=form)
    except ValueError:
        return False
    return True


def parse_number(text: str, decimal: str | None = None) -> int | float:
    """A number as JSON or as people write it; `decimal` says which sign stands before the decimals.

    Whole numbers written without decimals come as int. Raises ValueError for what is no number, or two.
    """
    plain = text.strip()
    if decimal != "," and len(plain) <= LONGEST_NUMBER and JSON_NUMBER.fullmatch(plain):
        number = float(plain) if "." in plain or "e" in plain.lower() else int(plain)
        if isfinite(number):
            return number
    figures = normalize("NFKC", plain).replace("−", "-")
    size = figures[1:] if figures[:1] in ("-", "+") else figures
    if not re.search(r"\d", size) or len(size) > LONGEST_NUMBER:
        raise ValueError(format_lazy(_("“{text}” is not a number: write it like 1234.5."), text=plain[:LONGEST_NUMBER]))
    digits = plain_number(size.strip(), decimal)
    number = float(digits) if "." in digits else int(digits)
    return -number if figures[0] == "-" else number


def parse_bool(text: str) -> bool:
    word = normalise(text)
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValueError(format_lazy(_("“{text}” is neither yes nor no: write true or false."), text=text.strip()))
