import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.kernel.imports.values import guess_date_format, parse_bool, parse_number, parse_when

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2018-02-01", datetime(2018, 2, 1, tzinfo=UTC)),
        ("2018-02-26 19:58:54", datetime(2018, 2, 26, 19, 58, 54, tzinfo=UTC)),
        ("2018-02-26T19:58:54Z", datetime(2018, 2, 26, 19, 58, 54, tzinfo=UTC)),
        ("2018-02-26T19:58:54.5+03:00", datetime(2018, 2, 26, 16, 58, 54, 500000, tzinfo=UTC)),
        ("2018-02-26 19:58:54 +0300", datetime(2018, 2, 26, 16, 58, 54, tzinfo=UTC)),
        ("2018-02-26 19:58:54 UTC", datetime(2018, 2, 26, 19, 58, 54, tzinfo=UTC)),
        ("2026/11/05", datetime(2026, 11, 5, tzinfo=UTC)),
        ("2026/1/5 2:30 PM", datetime(2026, 1, 5, 14, 30, tzinfo=UTC)),
        ("2026/1/5 12:30 am", datetime(2026, 1, 5, 0, 30, tzinfo=UTC)),
        ("05.11.2026", datetime(2026, 11, 5, tzinfo=UTC)),
        ("05.11.2026 14:30", datetime(2026, 11, 5, 14, 30, tzinfo=UTC)),
        ("5.11.2026, 14:30:15", datetime(2026, 11, 5, 14, 30, 15, tzinfo=UTC)),
        ("05.11.2026 г.", datetime(2026, 11, 5, tzinfo=UTC)),
        ("2026年11月5日", datetime(2026, 11, 5, tzinfo=UTC)),
        ("2026年11月5日14时30分", datetime(2026, 11, 5, 14, 30, tzinfo=UTC)),
        ("２０２６年１月５日", datetime(2026, 1, 5, tzinfo=UTC)),
        ("20261105", datetime(2026, 11, 5, tzinfo=UTC)),
        (" 2026-11-05 ", datetime(2026, 11, 5, tzinfo=UTC)),
    ],
)
def test_a_time_that_has_one_reading_is_read(text, at):
    assert parse_when(text) == at
    assert parse_when(text).tzinfo is UTC


def test_a_time_without_an_offset_is_of_the_given_zone():
    assert parse_when("2026-07-01 12:00", BERLIN) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert parse_when("2026-01-01", BERLIN) == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert parse_when("05.01.2026 12:00", BERLIN) == datetime(2026, 1, 5, 11, tzinfo=UTC)
    assert parse_when("2026-07-01T12:00Z", BERLIN) == datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("05/11/2026", "which of day and month comes first"),
        ("25/12/2026", "which of day and month comes first"),
        ("05-11-26", "which of day and month comes first"),
        ("2026-02-30", "not a day and time of the calendar"),
        ("31.02.2026", "not a day and time of the calendar"),
        ("2026-11-05 24:30", "not a day and time of the calendar"),
        ("1899-12-31", "between the years 1900 and 2100"),
        ("2101-01-01", "between the years 1900 and 2100"),
        ("05.11.0026", "between the years 1900 and 2100"),
        ("0001-01-01T00:00+14:00", "between the years 1900 and 2100"),
        ("tomorrow", "write it like 2026-11-05"),
        ("43132", "write it like 2026-11-05"),
        ("2026-11", "write it like 2026-11-05"),
        ("", "write it like 2026-11-05"),
    ],
)
def test_another_time_is_refused_with_a_reason(text, says):
    with pytest.raises(ValueError, match=says):
        parse_when(text)


