"""What a guest sees: choosing, moving, calling off, at the hours of where they are, and nothing about anybody else."""

import re
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from icalendar import Calendar

from accord.kernel import clock
from accord.rooms.capture.models import Touch
from accord.rooms.desk.models import Booking, Task
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Company, Contact, Merge
from accord.rooms.people.personal import booking_path, token_of
from accord.rooms.team.models import ApiKey
from tests.remembered import remembered
from tests.rooms.desk.conftest import MONDAY, handed
from tests.scenarios.living import contact, on
from tests.web.page import words

BEGINS = "2026-02-03T11:00:00+01:00"
NO_TIMES = ("soon", "2026-02-03T11:00:00", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00")


@pytest.fixture(autouse=True)
def often():
    cache.clear()


@pytest.fixture
def guest():
    browser = Client()

    def go(address, data=None, **more):
        with clock.moved_to(MONDAY):
            return browser.get(address, **more) if data is None else browser.post(address, data, **more)

    return go


@pytest.fixture
@remembered
def anna(cast, signed) -> Contact:
    return handed("Anna Adler", email="anna@adler.example").lead.contact


@pytest.fixture
def key(cast) -> str:
    return ApiKey.make(name="Site", scope="capture", role="marketing", by=cast.mila, at=MONDAY)[1]


def main(answer) -> str:
    """The text of the sheet: without the languages and the list of zones."""
    body = re.sub(r"<select.*?</select>", " ", answer.content.decode(), flags=re.DOTALL)
    inner = body[body.index('<div class="outside-sheet">') : body.index('<div class="outside-foot">')]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", inner)).split())


def at(contact) -> str:
    return f"/book/{token_of(contact)}/"


def test_a_guest_chooses_a_time_and_sees_their_meeting(anna, cast, guest):
    page = guest(f"{at(anna)}?zone=Europe/Berlin")
    assert "A meeting with Ines Ito takes 30 minutes." in main(page)
    assert "Tue, Feb 3 16 times 10:00 10:30" in main(page)
    assert f'value="{BEGINS}">11:00</button>' in page.content.decode()
    booked = guest(at(anna), {"begins": BEGINS, "zone": "Europe/Berlin", "note": "Sizing"}, follow=True)
    assert main(booked) == (
        "Your meeting Tuesday, February 3, 2026 11:00 Central European Standard Time With Ines Ito, Accord Sizing"
        " Into my calendar Another time Call it off"
    )
    task = Task.objects.get()
    assert (task.due_at, task.owner, task.what) == (on("2026-02-03T10:00:00"), cast.ines, "Sizing")


def test_it_is_moved_and_called_off(anna, guest):
    guest(at(anna), {"begins": BEGINS, "zone": "Europe/Berlin"})
    other = main(guest(f"{at(anna)}?other=1"))
    assert "Until you choose, it remains Tuesday, February 3, 2026 11:00 Central European Standard Time" in other
    guest(at(anna), {"begins": "2026-02-03T12:00:00+01:00", "zone": "Europe/Berlin"})
    assert "12:00 Central European Standard Time" in main(guest(at(anna)))
    again = guest(f"{at(anna)}calling-off/", {}, follow=True)
    assert main(again).startswith("Choose a time")
    assert Booking.objects.get().called_off_at == MONDAY


def test_a_time_that_is_gone_is_said_with_what_is_free(anna, guest):
    page = guest(at(anna), {"begins": "2026-02-03T03:00:00+01:00", "zone": "Europe/Berlin"})
    assert page.status_code == 409
    assert "This time is not free any more. Choose another one." in main(page)
    assert "A meeting with Ines Ito takes 30 minutes." in main(page)
    assert "Tue, Feb 3 16 times 10:00 10:30" in main(page)
    assert not Task.objects.exists()


@pytest.mark.parametrize("begins", ["", "soon", "2026-02-03T11:00:00", "9" * 60])
def test_what_is_no_time_is_refused_in_words(anna, guest, begins):
    page = guest(at(anna), {"begins": begins, "zone": "Mars/Olympus"})
    assert page.status_code == 422
    assert not Task.objects.exists()


@pytest.mark.parametrize("token", ["1", "1:abc", "x", "9999999:abc"])
def test_an_address_that_was_not_given_is_unknown(anna, guest, token):
    for address in (f"/book/{token}/", f"/book/{token}/meeting.ics"):
        assert guest(address).status_code == 404
    assert guest(f"/book/{token}/calling-off/", {}).status_code == 404


def test_an_address_is_of_one_contact_and_follows_them_where_they_are_merged(anna, cast, guest):
    with clock.moved_to(MONDAY):
        double = contact("Anna A.")
        token = token_of(double)
        Merge.of(anna, double, reason="the same", by=cast.ines.pk, at=MONDAY)
    guest(f"/book/{token}/", {"begins": BEGINS})
    assert Task.objects.get().lead.contact == anna


def test_the_calendar_file_names_the_meeting(anna, guest):
    assert guest(f"{at(anna)}meeting.ics").headers["Location"] == at(anna)
    guest(at(anna), {"begins": BEGINS, "zone": "Europe/Berlin"})
    (event,) = Calendar.from_ical(guest(f"{at(anna)}meeting.ics").content).walk("VEVENT")
    assert (str(event["summary"]), event.decoded("dtstart")) == (
        "Meeting with Ines Ito, Accord", on("2026-02-03T10:00:00"),
    )  # fmt: skip


def test_whoever_asks_on_the_site_becomes_a_contact_with_a_touch_and_goes_on_to_choose(cast, signed, key, guest):
    said = {"name": "Otto Orlov", "email": "Otto@Orlov.example", "company": "Orlov AG"}
    page = guest(f"/meet/{key}/?utm_campaign=spring&utm_medium=cpc", said, follow=True)
    otto = Contact.objects.get(email_norm="otto@orlov.example")
    assert main(page).startswith("Choose a time")
    assert (otto.name, otto.company) == ("Otto Orlov", Company.objects.get(name="Orlov AG"))
    touch = Touch.objects.get(kind="form")
    assert (touch.campaign, touch.channel, touch.properties) == ("spring", "cpc", {"form": "meeting"})
    assert "A meeting with Accord takes 30 minutes." in main(page)
    ((visit, _status),) = page.redirect_chain
    booked = guest(visit, {"begins": BEGINS, "zone": "Europe/Berlin"})
    assert "Tuesday, February 3, 2026 11:00 Central European Standard Time With Ines Ito" in main(booked)
    assert token_of(otto) not in booked.content.decode()
    assert Lead.objects.get(contact=otto).owner == cast.ines


def test_somebody_who_is_known_is_found_by_the_address_and_not_changed(anna, key, guest):
    said = {"name": "Mallory", "email": "ANNA@adler.example", "company": "Evil AG"}
    assert guest(f"/meet/{key}/", said).status_code == 302
    anna.refresh_from_db()
    assert anna.name == "Anna Adler"
    assert not Company.objects.filter(name="Evil AG").exists()


def test_whoever_says_that_they_are_somebody_sees_and_moves_nothing_of_theirs(anna, key, guest):
    """The mail about a meeting goes to the mailbox, and with it what moves it."""
    guest(at(anna), {"begins": BEGINS, "zone": "Europe/Berlin", "note": "Secret plans"})
    visit = guest(f"/meet/{key}/", {"name": "Mallory", "email": "anna@adler.example"}).headers["Location"]
    later = {"begins": "2026-02-03T12:00:00+01:00", "zone": "Europe/Berlin"}
    for page, status in ((guest(visit), 200), (guest(f"{visit}?other=1"), 200), (guest(visit, later), 409)):
        assert page.status_code == status
        assert main(page).startswith("A meeting is booked already")
        assert "Ines" not in page.content.decode()
        assert token_of(anna) not in page.content.decode()
    assert Task.objects.get().due_at == on("2026-02-03T10:00:00")


def test_a_visit_lasts_a_day_and_is_of_this_page_alone(anna, key, guest):
    visit = guest(f"/meet/{key}/", {"name": "Anna", "email": "anna@adler.example"}).headers["Location"].split("/")[-2]
    assert guest(f"/book/{visit}/").status_code == 404
    assert guest(f"/meet/{key}/{token_of(anna)}/").headers["Location"] == f"/meet/{key}/"
    assert guest(f"/meet/acc_unknown/{visit}/").status_code == 404


def test_the_page_of_a_site_goes_with_its_key(cast, key, guest):
    assert guest(f"/meet/{key}/").status_code == 200
    ApiKey.held_by(key, "capture").revoke(by=None, at=MONDAY)
    assert guest(f"/meet/{key}/").status_code == 404
    assert guest("/meet/acc_unknown/").status_code == 404


def test_a_key_that_nobody_is_to_read_opens_no_page(cast, guest, as_):
    """The key of a telephone system stands in no address."""
    made, secret = ApiKey.make(name="Telephone", scope="capture", role="inside_sales", by=cast.mila, at=MONDAY)
    assert guest(f"/meet/{secret}/").status_code == 404
    assert "/meet/" not in as_(cast.mila).get(f"/sources/{made.pk}/").content.decode()


def test_an_address_that_is_none_is_refused_in_words(cast, key, guest):
    page = guest(f"/meet/{key}/", {"name": "O", "email": "nowhere", "company": ""})
    assert page.status_code == 422
    assert "e-mail address" in main(page)
    assert not Contact.objects.exists()


def test_nobody_fills_the_calendars_of_a_house(cast, signed, key, guest, settings):
    told = [guest(f"/meet/{key}/", {"name": f"G {n}", "email": f"g{n}@x.example"}).status_code for n in range(22)]
    assert told == [302] * 20 + [429] * 2


def test_the_address_stands_on_the_page_of_the_lead_and_in_letters(anna, cast, as_):
    lead = Lead.objects.get(contact=anna)
    with clock.moved_to(MONDAY):
        assert f"http://testserver{booking_path(anna)}" in as_(cast.ines).get(f"/leads/{lead.pk}/").content.decode()


def test_the_seller_sees_that_they_chose_the_time_themselves(anna, cast, as_, guest):
    guest(at(anna), {"begins": BEGINS, "zone": "Europe/Berlin", "note": "Sizing"})
    with clock.moved_to(MONDAY):
        page = as_(cast.ines).get(f"/leads/{Lead.objects.get(contact=anna).pk}/")
    said = words(page)
    assert "Meet Sizing" in said
    assert "booked by them" in said
    assert "They booked a meeting" in said


def test_as_many_queries_for_a_page_of_times_with_many_meetings(anna, cast, guest, django_assert_max_num_queries):
    guest(at(anna))
    for hour in range(9, 16):
        Task.plan(owner=cast.ines, kind="meeting", due_at=on(f"2026-02-05T{hour:02}:00:00"), by=cast.ines, at=MONDAY)
    with django_assert_max_num_queries(30):
        page = guest(f"{at(anna)}?zone=UTC")
    assert re.search(r"Thu, Feb 5 9 times ", main(page))


@pytest.mark.parametrize("begins", NO_TIMES)
def test_a_time_that_is_none_is_asked_for_again(anna, guest, begins):
    answer = guest(at(anna), {"begins": begins})
    assert answer.status_code == 422
    assert "Choose one of the times." in main(answer)
    assert not Booking.objects.exists()
