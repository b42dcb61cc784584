"""Money: whole minor units of a currency, read from what people write and written as their language does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from unicodedata import normalize

from babel import Locale
from babel.numbers import NumberPattern, list_currencies, parse_pattern
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

# ISO 4217, list one; every other currency has two decimals.
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
FOUR_DECIMALS = "CLF UYW"
EXPONENTS = {
    **dict.fromkeys(NO_DECIMALS.split(), 0),
    **dict.fromkeys(THREE_DECIMALS.split(), 3),
    **dict.fromkeys(FOUR_DECIMALS.split(), 4),
}
CURRENCIES = frozenset(list_currencies())  # those of today and those of the past

DOLLARS = (
    "USD ARS AUD BBD BMD BND BRL BSD BZD CAD CLP COP CUP DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD TTD TWD"
)

SIGNS = {
    "$": tuple(DOLLARS.split()),
    "€": ("EUR",),
    "£": ("GBP", "EGP", "LBP", "FKP", "GIP", "SHP"),
    "¥": ("CNY", "JPY"),
    "CN¥": ("CNY",),
    "JP¥": ("JPY",),
    "RMB": ("CNY",),
    "元": ("CNY", "TWD", "HKD"),
    "圆": ("CNY",),
    "块": ("CNY",),
    "人民币": ("CNY",),
    "円": ("JPY",),
    "₽": ("RUB",),
    "руб": ("RUB",),
    "руб.": ("RUB",),
    "р": ("RUB",),
    "р.": ("RUB",),
    "₴": ("UAH",),
    "₸": ("KZT",),
    "₩": ("KRW",),
    "원": ("KRW",),
    "₫": ("VND",),
    "₹": ("INR",),
    "₺": ("TRY",),
    "₪": ("ILS",),
    "R$": ("BRL",),
    "US$": ("USD",),
    "zł": ("PLN",),
    "Kč": ("CZK",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "kr.": ("DKK", "NOK", "SEK", "ISK"),
    "Fr.": ("CHF",),
}

SPACES = str.maketrans(dict.fromkeys(" \u202f\u2009'’", "'"))
MINUS = str.maketrans("−–", "--")
# A point after a letter ends an abbreviation ("Fr.5", "руб.").
AMOUNT = re.compile(r"(?P<before>[^\d()+-]*?)(?P<figures>(?:(?<![^\W\d_])[.,])?\d[\d.,']*)(?P<after>[^\d()+-]*)")
CODE = re.compile(r"[A-Z]{3}")
GROUPED = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}")
TWO_WAYS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
INNER_MINUS = re.compile(r"\d.*-.*\d")
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of an ISO 4217 currency."""

    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(
                format_lazy(
                    _("{one} and {other} cannot be added: convert one of them first."),
                    one=self.currency,
                    other=other.currency,
                )
            )
        return other


class Unclear(ValueError):
    """What a map could make clear. `typed`: what to do where there is none."""

    def __init__(self, words: str | Promise, typed: str | Promise) -> None:
        super().__init__(words)
        self.typed = typed


def exponent(currency: str) -> int:
    """How many decimals the currency has."""
    return EXPONENTS.get(currency, 2)


def parse_amount(text: str, currency: str, decimal: str | None = None) -> int:
    """Minor units of an amount as people write it, with or without the sign or code of its currency.

    `decimal` says which sign stands before the decimals where the text alone does not tell ("1,234").
    Raises ValueError for what is no amount, has another currency or too many decimals, or can be read in two ways.
    """
    written = " ".join(normalize("NFKC", text).split()).translate(MINUS)
    negative, match = _sign_and_figures(written, text)
    _check_currency(match["before"], currency, written)
    _check_currency(match["after"], currency, written)
    figures, places = match["figures"].strip("'"), exponent(currency)
    if decimal is None and places == 0 and GROUPED.fullmatch(figures):
        decimal = "."
    if decimal is None and TWO_WAYS.fullmatch(figures):
        raise _two_ways(figures)
    whole, _point, part = plain_number(figures, decimal).partition(".")
    if len(part.rstrip("0")) > places:
        raise _too_many_decimals(text, currency, places)
    minor = int(whole + part[:places].ljust(places, "0"))
    return -minor if negative else minor


def typed_amount(text: str, currency: str) -> int:
    """An amount that is typed into a form, where no map can say how it is meant. Raises ValueError."""
    try:
        return parse_amount(text, currency)
    except Unclear as refused:
        raise ValueError(refused.typed) from refused


def _sign_and_figures(written: str, text: str) -> tuple[bool, re.Match[str]]:
    bare, negative = written.translate(SPACES), False
    if bare.startswith("(") and bare.endswith(")"):
        bare, negative = bare[1:-1], True
    elif bare.count("-") == 1 and not INNER_MINUS.search(bare):
        bare, negative = bare.replace("-", ""), True
    elif bare.startswith("+"):
        bare = bare[1:]
    match = AMOUNT.fullmatch(bare.strip("'")) if len(bare) <= LONGEST else None
    if not match:
        raise ValueError(format_lazy(_("“{text}” is not an amount: write it like 1234.50."), text=text.strip()))
    return negative, match


