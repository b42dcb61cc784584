"""Meetings that guests book: whose times they see, with whom it is, and what becomes of it."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.kernel.mail.models import Mail
from accord.kernel.mail.sending import send_due
from accord.rooms.capture.models import Touch
from accord.rooms.desk import booking
from accord.rooms.desk.booking import Taken
from accord.rooms.desk.models import Booking, Task
from accord.rooms.desk.rules import LENGTH, beginnings
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff, Turn
from accord.rooms.promises.models import Clock
from accord.rooms.team.models import Member, Team
from tests.post import Post
from tests.rooms.desk.conftest import AGREED, MONDAY, accepted, handed
from tests.scenarios.living import agreed, company, contact, on, work

ROUTED = (
    AGREED.replace(
        "qualified:",
        """routing:
  - {id: logistics, label: {en: Logistics to the north}, when: {field: company.industry, is: logistics},
     to: {team: north, pick: fair}}
  - {id: rest, when: {all: []}, to: {team: sales, pick: fair, overflow_owner: saul@house.example}}
qualified:""",
    )
    .replace("{touch: [form, download]}", "{touch: [form, download, meeting]}")
    .replace(
        "qualified: {all: [{count: {touch: download}, at_least: 1}]}",
        "qualified: {all: [{count: {touch: [download, meeting]}, at_least: 1}]}",
    )
)
TUESDAY = on("2026-02-03T10:00:00")


@pytest.fixture
def post(settings) -> Post:
    return Post().at_house(settings)


@pytest.fixture
def north(cast) -> Member:
    """Ivo is the inside seller of the north; the other team is Ines."""
    team = Team.objects.create(slug="north", name="North", side="sales")
    with clock.moved_to(on("2025-12-30")):
        return Member.join(
            email="ivo@house.example", name="Ivo Iten", role="inside_sales", team=team, by=None,
            at=on("2025-12-30"), password="a long password",
        )  # fmt: skip


@pytest.fixture
def routed(cast, north):
    return agreed(cast, ROUTED, "2026-01-02")


def book(whose, begins=TUESDAY, at=MONDAY, note="Sizing"):
    with clock.moved_to(at):
        made = booking.book(whose, begins, note=note, zone="Europe/Berlin", language="en", at=at)
    work(at)
    return Booking.objects.select_related("task__owner", "task__lead").get(pk=made.pk)


def times(whose, at=MONDAY):
    with clock.moved_to(at):
        return booking.times(whose, at)


def logistics(name):
    return contact(name, company=company(name=f"{name} AG", industry="logistics").pk)


def test_the_routing_says_whose_times_they_see_and_with_whom_it_is(cast, north, routed):
    met = [book(logistics("Lea Lang")), book(contact("Otto Orlov"))]
    assert [one.task.owner for one in met] == [north, cast.ines]
    assert [one.routed_by for one in met] == ["Logistics to the north", "rest"]
    assert [(one.task.kind, one.task.what, one.task.due_at) for one in met] == [("meeting", "Sizing", TUESDAY)] * 2
    assert [one.task.lead.owner for one in met] == [north, cast.ines]


@pytest.mark.both
def test_a_lead_that_qualifies_by_it_is_handed_to_whom_they_will_meet(cast, north, routed):
    """The north has turns of its own; whoever was booked gets the hand-off, and the turn was theirs once."""
    found = book(logistics("Lea Lang"))
    handoff = Handoff.objects.get(lead=found.task.lead)
    assert (handoff.owner, handoff.state) == (north, "offered")
    assert sum(Turn.objects.values_list("standing", flat=True)) == 0
    touch = Touch.objects.get(kind="meeting")
    assert touch.properties["outcome"] == "booked"
    assert not Clock.objects.filter(handoff=handoff, state="kept").exists()


def test_it_is_with_whoever_has_the_lead_whatever_the_routing_says(cast, north, routed):
    handoff = accepted(handed("Anna Adler"), cast.ines)
    handoff.lead.contact.edit({"company": company(name="L", industry="logistics").pk}, seen=0, by=None, at=MONDAY)
    assert book(handoff.lead.contact).task.owner == cast.ines
    assert Handoff.objects.get().owner == cast.ines


def test_booking_stops_no_clock_of_the_house(cast, signed):
    handoff = handed("Anna Adler")
    book(handoff.lead.contact)
    handoff.refresh_from_db()
    assert handoff.state == "offered"
    assert not Touch.objects.filter(kind="meeting").exclude(properties__told_by="outside").exists()


def test_times_are_working_hours_less_absences_and_meetings_from_two_hours_on(cast, signed):
    anna = handed("Anna Adler").lead.contact
    free = times(anna)
    assert (free[0], free[-1]) == (on("2026-02-02T12:00:00"), on("2026-02-16T09:30:00"))
    assert len(free) == 10 + 9 * 16 + 2  # today from 12:00, nine whole days, and until 10:00 on the last
    cast.ines.take_leave(on("2026-02-03"), on("2026-02-04"), by=cast.saul.pk, at=MONDAY)
    Task.plan(owner=cast.ines, kind="meeting", due_at=on("2026-02-04T09:15:00"), by=cast.ines, at=MONDAY)
    Task.plan(owner=cast.ines, kind="call", due_at=on("2026-02-04T12:00:00"), by=cast.ines, at=MONDAY)
    gone = set(free) - set(times(anna))
    assert gone == {one for one in free if one.day == 3} | {on("2026-02-04T09:00:00"), on("2026-02-04T09:30:00")}


def test_no_time_is_offered_that_is_worked_in_part_only():
    half_past = on("2026-02-03T09:10:00")
    assert list(beginnings([(half_past, half_past + 2 * LENGTH)], [])) == [on("2026-02-03T09:30:00")]
    assert not list(beginnings([(half_past, half_past + LENGTH)], []))


def test_whoever_is_away_is_not_met_and_their_colleague_is(cast, north, routed):
    with clock.moved_to(MONDAY):
        north.take_leave(on("2026-02-03"), on("2026-02-05"), by=cast.saul.pk, at=MONDAY)
    lea = logistics("Lea Lang")
    assert {one.day for one in times(lea) if one.day < 6} == {2, 5}
    with pytest.raises(Taken):
        book(lea, on("2026-02-03T03:00:00"))
    assert not Lead.objects.exists()


@pytest.mark.both
def test_of_two_guests_who_want_the_same_time_of_the_same_member_one_gets_it(cast, north, routed):
    book(logistics("Lea Lang"))
    second = logistics("Lars Lund")
    assert TUESDAY not in times(second)
    assert book(second).task.owner == cast.ines  # the next route has somebody
    assert book(logistics("Lisa Lau")).task.owner == cast.saul  # and then whoever takes what overflows
    with pytest.raises(Taken):
        book(logistics("Lotte Lie"))


def test_a_double_click_books_once(cast, post, routed):
    otto = contact("Otto Orlov", email="otto@orlov.example")
    assert book(otto) == book(otto)
    assert Task.objects.count() == 1
    assert Mail.objects.count() == 2


@pytest.mark.both
def test_moving_it_is_the_same_meeting_at_another_time_and_both_are_told(cast, post, routed):
    otto = contact("Otto Orlov", email="otto@orlov.example")
    first = book(otto)
    later = book(otto, TUESDAY + 4 * LENGTH, MONDAY + timedelta(minutes=5))
    assert (later, later.changes, later.task.due_at) == (first, 1, TUESDAY + 4 * LENGTH)
    assert TUESDAY in times(contact("Ole Olsen"))
    said = sorted(Mail.objects.values_list("to", "subject"))
    assert said == [
        ("ines@house.example", "Otto Orlov has booked a meeting with you"),
        ("ines@house.example", "Otto Orlov has moved the meeting with you"),
        ("otto@orlov.example", f"Meeting with Ines Ito, Accord: {BERLIN % '11:00'}"),
        ("otto@orlov.example", f"Meeting with Ines Ito, Accord: {BERLIN % '13:00'}"),
    ]  # fmt: skip


BERLIN = "Tuesday, February 3, 2026 %s Central European Standard Time"


def test_what_a_calendar_takes_in_names_the_same_meeting_newer(cast, post, routed):
    otto = contact("Otto Orlov", email="otto@orlov.example")
    book(otto)
    book(otto, TUESDAY + 4 * LENGTH, MONDAY + timedelta(minutes=5))
    with clock.moved_to(MONDAY + timedelta(minutes=9)):
        booking.call_off(Booking.objects.get(), MONDAY + timedelta(minutes=9))
    work(MONDAY + timedelta(minutes=9))
    with post.open(), clock.moved_to(MONDAY + timedelta(minutes=10)):
        send_due(MONDAY + timedelta(minutes=10))
    parts = [part for mail in post.arrived if "otto" in mail["to"] for part in mail.walk()]
    calendars = [part for part in parts if part.get_content_type() == "text/calendar"]
    events = [Calendar.from_ical(part.get_content()).walk("VEVENT")[0] for part in calendars]
    assert [part.get_param("method") for part in calendars] == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({event["uid"] for event in events}) == 1
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert [event["status"] for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert events[1].decoded("dtstart") == TUESDAY + 4 * LENGTH


def test_called_off_there_is_nothing_to_do_and_the_time_is_free(cast, routed):
    otto = contact("Otto Orlov")
    booking.call_off(book(otto), MONDAY)
    work(MONDAY)
    assert not Task.objects.open().exists()
    assert Booking.of(otto, MONDAY) is None
    assert TUESDAY in times(otto)
    booking.call_off(Booking.objects.get(), MONDAY)
    assert Fact.objects.filter(kind="meeting_called_off").count() == 1


def test_a_seller_who_puts_it_off_tells_the_guest(cast, post, routed):
    made = book(contact("Otto Orlov", email="otto@orlov.example"))
    made.task.snooze(TUESDAY + 2 * LENGTH, by=cast.ines, at=MONDAY)
    work(MONDAY)
    assert Mail.objects.filter(to="otto@orlov.example").last().subject.endswith(BERLIN % "12:00")


@pytest.mark.parametrize("move", ["lost", "disqualified"])
def test_a_lead_that_ends_takes_its_meeting_along_and_the_guest_is_told(cast, post, routed, move):
    made = book(contact("Otto Orlov", email="otto@orlov.example"))
    with clock.moved_to(MONDAY):
        Lead.objects.get(pk=made.task.lead_id).move(move, by=cast.saul.pk, at=MONDAY, reason="a competitor")
    work(MONDAY)
    assert Mail.objects.filter(to="otto@orlov.example").last().subject == "Called off: Meeting with Ines Ito, Accord"
    made.refresh_from_db()
    assert made.called_off_at == MONDAY


def test_where_nobody_signed_anything_whoever_is_accountable_is_met(cast):
    assert book(contact("Otto Orlov")).task.owner == cast.saul


def test_as_many_queries_for_one_colleague_as_for_many(cast, north, routed, django_assert_max_num_queries):
    otto = contact("Otto Orlov")
    times(otto)
    for n in range(5):
        with clock.moved_to(on("2025-12-30")):
            Member.join(
                email=f"i{n}@house.example", name=f"Ida {n}", role="inside_sales", team=cast.ines.team, by=None,
                at=on("2025-12-30"), password="a long password",
            )  # fmt: skip
    with django_assert_max_num_queries(30):
        times(otto)
