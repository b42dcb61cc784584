"""A guest books, moves and calls off a meeting; whoever has their lead sees it."""

import pytest
from playwright.sync_api import Page, expect

from accord.rooms.desk.models import Booking, Task
from accord.rooms.people.personal import token_of
from tests.rooms.desk.conftest import handed
from tests.scenarios.living import on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed", "monday")]
SAYS = {"name": "What is it about?"}


@pytest.fixture
def guest(browser, live_server):
    """A browser in Shanghai that nobody is signed in with."""
    context = browser.new_context(locale="en-GB", timezone_id="Asia/Shanghai", viewport={"width": 390, "height": 800})
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def test_a_guest_books_by_keyboard_at_their_own_hours_moves_it_and_calls_it_off(
    cast, promised, guest, live_server, opened, sound
):
    lead = handed("Anna Adler").lead
    guest.goto(f"{live_server.url}/book/{token_of(lead.contact)}/")
    expect(guest.locator("#zone")).to_have_value("Asia/Shanghai")
    sound(guest)
    books_by_keyboard(guest)
    expect(guest.locator("h1")).to_have_text("Your meeting")
    expect(guest.locator("main")).to_contain_text("20:00 China Standard Time")
    expect(guest.locator("main")).to_contain_text("With Ines Ito")
    sound(guest)
    assert Task.objects.get(kind="meeting").due_at == on("2026-02-02T12:00:00")
    seller = opened(cast.ines, f"/leads/{lead.pk}/")
    expect(seller.locator("#steps")).to_contain_text("booked by them")
    expect(seller.locator("#timeline")).to_contain_text("They booked a meeting")
    moves_and_calls_off(guest)
    assert Booking.objects.get().called_off_at is not None


def books_by_keyboard(page: Page) -> None:
    note = page.get_by_role("textbox", **SAYS)
    note.focus()
    page.keyboard.type("Sizing")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Choose a time")
    assert not Task.objects.filter(kind="meeting").exists()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def moves_and_calls_off(page: Page) -> None:
    page.get_by_role("link", name="Another time").click()
    page.get_by_role("button", name="21:00").first.click()
    expect(page.locator("main")).to_contain_text("21:00 China Standard Time")
    page.get_by_role("button", name="Call it off").click()
    expect(page.locator("h1")).to_have_text("Choose a time")