def test_a_given_form_is_the_only_one():
    assert parse_when("05/11/2026", formats="%d/%m/%Y") == datetime(2026, 11, 5, tzinfo=UTC)
    assert parse_when("05/11/2026", formats="%m/%d/%Y") == datetime(2026, 5, 11, tzinfo=UTC)
    assert parse_when("5/11/26 14:30", BERLIN, ["%d/%m/%y", "%d/%m/%y %H:%M"]) == datetime(
        2026, 11, 5, 13, 30, tzinfo=UTC
    )
    with pytest.raises(ValueError, match="not a date of the form %Y-%d-%m"):
        parse_when("2018-13-13", formats="%Y-%d-%m")
    with pytest.raises(ValueError, match="between the years"):
        parse_when("05/11/0026", formats="%d/%m/%Y")


INSTANTS = st.datetimes(datetime(1900, 1, 2), datetime(2100, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS, st.integers(-14 * 60, 14 * 60))
def test_iso_times_come_back_exactly(at, minutes):
    assert parse_when(at.isoformat()) == at
    elsewhere = at + timedelta(minutes=minutes)
    sign, size = ("-" if minutes < 0 else "+"), abs(minutes)
    text = f"{elsewhere:%Y-%m-%d %H:%M:%S.%f}{sign}{size // 60:02}:{size % 60:02}"
    if 1900 <= elsewhere.year <= 2100:
        assert parse_when(text) == at


@pytest.mark.parametrize(
    ("samples", "formats"),
    [
        (["25/12/2026", "01/02/2026"], ["%d/%m/%Y"]),
        (["12/25/2026", "01/02/2026", ""], ["%m/%d/%Y"]),
        (["05/12/2026", "01/02/2026"], ["%d/%m/%Y", "%m/%d/%Y"]),
        (["25/12/2026", "12/25/2026"], []),
        (["12/25/26 5:30 PM"], ["%m/%d/%y %I:%M %p"]),
        (["31-12-99 17:30"], ["%d-%m-%y %H:%M"]),
        (["99/12/31"], ["%y/%m/%d"]),
        (["26-12-31"], ["%d-%m-%y", "%y-%m-%d"]),
        (["12.31.2026"], ["%m.%d.%Y"]),
        (["2026-01-01", "05.11.2026"], [""]),
        (["some", "words"], []),
        (["", " "], []),
    ],
)
def test_the_form_of_dates_is_the_one_that_fits_all_samples(samples, formats):
    assert guess_date_format(samples) == formats


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("-1.5", -1.5),
        ("1.234", 1.234),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1.234.567", 1234567),
        ("12,5", 12.5),
        ("1 000", 1000),
        ("1e5", 100000.0),
        ("１２", 12),
        ("007", 7),
        ("0.0", 0.0),
        ("+5", 5),
        ("−5", -5),
    ],
)
def test_a_number_is_read_as_people_and_programs_write_it(text, number):
    assert parse_number(text) == number
    assert type(parse_number(text)) is type(number)


@given(st.integers(-(10**15), 10**15) | st.floats(-1e15, 1e15, allow_nan=False))
def test_every_json_number_is_itself(number):
    assert parse_number(json.dumps(number)) == number


def test_a_named_decimal_sign_settles_a_number():
    assert parse_number("1,234", ",") == 1.234
    assert parse_number("1,234", ".") == 1234
    assert parse_number("1.234", ",") == 1234


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1,234", "two ways"),
        ("", "not a number"),
        ("abc", "not a number"),
        ("1_000", "not a number"),
        ("NaN", "not a number"),
        ("1e999", "not a number"),
        ("inf", "not a number"),
        ("12%", "not a number"),
        ("--5", "not a number"),
        ("5-", "not a number"),
        ("9" * 60, "not a number"),
    ],
)
def test_what_is_no_number_is_refused(text, says):
    with pytest.raises(ValueError, match=says):
        parse_number(text)


def test_truth_in_three_languages():
    assert all(map(parse_bool, ["true", "TRUE", " yes", "Y", "1", "да", "Да", "是"]))
    assert not any(map(parse_bool, ["false", "No", "0", "нет", "否"]))
    for text in ("", "2", "maybe"):
        with pytest.raises(ValueError, match="neither yes nor no"):
            parse_bool(text)
