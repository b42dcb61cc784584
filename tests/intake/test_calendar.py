"""A member's tasks in their own calendar program, fetched by an address that only they know."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from accord.kernel.ledger import Fact
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact
from accord.rooms.team.models import Feed
from tests.web.page import main, words

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def token(cast, at) -> str:
    return Feed.make(cast.ines, at=at)[1]


def fetch(token: str):
    return Client().get(f"/calendar/{token}.ics", headers={"Host": "testserver"})


def events(token: str) -> list[dict]:
    return [dict(event) for event in Calendar.from_ical(fetch(token).content).walk("VEVENT")]


def lead(name: str, owner, at) -> Lead:
    whose = Contact.create({"name": name, "email": "secret@adler.example", "phone": "+49 30 99"}, by=None, at=at)
    return Lead.open(whose, entry="referral", owner=owner, by=None, at=at)


def plan(owner, at, kind="call", days=1, **more) -> Task:
    return Task.plan(owner=owner, kind=kind, due_at=at + days * DAY, by=owner, at=at, **more)


def test_each_open_task_is_an_event_at_the_time_it_is_due(token, cast, at):
    about = lead("Анна 王芳", cast.ines, at)
    task = plan(cast.ines, at, lead=about, what="ask for the secret budget")
    answer = fetch(token)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer.headers["Cache-Control"] == "private, no-store"
    (event,) = events(token)
    assert event["SUMMARY"] == "Call: Анна 王芳"
    assert event["UID"] == f"task-{task.pk}@testserver"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (at + DAY, at + DAY + timedelta(minutes=30))
    assert event["DTSTAMP"].dt == at
    assert event["URL"] == f"http://testserver/leads/{about.pk}/"
    for hidden in (b"secret", b"+49", b"budget"):
        assert hidden not in answer.content


def test_only_what_is_open_and_their_own(token, cast, at):
    plan(cast.ines, at, "meeting").done(by=cast.ines, at=at)
    plan(cast.felix, at)
    lost = lead("Lost", cast.ines, at)
    plan(cast.ines, at, lead=lost)
    Lead.objects.get(pk=lost.pk).move("lost", by=None, at=at, reason="no budget")
    alone = plan(cast.ines, at, "other", days=-1, what="tidy up")
    assert [(event["SUMMARY"], event["URL"]) for event in events(token)] == [
        ("Something else", f"http://testserver/desk/?task={alone.pk}")
    ]


def test_an_absence_is_whole_days_in_their_zone(token, cast, at):
    cast.ines.prefer(name="Ines Ito", language="", zone="Asia/Shanghai", theme="", by=None, at=at)
    since, until = datetime(2026, 3, 8, 16, tzinfo=UTC), datetime(2026, 3, 13, 16, tzinfo=UTC)  # midnights in Shanghai
    cast.ines.take_leave(since, until, by=None, at=at)
    (event,) = events(token)
    assert (event["SUMMARY"], event["DTSTART"].dt, event["DTEND"].dt) == ("Away", date(2026, 3, 9), date(2026, 3, 14))
    assert event["TRANSP"] == "TRANSPARENT"


def test_with_nothing_to_do_it_is_an_empty_calendar(token):
    assert fetch(token).content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert events(token) == []


@pytest.mark.both
def test_a_token_that_is_wrong_revoked_or_of_somebody_who_left_is_unknown(token, cast, at):
    assert fetch(token[:-1]).status_code == 404
    assert fetch("x").status_code == 404
    newer = Feed.make(cast.ines, at=at)[1]
    assert (fetch(token).status_code, fetch(newer).status_code) == (404, 200)
    Feed.of(cast.ines).revoke(by=cast.ines.pk, at=at)
    assert fetch(newer).status_code == 404
    of_felix = Feed.make(cast.felix, at=at)[1]
    cast.felix.leave(by=cast.ada.pk, at=at)
    assert fetch(of_felix).status_code == 404


def test_the_token_is_not_kept_and_its_story_is(token, cast):
    kept = Feed.objects.values().get()
    assert token not in str(kept)
    assert Fact.objects.filter(kind="feed_made").values_list("subject_id", "by_id").get() == (kept["id"], cast.ines.pk)


def test_as_many_queries_for_many_as_for_one(token, cast, at):
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            fetch(token)
        return len(caught)

    plan(cast.ines, at, lead=lead("One", cast.ines, at))
    few = cost()
    for n in range(9):
        plan(cast.ines, at, lead=lead(f"More {n}", cast.ines, at))
    assert cost() == few
    assert few <= 4


def test_a_member_makes_the_address_sees_it_once_and_revokes_it(cast, as_):
    browser = as_(cast.ines)
    assert "Make the address" in main(browser.get("/settings/me/"))
    made = browser.post("/settings/me/calendar/")
    assert made.headers["Cache-Control"] == "no-store"
    address = made.content.decode().split('secret-v">')[1].split("<")[0]
    assert Client().get(address).status_code == 200
    page = main(browser.get("/settings/me/"))
    assert "Your calendar is fetched" in page
    assert address not in page
    browser.post("/settings/me/calendar/revocation/")
    assert "No calendar fetches your tasks any longer." in words(browser.get("/settings/me/"))
    assert Client().get(address).status_code == 404
    assert browser.post("/settings/me/calendar/revocation/").status_code == 302
