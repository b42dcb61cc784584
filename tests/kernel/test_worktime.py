from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accord.kernel.worktime import Calendar, Days, Hours, Span, Worked, decreed, known_until

NINE_TO_FIVE = "mon-fri 09:00-17:00"
WITH_LUNCH = "mon-fri 09:00-12:00 13:00-18:00"
ALWAYS = "mon-sun 00:00-24:00"
NIGHT = "mon-sun 01:00-04:00"
NEW_YORK, BERLIN, TOKYO, SHANGHAI = "America/New_York", "Europe/Berlin", "Asia/Tokyo", "Asia/Shanghai"

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def calendar(zone="UTC", hours=NINE_TO_FIVE, **days):
    return Calendar(zone, Hours.read(hours), Days(**days))


def local(zone, text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "hours", "start", "end", "worked"),
    [
        ("UTC", NINE_TO_FIVE, "2026-03-02 08:00", "2026-03-02 18:00", 8 * HOUR),
        (NEW_YORK, NINE_TO_FIVE, "2026-03-06 16:30", "2026-03-09 09:10", 40 * MINUTE),
        (NEW_YORK, ALWAYS, "2026-03-08 00:00", "2026-03-09 00:00", 23 * HOUR),
        (NEW_YORK, ALWAYS, "2026-11-01 00:00", "2026-11-02 00:00", 25 * HOUR),
        (NEW_YORK, NIGHT, "2026-03-08 00:00", "2026-03-09 00:00", 2 * HOUR),
        (NEW_YORK, NIGHT, "2026-11-01 00:00", "2026-11-02 00:00", 4 * HOUR),
        ("UTC", WITH_LUNCH, "2016-01-18 09:00", "2016-01-22 18:00", 40 * HOUR),
    ],
)
def test_working_time_between_two_instants(zone, hours, start, end, worked):
    assert calendar(zone, hours).between(local(zone, start), local(zone, end)) == worked


@pytest.mark.parametrize("hours", [NINE_TO_FIVE, WITH_LUNCH])
def test_christmas_is_no_working_day(hours):
    work = calendar(hours=hours, country="US")
    start, end = local("UTC", "2013-12-23 12:00"), local("UTC", "2013-12-26 05:00")
    assert work.between(start, end) == 13 * HOUR


def test_a_lead_waits_by_the_clock_of_who_answers():
    start, end = local(TOKYO, "2026-06-10 09:00"), local(TOKYO, "2026-06-10 22:30")
    assert calendar(NEW_YORK).between(start, end) == 30 * MINUTE


def test_the_weekend_of_the_change_passes_by_the_worlds_clock_and_not_by_the_shops():
    start, end = local(NEW_YORK, "2026-03-06 16:30"), local(NEW_YORK, "2026-03-09 09:10")
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=63, minutes=40)


@pytest.mark.parametrize(
    ("hours", "worked"),
    [
        ("sun 02:15-02:45", timedelta(0)),
        ("sun 01:30-02:30", 30 * MINUTE),
        ("sun 02:30-03:15", 15 * MINUTE),
        ("sun 01:00-02:30 03:00-04:00", 2 * HOUR),
    ],
)
def test_the_hour_that_does_not_exist_is_not_worked(hours, worked):
    start, end = local(NEW_YORK, "2026-03-08 00:00"), local(NEW_YORK, "2026-03-09 00:00")
    assert calendar(NEW_YORK, hours).between(start, end) == worked


def test_a_day_that_begins_with_the_change():
    work = calendar("America/Havana", ALWAYS)
    spring = work.between(local("UTC", "2026-03-07 05:00"), local("UTC", "2026-03-09 04:00"))
    autumn = work.between(local("UTC", "2026-10-31 04:00"), local("UTC", "2026-11-02 05:00"))
    assert (spring, autumn) == (47 * HOUR, 49 * HOUR)


def test_nothing_is_worked_backwards_nor_in_no_time():
    at = local("UTC", "2026-03-02 10:00")
    work = calendar()
    assert work.between(at, at) == work.between(at + HOUR, at) == timedelta(0)


def test_the_second_of_two_equal_times_is_later():
    first = local(NEW_YORK, "2026-11-01 01:30")
    assert calendar(NEW_YORK, ALWAYS).between(first, first.replace(fold=1)) == HOUR


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 14), True),
        (date(2026, 2, 28), True),
        (date(2026, 10, 10), True),
        (date(2026, 2, 7), None),
        (date(2026, 2, 16), False),
        (date(2026, 3, 2), None),
    ],
)
def test_china_works_on_some_saturdays(day, works):
    assert Days("CN").works(day) is works


