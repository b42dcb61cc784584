"""How the story is told: the same again, whole or not at all, in the calendar's months."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import Max

from accord.demo import season
from accord.demo.events import Met, Together
from accord.demo.story import NotEmpty, months_before, tell
from accord.kernel import clock, ledger
from accord.kernel.ledger import Fact
from accord.rooms.people.models import Contact
from accord.rooms.team.models import Member

UNTIL = datetime(2026, 11, 25, tzinfo=UTC)
BEGIN = datetime(2026, 5, 25, tzinfo=UTC)
PASSWORD = "pumps that never drift"


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """A home of its own, empty again afterwards, with the ids it had."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_a_home_in_which_something_happened_is_refused(db):
    Contact.create({"name": "Anna Adler"}, by=None, at=BEGIN)
    before = Fact.objects.count()
    with pytest.raises(NotEmpty):
        tell(password=PASSWORD, until=UNTIL, contacts=10, months=1)
    assert Fact.objects.count() == before


def facts() -> list[tuple]:
    return list(
        Fact.objects.order_by("id").values_list(
            "kind",
            "subject",
            "subject_id",
            "contact_id",
            "company_id",
            "lead_id",
            "deal_id",
            "by_id",
            "occurred_at",
            "stored_at",
        )
    )


@pytest.mark.parametrize("size", [(15, 1), pytest.param((120, 6), marks=pytest.mark.prove)])
def test_the_same_seed_tells_the_same_story(db, size):
    contacts, months = size
    stories = []
    for _time in range(2):
        with undone():
            tell(password=PASSWORD, until=UNTIL, contacts=contacts, months=months, seed=1)
            stories.append((facts(), list(Contact.objects.order_by("id").values_list("name", "email", "created_at"))))
    assert stories[0] == stories[1]
    assert len(stories[0][0]) > 20 * contacts


def test_another_seed_tells_another_story():
    met = [
        {
            event.who.email
            for event in season.story(seed, 40, BEGIN, UNTIL).events
            if isinstance(event, Together)
            for event in event.parts
            if isinstance(event, Met)
        }
        for seed in (1, 2)
    ]
    assert len(met[0]) == len(met[1]) == 40
    assert not met[0] & met[1]


def test_a_story_that_is_broken_off_leaves_nothing(db):
    def stopped(done: int, total: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell(password=PASSWORD, until=UNTIL, contacts=20, months=1, shown=stopped)
    assert ledger.latest() is None
    assert Member.objects.count() == 0
    assert abs(clock.now() - clock.machine()) < timedelta(minutes=1)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "months", "begin"),
    [
        ("2026-11-25", 6, "2026-05-25"),
        ("2026-08-31", 6, "2026-02-28"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2028-03-31", 13, "2027-02-28"),
    ],
)
def test_months_are_those_of_the_calendar(until, months, begin):
    assert months_before(day(until), months) == day(begin)


def test_all_happens_between_the_beginning_and_the_end(db):
    end = day("2026-03-31")
    with undone():
        tell(password=PASSWORD, until=end, contacts=10, months=1)
        assert Fact.objects.order_by("id").first().recorded_at == day("2026-02-28")
        assert Fact.objects.aggregate(last=Max("stored_at"))["last"] < end


@pytest.mark.parametrize("contacts", [10, 300, 2000])
def test_events_stand_in_the_order_of_time(contacts):
    events = season.story(5, contacts, BEGIN, UNTIL).events
    times = [event.at for event in events]
    assert times == sorted(times)
    assert BEGIN < times[0] <= times[-1] < UNTIL
