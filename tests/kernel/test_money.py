from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from accord.kernel.money import Money, exponent, format_money, parse_amount, plain_number, split

MINOR = st.integers(-(10**13), 10**13)
CURRENCIES = st.sampled_from(["EUR", "USD", "CNY", "RUB", "JPY", "KRW", "KWD", "CLF", "CHF"])


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        ("EUR", 2),
        ("CNY", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("VND", 0),
        ("CLP", 0),
        ("KWD", 3),
        ("BHD", 3),
        ("IQD", 3),
        ("CLF", 4),
    ],
)
def test_a_currency_has_its_decimals(currency, decimals):
    assert exponent(currency) == decimals


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1234.5", "EUR", 123450),
        ("1,234.50", "EUR", 123450),
        ("1.234,50", "EUR", 123450),
        ("1 234,50", "EUR", 123450),
        ("1\u202f234,50\u00a0€", "EUR", 123450),
        ("1'234.50", "CHF", 123450),
        ("1’234.50", "CHF", 123450),
        ("Fr. 5.50", "CHF", 550),
        ("Fr.5", "CHF", 500),
        ("12,5", "EUR", 1250),
        (".5", "EUR", 50),
        ("１，２３４．５０", "CNY", 123450),
        ("￥1,234.50", "CNY", 123450),
        ("1234.50元", "CNY", 123450),
        ("1 234 руб.", "RUB", 123400),
        ("R$ 1.234,56", "BRL", 123456),
        ("$1,234.50", "USD", 123450),
        ("USD 5", "USD", 500),
        ("5 usd", "USD", 500),
        ("1.234.567", "EUR", 123456700),
        ("1,23,456.00", "INR", 12345600),
        ("110000.0", "JPY", 110000),
        ("¥1,234", "JPY", 1234),
        ("1234.567", "KWD", 1234567),
        ("-5", "EUR", -500),
        ("−5", "EUR", -500),
        ("$-5.50", "USD", -550),
        ("5,00-", "EUR", -500),
        ("(5.00)", "EUR", -500),
        ("+5", "EUR", 500),
        ("0", "EUR", 0),
    ],
)
def test_an_amount_is_read_as_people_write_it(text, currency, minor):
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "says"),
    [
        ("1,234", "EUR", "two ways"),
        ("1.234", "EUR", "two ways"),
        ("1.000", "EUR", "two ways"),
        ("1,234", "KWD", "two ways"),
        ("0.123", "EUR", "more decimals than EUR has (2)"),
        ("1234,567", "EUR", "more decimals"),
        ("12.5", "JPY", "more decimals than JPY has (0)"),
        ("5 USD", "EUR", "another currency than EUR"),
        ("€5", "USD", "another currency than USD"),
        ("$5", "EUR", "another currency than EUR"),
        ("12万", "CNY", "leave out “万”"),
        ("", "EUR", "not an amount"),
        ("n/a", "EUR", "not an amount"),
        ("1-2", "EUR", "not an amount"),
        ("--5", "EUR", "not an amount"),
        ("1e5", "EUR", "not an amount"),
        ("1.2.3", "EUR", "not a number"),
        ("1 2", "EUR", "not a number"),
        ("1,5.", "EUR", "not a number"),
        ("9" * 60, "EUR", "not an amount"),
    ],
)
def test_what_can_be_misread_is_refused_with_a_reason(text, currency, says):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 — the message is asserted below
        parse_amount(text, currency)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "decimal", "minor"),
    [("1,234", ".", 123400), ("1.234", ",", 123400), ("1,23", ",", 123), ("1.23", ".", 123), ("1.234,5", ",", 123450)],
)
def test_a_named_decimal_sign_settles_what_can_be_read_in_two_ways(text, decimal, minor):
    assert parse_amount(text, "EUR", decimal) == minor


def test_plain_number_keeps_a_point_as_json_does():
    assert [plain_number(text) for text in ("1.234", "1,234,567", "12,5", "1 000", "1.234,5")] == [
        *("1.234", "1234567", "12.5", "1000", "1234.5"),
    ]


@given(
    MINOR,
    CURRENCIES,
    st.sampled_from([("en", "."), ("de", ","), ("fr", ","), ("ru", ","), ("zh-hans", "."), ("pt-br", ",")]),
)
def test_what_is_written_is_read_back(minor, currency, speech):
    locale, decimal = speech
    code = format_money(minor, currency, locale)
    figures = "".join(character for character in code if character.isdigit() or character in ".,-\u202f\u00a0")
    assert parse_amount(figures, currency, decimal) == minor


@given(MINOR, CURRENCIES)
def test_plain_decimals_are_read_exactly(minor, currency):
    text = f"{Decimal(minor).scaleb(-exponent(currency)):f}"
    assume("." not in text or len(text.partition(".")[2]) != 3 or len(text.lstrip("-").partition(".")[0]) > 3)
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "written"),
    [
        (123450, "EUR", "en", "€1,234.50"),
        (123450, "EUR", "de", "1.234,50\u00a0€"),
        (123450, "CNY", "zh-hans", "¥1,234.50"),
        (123450, "RUB", "ru", "1\u00a0234,50\u00a0₽"),
        (1234, "JPY", "ja", "￥1,234"),
        (1234567, "IQD", "en", "IQD1,234.567"),
        (-5, "USD", "en", "-$0.05"),
    ],
)
def test_an_amount_is_written_as_the_language_does_with_all_its_decimals(minor, currency, locale, written):
    assert format_money(minor, currency, locale).replace("IQD\u00a0", "IQD") == written


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (10, [0.5, 0.25, 0.25], [5, 3, 2]),
        (1, [1, 2, 1], [0, 1, 0]),
        (7, [0, 1], [0, 7]),
        (0, [3, 4], [0, 0]),
    ],
)
def test_shares_go_by_largest_remainder_then_by_order(total, weights, shares):
    assert split(total, weights) == shares


WEIGHTS = st.lists(st.integers(0, 10**6) | st.floats(0, 1e6) | st.fractions(0, 1), min_size=1, max_size=12).filter(any)


@given(MINOR, WEIGHTS)
@example(10**18 + 1, [0.1, 0.2, 0.7])
def test_shares_add_up_and_are_each_within_one_of_the_exact_share(total, weights):
    shares = split(total, weights)
    whole = sum(map(Fraction, weights))
    assert sum(shares) == total
    assert all(abs(share - total * Fraction(weight) / whole) < 1 for share, weight in zip(shares, weights, strict=True))


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_there_is_no_share_without_a_weight(weights):
    with pytest.raises(ValueError, match="split only by weights"):
        split(100, weights)


def test_money_adds_only_its_own_currency():
    assert Money(150, "EUR") + Money(50, "EUR") - Money(1, "EUR") == Money(199, "EUR")
    assert Money(1234, "KWD").amount == Decimal("1.234")
    with pytest.raises(ValueError, match="EUR and USD cannot be added"):
        Money(1, "EUR") + Money(1, "USD")