def test_a_working_saturday_has_the_hours_of_a_usual_day_unless_it_has_its_own():
    start, end = local(SHANGHAI, "2026-02-14 00:00"), local(SHANGHAI, "2026-02-15 00:00")
    assert calendar(SHANGHAI, WITH_LUNCH, country="CN").between(start, end) == 8 * HOUR
    assert calendar(SHANGHAI, "mon-fri 09:00-17:00; sat 10:00-14:00", country="CN").between(start, end) == 4 * HOUR


def test_the_house_has_the_last_word_about_a_day():
    own = Days("CN", off=frozenset({date(2026, 2, 14)}), on=frozenset({date(2027, 2, 20), date(2026, 2, 16)}))
    assert [own.works(date(*day)) for day in ((2026, 2, 14), (2027, 2, 20), (2026, 2, 16))] == [False, True, True]


def test_without_a_country_only_the_weekdays_count():
    assert Days().works(date(2026, 12, 25)) is None
    assert decreed("", 2026) == (frozenset(), frozenset())


def test_a_country_that_moves_working_days_says_until_when_they_are_known():
    assert known_until("CN") == date(2026, 12, 31)
    assert known_until("US") is None
    assert known_until("") is None


@pytest.mark.parametrize(
    ("hours", "start", "spent", "reached"),
    [
        (NINE_TO_FIVE, "2026-03-06 16:30", HOUR, "2026-03-09 09:30"),
        (NINE_TO_FIVE, "2026-03-06 16:00", HOUR, "2026-03-06 17:00"),
        (NINE_TO_FIVE, "2026-03-07 12:00", 4 * HOUR, "2026-03-09 13:00"),
        (WITH_LUNCH, "2026-03-02 11:30", HOUR, "2026-03-02 13:30"),
        (WITH_LUNCH, "2026-03-02 12:30", 8 * HOUR, "2026-03-03 12:00"),
        (NINE_TO_FIVE, "2026-03-07 12:00", timedelta(0), "2026-03-07 12:00"),
        (NINE_TO_FIVE, "2026-03-02 09:00", 80 * HOUR, "2026-03-13 17:00"),
    ],
)
def test_when_so_much_has_been_worked(hours, start, spent, reached):
    assert calendar(BERLIN, hours).after(local(BERLIN, start), spent) == local(BERLIN, reached)


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2026-03-02 15:20", 1, "2026-03-03 15:20"),
        ("2026-03-06 15:20", 1, "2026-03-09 15:20"),
        ("2026-03-27 15:20", 5, "2026-04-07 15:20"),  # Good Friday, Easter Monday, and the change of 29 March
        ("2026-03-07 12:00", 2, "2026-03-11 09:00"),
        ("2026-03-06 17:00", 1, "2026-03-10 09:00"),
        ("2026-03-02 07:00", 0, "2026-03-02 09:00"),
    ],
)
def test_working_days_later_at_the_same_time(start, count, due):
    assert calendar(BERLIN, country="DE").days_after(local(BERLIN, start), count) == local(BERLIN, due)


@pytest.mark.parametrize(
    ("hours", "start", "due"),
    [
        ("mon 09:00-17:00; tue 10:00-12:00", "2026-03-02 16:00", "2026-03-03 12:00"),
        ("mon 09:00-17:00; tue 10:00-12:00", "2026-03-02 09:30", "2026-03-03 10:00"),
        ("mon 09:00-17:00; tue 09:00-12:00 14:00-17:00", "2026-03-02 13:00", "2026-03-03 12:00"),
    ],
)
def test_a_time_of_day_that_the_other_day_does_not_have_is_clipped(hours, start, due):
    assert calendar(hours=hours).days_after(local("UTC", start), 1) == local("UTC", due)


@pytest.mark.parametrize(
    ("at", "working", "opening"),
    [
        ("2026-03-02 08:59", False, "2026-03-02 09:00"),
        ("2026-03-02 09:00", True, "2026-03-02 09:00"),
        ("2026-03-02 11:59", True, "2026-03-02 11:59"),
        ("2026-03-02 12:00", False, "2026-03-02 13:00"),
        ("2026-03-06 18:00", False, "2026-03-09 09:00"),
        ("2026-12-25 10:00", False, "2026-12-28 09:00"),
    ],
)
def test_who_works_now_and_when_they_open(at, working, opening):
    work = calendar(BERLIN, WITH_LUNCH, country="DE")
    assert (work.working(local(BERLIN, at)), work.next_opening(local(BERLIN, at))) == (working, local(BERLIN, opening))


