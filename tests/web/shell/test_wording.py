from datetime import UTC, date, datetime

import pytest
from django.utils import timezone, translation

from accord.web.shell import wording
from accord.web.shell.templatetags.shell import initials, marked, money

AT = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(-32.1, 1, "−32.1"), (-0.04, 1, "0.0"), (-0.06, 1, "−0.1"), (-1200, None, "−1,200")],
)
def test_a_number_below_nothing_has_the_one_minus_and_nothing_has_none(value, decimals, expected):
    with translation.override("en"):
        assert wording.number(value, decimals) == expected


@pytest.mark.parametrize(
    ("language", "zone", "at", "expected"),
    [
        ("en", "UTC", datetime(2026, 3, 2, 7, 6, tzinfo=UTC), "07:06"),
        ("en", "Asia/Shanghai", datetime(2026, 3, 1, 16, 30, tzinfo=UTC), "00:30"),
        ("en", "UTC", datetime(2026, 3, 1, 16, 30, tzinfo=UTC), "Mar 1"),
        ("en", "UTC", datetime(2025, 12, 31, 12, 0, tzinfo=UTC), "Dec 31, 2025"),
        ("zh-hans", "UTC", datetime(2026, 2, 14, 12, 0, tzinfo=UTC), "2月14日"),
    ],
)
def test_an_instant_is_as_short_as_it_can_be_in_the_reader_s_zone(language, zone, at, expected):
    with translation.override(language), timezone.override(zone):
        assert wording.short(at, AT) == expected


def test_the_whole_of_an_instant_names_its_zone():
    with translation.override("en"), timezone.override("Asia/Shanghai"):
        assert wording.whole(AT) == "Monday, March 2, 2026 17:05 China Standard Time"


def test_the_house_s_own_zone_is_called_utc():
    with translation.override("en"), timezone.override("UTC"):
        assert wording.whole(AT) == "Monday, March 2, 2026 09:05 UTC"


def test_a_day_has_its_year_when_it_is_another_one():
    with translation.override("en"):
        assert wording.day(date(2025, 3, 2), date(2026, 3, 2)) == "Mar 2, 2025"


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "0 s"), (59, "59 s"), (125, "2 min 5 s"), (12_000, "3 h 20 min")]
)
def test_a_duration_has_two_units_at_most(seconds, expected):
    with translation.override("en"):
        assert wording.duration(seconds) == expected


def test_a_share_is_written_in_per_cent():
    with translation.override("en"):
        assert wording.percent(0.3342) == "33.4 %"
        assert wording.percent(0.3342, 0) == "33 %"
        assert wording.number(1234567) == "1,234,567"
        assert wording.number(2.5, 0) == "2"


def test_money_is_written_in_the_reader_s_language():
    with translation.override("en"):
        assert money(1_840_000, "EUR") == "€18,400.00"
        assert money(None, "EUR") == "–"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Lena Brandt", "LB"),
        ("周敏", "周"),
        ("Анна Громова", "АГ"),
        ("王 丽娜", "王"),
        ("ada@house.example", "A"),
        ("", "?"),
    ],
)
def test_initials_follow_the_script(name, expected):
    assert initials(name) == expected


def test_marking_escapes_the_text():
    assert marked("a<b>c", "b") == "a&lt;<mark>b</mark>&gt;c"
    assert marked("a<b>c", "") == "a&lt;b&gt;c"


@pytest.mark.parametrize(("language", "expected"), [("en", "€30.3K"), ("zh-hans", "€3.03万")])
def test_an_amount_in_few_figures_is_as_exact_in_every_language(language, expected):
    with translation.override(language):
        assert wording.brief_money(30_300_00, "EUR") == expected


@pytest.mark.parametrize(
    ("language", "minor", "currency", "expected"),
    [
        ("zh-hans", 321_480, "CHF", "CHF3,215"),
        ("zh-hans", 980_400, "GBP", "£9,804"),
        ("zh-hans", 999_950, "EUR", "€1万"),
        ("en", 321_480, "CHF", "CHF3.2K"),
    ],
)
def test_an_amount_below_the_first_unit_of_the_language_is_whole(language, minor, currency, expected):
    with translation.override(language):
        assert wording.brief_money(minor, currency) == expected
