"""What changed last week: counts of the house's days, corrected for how many are watched, in the viewer's scope."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.rooms.funnel.models import Lead
from accord.rooms.insight.changing import changes
from accord.rooms.people.models import Contact


@pytest.fixture
def weeks(cast, still):
    """`weeks({"partner": [5, 2, 2, …]})`: so many leads that came in, last week first."""

    def opened(counts, owner=None):
        for entry, numbers in counts.items():
            for week, number in enumerate(numbers):
                when = still - timedelta(days=7 * week + 3)
                for n in range(number):
                    person = Contact.create({"name": f"{entry} {week} {n}"}, by=None, at=when)
                    values = {"owner": owner.pk} if owner else {}
                    Lead.open(person, entry=entry, values=values, by=None, at=when)

    return opened


def test_what_came_by_one_way_in_tripled(weeks, cast, still):
    weeks({"marketing": [24, 6, 7, 5, 6, 8, 6, 5, 7, 6, 6, 7, 5], "partner": [2, 2, 1, 3, 2, 2, 1, 2, 3, 2, 1, 2, 2]})
    weeks({"referral": [0] * 13 + [1]})
    found = changes(cast.eva, still)
    assert (found.first, found.last) == (date(2026, 2, 23), date(2026, 3, 1))
    assert found.watched == 2
    [one] = found.changed
    assert (one.kind, one.key, one.week.count) == ("came", "marketing", 24)
    assert one.week.low <= 6 <= one.week.high < 24


def test_a_house_of_a_few_weeks_is_not_told_that_everything_is_new(weeks, cast, still):
    weeks({"marketing": [24, 6, 7]})
    assert changes(cast.eva, still).watched == 0


def test_a_partner_is_told_of_their_own_leads(weeks, cast, still):
    weeks({"marketing": [24, 6, 7, 5, 6, 8, 6, 5, 7, 6, 6, 7, 5, 1]})
    assert changes(cast.paula, still).watched == 0


def test_more_leads_ask_no_more_of_the_database(weeks, cast, still):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as counted:
            changes(cast.eva, still)
        return len(counted)

    weeks({"marketing": [1] * 14})
    few = asked()
    weeks({"marketing": [3] * 13, "partner": [2] * 13})
    assert asked() == few