def test_ten_years_and_a_date_of_1900_are_told():
    # 3,653 days are 521 weeks and six days from a Friday on, of which four are weekdays: 2,609.
    assert calendar().between(local("UTC", "2016-01-01 00:00"), local("UTC", "2026-01-01 00:00")) == 8 * 2609 * HOUR
    assert calendar(country="DE").next_opening(local("UTC", "1900-01-06 12:00")) == local("UTC", "1900-01-08 09:00")


@pytest.mark.parametrize(
    ("text", "week"),
    [
        (NINE_TO_FIVE, [[(540, 1020)]] * 5 + [[], []]),
        (
            "mon-fri 9:00-12:00 13:00-18:00; sat 10:00-14:00",
            [[(540, 720), (780, 1080)]] * 5 + [[(600, 840)], []],
        ),
        (ALWAYS, [[(0, 1440)]] * 7),
        ("Sun–Thu 09:00 – 17:00", [[(540, 1020)]] * 4 + [[], [], [(540, 1020)]]),
        ("mon, wed 08:00-09:00, 10:00-11:00；", [[(480, 540), (600, 660)], [], [(480, 540), (600, 660)]] + [[]] * 4),
        ("mon 13:00-14:00; mon 09:00-13:00", [[(540, 780), (780, 840)]] + [[]] * 6),
    ],
)
def test_hours_as_people_write_them(text, week):
    assert [list(windows) for windows in Hours.read(text).week] == week


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "says no working hours"),
        ("always", "“always” says no working hours: write them like “mon-fri 09:00-17:00; sat 10:00-14:00”."),
        ("mon-fri", "says no working hours"),
        ("09:00-17:00", "says no working hours"),
        ("mon-fri 9-17", "says no working hours"),
        ("mon-fri 09:00-17:00 sat", "says no working hours"),
        ("mon 09:00-24:30", "“09:00-24:30” says no working hours"),
        ("mon 09:60-10:00", "says no working hours"),
        ("fri 22:00-04:00", "“22:00-04:00” ends before it begins: write the earlier time first."),
        ("fri 09:00-09:00", "“09:00-09:00” ends before it begins"),
        ("mon-fri 09:00-13:00 12:00-17:00", "Two windows of mon overlap"),
        ("mon-fri 09:00-17:00; wed 16:00-18:00", "Two windows of wed overlap"),
    ],
)
def test_what_says_no_hours_is_refused_in_words(text, told):
    with pytest.raises(ValueError, match=r"working hours|ends before|overlap") as refused:
        Hours.read(text)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("4 business hours", "2026-03-09 12:30"),
        ("30 business minutes", "2026-03-06 17:00"),
        ("5 business days", "2026-03-13 16:30"),
        ("1 business week", "2026-03-13 16:30"),
        ("2 hours", "2026-03-06 18:30"),
        ("1 day", "2026-03-07 16:30"),
        ("3 days", "2026-03-09 17:30"),  # 72 hours, of which the change took one
        ("2 weeks", "2026-03-20 17:30"),
        ("45 minutes", "2026-03-06 17:15"),
    ],
)
def test_when_a_time_is_over(text, due):
    start = local(NEW_YORK, "2026-03-06 16:30")
    assert Span.read(text).due(calendar(NEW_YORK), start) == local(NEW_YORK, due)


@pytest.mark.parametrize(
    ("text", "fraction", "reached"),
    [
        ("4 business hours", 0.5, "2026-03-02 16:00"),
        ("4 business hours", 1.0, "2026-03-03 10:00"),
        ("4 business hours", 1.5, "2026-03-03 12:00"),
        ("2 business days", 0.5, "2026-03-03 14:00"),
        ("2 business days", 1.0, "2026-03-04 14:00"),
        ("2 business days", 1.5, "2026-03-05 14:00"),
        ("2 business days", 0, "2026-03-02 14:00"),
        ("4 hours", 1.5, "2026-03-02 20:00"),
    ],
)
def test_when_a_fraction_of_it_is_over(text, fraction, reached):
    start = local(BERLIN, "2026-03-02 14:00")
    assert Span.read(text).share(calendar(BERLIN), start, fraction) == local(BERLIN, reached)


