"""In a browser: an inside seller's day by keyboard alone, a field seller's on a phone, and that nothing complains."""

import re

import pytest
from playwright.sync_api import Page, expect

from accord.kernel import clock
from accord.rooms.capture.models import Touch
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff, Return
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.scenarios.living import on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed")]


@pytest.fixture
def monday():
    with clock.moved_to(MONDAY):
        yield


def pressed(page: Page, *keys: str) -> int:
    """Press keys one after the other; how many they were."""
    for key in keys:
        page.keyboard.press(key)
    return len(keys)


def at_the_centre(page: Page, name: str) -> None:
    expect(page.locator(".desk-lead h2")).to_have_text(name)


def test_an_inside_sellers_day_by_keyboard_alone(thawed, cast, signed, opened, monday):
    first, second = handed("Anna Adler", "2026-02-02T07:00:00"), handed("Bea Berg", "2026-02-02T08:00:00")
    page = opened(cast.ines, "/")
    expect(page).to_have_url(re.compile("/desk/$"))
    at_the_centre(page, "Anna Adler")

    pressed(page, "a")
    expect(page.locator("#toasts")).to_contain_text("Accepted: Anna Adler is yours.")
    expect(page.locator(".desk-lead .path [aria-current]")).to_have_text("SAL")

    keys = pressed(page, "c")
    expect(page.get_by_role("radio", name="Reached")).to_be_focused()
    keys += pressed(page, "1")
    expect(page.get_by_role("textbox", name="Note")).to_be_focused()
    page.keyboard.type("j k a: keys are off while I type")
    keys += pressed(page, "Tab", "2")
    with page.expect_navigation():
        keys += pressed(page, "Enter")
    assert keys <= 6
    expect(page.locator("#toasts")).to_contain_text("Logged: We called.")
    at_the_centre(page, "Anna Adler")
    touch, task = Touch.objects.get(kind="call_out"), Task.objects.get()
    assert (touch.properties["outcome"], touch.properties["note"]) == ("reached", "j k a: keys are off while I type")
    assert (task.lead_id, task.due_at) == (first.lead_id, on("2026-02-03T09:00:00"))
    assert Handoff.objects.get(pk=second.pk).state == "offered"

    pressed(page, "j")
    at_the_centre(page, "Bea Berg")
    pressed(page, "r")
    expect(page.get_by_role("radio", name="Not now")).to_be_focused()
    pressed(page, "2")
    expect(page.get_by_role("textbox", name="Note")).to_be_focused()
    page.keyboard.type("a student")
    with page.expect_navigation():
        pressed(page, "Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Returned to marketing: Bea Berg, “Does not fit”.")
    assert (Return.objects.get().reason, Return.objects.get().note) == ("no_fit", "a student")
    assert Lead.objects.get(pk=second.lead_id).stage == "engaged"

    pressed(page, "?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_visible()


def test_the_queue_is_walked_without_losing_a_key_and_the_help_lists_them(thawed, cast, signed, opened, monday):
    for hour, name in enumerate(("Anna Adler", "Bea Berg", "Cleo Cruz")):
        accepted(handed(name, f"2026-02-02T0{hour}:00:00"), cast.ines, f"2026-02-02T0{hour + 4}:00:00")
    page = opened(cast.ines, "/desk/")
    for key, name in (
        ("j", "Bea Berg"),
        ("j", "Cleo Cruz"),
        ("j", "Cleo Cruz"),
        ("k", "Bea Berg"),
        ("k", "Anna Adler"),
    ):
        pressed(page, key)
        at_the_centre(page, name)
    expect(page).to_have_url(re.compile(r"/desk/\?lead=\d+$"))
    pressed(page, "n")
    expect(page.get_by_role("textbox", name="Note")).to_be_focused()
    page.keyboard.type("jjj")
    pressed(page, "Escape", "j")
    at_the_centre(page, "Bea Berg")
    pressed(page, "?")
    keys = page.locator("#shortcuts [data-of-page] kbd").all_inner_texts()
    assert sorted(keys) == ["c", "e", "j", "k", "n", "r", "v"]


def test_marketing_takes_up_what_came_back_with_one_key(thawed, cast, signed, opened, monday):
    one = handed()
    one.give_back("timing", by=cast.ines, at=MONDAY)
    page = opened(cast.mara, "/returns/")
    with page.expect_navigation():
        pressed(page, "t")
    expect(page.locator("#toasts")).to_contain_text("Taken up: Anna Adler is yours.")
    assert Return.objects.get().taken_up_by == cast.mara


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_runs_out_of_the_page(thawed, cast, signed, opened, monday, width):
    handed("Anna Adler with a name that is rather long and a company to match")
    page = opened(cast.ines, "/desk/", viewport={"width": width, "height": 800})
    page.get_by_text("Why me?").click()
    expect(page.get_by_text("got it")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_call_is_logged_with_a_thumb(thawed, cast, signed, opened, monday):
    one = accepted(handed(), cast.ines)
    page = opened(cast.ines, "/desk/", viewport={"width": 390, "height": 800})
    page.locator(".thumbbar").get_by_role("link", name="Call").click()
    page.get_by_label("Left a voice message").check()
    page.get_by_label("Next working day").check()
    page.get_by_role("button", name="Log it").click()
    expect(page.locator("#toasts")).to_contain_text("Logged: We called.")
    assert Task.objects.get().lead_id == one.lead_id


def test_a_time_that_is_filled_in_is_the_one_that_is_meant(thawed, cast, signed, opened, monday):
    page = opened(cast.ines, "/tasks/new/")
    page.get_by_role("radio", name="Call").check()
    page.get_by_label("Day and time").fill("2026-02-03T10:00")
    expect(page.get_by_role("radio", name="At this time:")).to_be_checked()
    page.get_by_role("button", name="Plan it").click()
    expect(page.locator("#toasts")).to_contain_text("Planned: Call, Tuesday, February 3, 2026 10:00 UTC.")


def test_the_keys_are_listed_by_a_click_too(thawed, cast, signed, opened, monday):
    handed("Anna Adler", "2026-02-02T07:00:00")
    page = opened(cast.ines, "/desk/")
    page.get_by_role("button", name="all keys").click()
    expect(page.locator("#shortcuts")).to_contain_text("Log a call")