def _check_currency(named: str, currency: str, written: str) -> None:
    sign = named.replace("'", "").strip()
    if not sign or sign.upper() == currency or currency in SIGNS.get(sign, ()):
        return
    if sign in SIGNS or CODE.fullmatch(sign.upper()):
        message = _("“{text}” is in another currency than {currency}: convert it, or name its currency in the map.")
        typed = _("“{text}” is in another currency than {currency}: convert it, or choose that currency.")
        told = {"text": written, "currency": currency}
        raise Unclear(format_lazy(message, **told), format_lazy(typed, **told))
    message = _("“{text}” is not an amount in {currency}: leave out “{sign}”.")
    raise ValueError(format_lazy(message, text=written, currency=currency, sign=sign))


def _too_many_decimals(text: str, currency: str, places: int) -> Unclear:
    message = _(
        "“{text}” has more decimals than {currency} has ({places}): round it, or say in the map"
        " which sign stands before the decimals."
    )
    typed = _("“{text}” has more decimals than {currency} has ({places}): round it.")
    told = {"text": text.strip(), "currency": currency, "places": places}
    return Unclear(format_lazy(message, **told), format_lazy(typed, **told))


def plain_number(figures: str, decimal: str | None = None) -> str:
    """Figures with any separators as digits with at most one point before the decimals.

    A single point is a decimal point, as in JSON; a single comma before three digits can mean either, and raises
    ValueError unless `decimal` says what it is. Spaces and apostrophes only ever group.
    """
    bare = figures.translate(SPACES)
    decimal = decimal or _decimal_sign(bare)
    whole, _point, part = bare.rpartition(decimal) if decimal and bare.count(decimal) == 1 else (bare, "", "")
    groups = re.split(r"[.,']", whole)
    if not _grouped(groups, whole) or not (part.isdigit() or not part):
        raise ValueError(
            format_lazy(_("“{text}” is not a number: write it like 1234.5."), text=figures.replace("'", " "))
        )
    digits = "".join(groups) or "0"
    return f"{digits}.{part}" if part else digits


def _decimal_sign(bare: str) -> str | None:
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        return "." if bare.rindex(".") > bare.rindex(",") else ","
    if points + commas != 1:
        return None
    if commas and TWO_WAYS.fullmatch(bare):
        raise _two_ways(bare)
    return "." if points else ","


def _two_ways(figures: str) -> Unclear:
    message = _(
        "“{text}” can be read in two ways: write it without a separator of thousands, or say in the map"
        " which sign stands before the decimals."
    )
    typed = _("“{text}” can be read in two ways: write {whole}, or {part} if that is meant.")
    whole, part = re.sub("[.,]", "", figures), re.sub("[.,]", ".", figures).rstrip("0").rstrip(".")
    return Unclear(format_lazy(message, text=figures), format_lazy(typed, text=figures, whole=whole, part=part))


def _grouped(groups: list[str], whole: str) -> bool:
    if len(groups) == 1:
        return whole.isdigit() or not whole
    separators = {character for character in whole if not character.isdigit()}
    inner = all(len(group) in (2, 3) for group in groups[1:-1])
    return len(separators) == 1 and 1 <= len(groups[0]) <= 3 and inner and len(groups[-1]) == 3 and whole[0].isdigit()


def split(total_minor: int, weights: Sequence[int | float | Decimal | Fraction]) -> list[int]:
    """Shares of a total in proportion to the weights, by largest remainder (Hamilton): they add up exactly.

    Equal remainders are served in the order of the weights. Raises ValueError for negative weights or none above zero.
    """
    exact = [Fraction(weight) for weight in weights]
    if min(exact, default=Fraction(-1)) < 0 or not any(exact):
        raise ValueError(_("An amount can be split only by weights that are not negative and not all zero."))
    whole, size = sum(exact), abs(total_minor)
    ideal = [size * weight / whole for weight in exact]
    shares = [int(share) for share in ideal]
    by_remainder = sorted(range(len(exact)), key=lambda i: (shares[i] - ideal[i], i))
    for i in by_remainder[: size - sum(shares)]:
        shares[i] += 1
    return shares if total_minor >= 0 else [-share for share in shares]


@lru_cache(maxsize=256)
def _pattern(locale: str, places: int) -> tuple[Locale, NumberPattern]:
    speech = Locale.parse(locale.replace("-", "_"))
    pattern = speech.currency_formats["standard"].pattern
    # CLDR shows some currencies with fewer decimals than ISO 4217 gives them; minor units must never be lost.
    return speech, parse_pattern(re.sub(r"(?<=0)\.0+", "." + "0" * places if places else "", pattern))


@lru_cache(maxsize=4096)
def format_money(minor: int, currency: str, locale: str) -> str:
    """The amount as the language writes it ("de", "zh-hans", "pt_BR"), with all decimals of its currency."""
    speech, pattern = _pattern(locale, exponent(currency))
    return pattern.apply(Money(minor, currency).amount, speech, currency=currency, currency_digits=False)