def test_the_whole_of_working_days_from_outside_is_their_due_time():
    start, work = local("UTC", "2026-03-07 12:00"), calendar()
    days = Span.read("1 business day")
    assert days.share(work, start, 1.0) == days.due(work, start) == local("UTC", "2026-03-10 09:00")
    assert days.share(work, start, 0.5) == local("UTC", "2026-03-09 13:00")


@pytest.mark.parametrize(
    "text", ["", "4", "0 hours", "4 Hours", "-1 days", "4.5 hours", "10000 days", "4 working hours"]
)
def test_what_is_no_time_is_refused_in_words(text):
    with pytest.raises(ValueError, match=r"Write a time such as “4 business hours” or “10 business days”\."):
        Span.read(text)


ZONES = st.sampled_from(
    [NEW_YORK, BERLIN, SHANGHAI, "Australia/Lord_Howe", "America/Havana", "America/St_Johns", "UTC"]
)
CALENDARS = st.builds(
    calendar,
    ZONES,
    st.sampled_from([NINE_TO_FIVE, WITH_LUNCH, ALWAYS, NIGHT, "sat-tue 00:00-02:30 22:30-23:45"]),
    country=st.sampled_from(["", "CN", "DE", "US"]),
)
INSTANTS = st.integers(0, 20 * 365 * 24 * 60).map(lambda minutes: datetime(2009, 1, 1, tzinfo=UTC) + minutes * MINUTE)
SHORT = st.timedeltas(timedelta(0), timedelta(days=40))
few = settings(max_examples=40, deadline=None)


@few
@given(CALENDARS, INSTANTS, SHORT, SHORT)
@example(calendar("America/St_Johns", ALWAYS), datetime(2010, 11, 7, 2, 0, tzinfo=UTC), HOUR, 40 * MINUTE)
def test_working_time_adds_up(work, first, more, still_more):
    second, third = first + more, first + more + still_more
    parts = work.between(first, second), work.between(second, third)
    assert min(parts) >= timedelta(0)
    assert sum(parts, timedelta(0)) == work.between(first, third) <= third - first


@few
@given(CALENDARS, INSTANTS, SHORT, ZONES)
def test_working_time_is_the_same_in_whatever_zone_it_is_asked(work, start, more, zone):
    end = start + more
    there = ZoneInfo(zone)
    assert work.between(start.astimezone(there), end.astimezone(there)) == work.between(start, end)
    assert work.after(start.astimezone(there), more) == work.after(start, more)
    assert work.days_after(start.astimezone(there), 3) == work.days_after(start, 3)


@few
@given(CALENDARS, INSTANTS, SHORT, SHORT)
def test_after_is_the_way_back(work, start, spent, more):
    reached = work.after(start, spent)
    assert work.between(start, reached) == spent
    assert reached <= work.after(start, spent + more)
    assert work.after(start, spent) <= work.after(start + more, spent)


@few
@given(CALENDARS, INSTANTS, SHORT)
def test_who_starts_later_is_due_no_earlier(work, start, more):
    assert work.days_after(start, 2) <= work.days_after(start + more, 2)
    assert work.working(opening := work.next_opening(start))
    assert work.between(start, opening) == timedelta(0)


def test_what_was_worked_before_the_hours_were_changed_stays_so():
    change = datetime(2026, 3, 4, 11, tzinfo=UTC)  # a Wednesday
    early = calendar(hours="mon-fri 07:00-12:00")
    held = Worked(((datetime.min.replace(tzinfo=UTC), calendar()), (change, early)))
    tuesday, thursday = datetime(2026, 3, 3, 16, tzinfo=UTC), datetime(2026, 3, 5, 8, tzinfo=UTC)
    # An hour of Tuesday's, two on Wednesday until the change and one after it, one on Thursday.
    assert held.between(tuesday, thursday) == timedelta(hours=5)
    assert held.between(tuesday, change) == timedelta(hours=3)
    assert held.between(thursday, tuesday) == timedelta(0)


@few
@given(CALENDARS, CALENDARS, INSTANTS, SHORT, SHORT)
def test_what_people_worked_is_what_they_worked_before_and_after(before, after, start, more, still_more):
    change, end = start + more, start + more + still_more
    held = Worked(((datetime.min.replace(tzinfo=UTC), before), (change, after)))
    assert held.between(start, end) == before.between(start, change) + after.between(change, end)
    assert sum((closes - opens for opens, closes in held.intervals(start, end)), timedelta(0)) == held.between(
        start, end
    )
