"""A field seller between two visits: a phone of 390 px, held in one hand."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accord.rooms.capture.models import Touch
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from tests.journeys.conftest import called
from tests.rooms.desk.conftest import handed
from tests.scenarios.living import moved, on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed", "monday")]
WIDE, THUMB = 390, 40  # px
PHONE = {"viewport": {"width": WIDE, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def offered(cast, promised) -> Lead:
    """Inside sales has checked the lead, and field sales is to answer."""
    handoff = handed("Anna Adler", "2026-01-29T09:00:00")
    lead = called(handoff, cast.ines, "2026-01-29T10:00:00", then="2026-01-30T09:00:00")
    moved(lead.contact, "to_sql", "2026-02-02T08:30:00")
    assert Handoff.objects.get(kind="to_field").owner == cast.felix
    return lead


def test_a_visit_is_prepared_and_logged_with_a_thumb(cast, offered, opened, sound):
    page = opened(cast.felix, "/desk/", **PHONE)
    fits(page)
    expect(page.locator(".desk-lead h2")).to_have_text("Anna Adler")
    sound(page)
    number = page.get_by_role("link", name="+49 30 1234567").last
    expect(number).to_have_attribute("href", re.compile(r"^tel:\+49"))
    assert height(number) >= THUMB
    accepts(page)
    logs(page, sound)
    # The call that inside sales had promised came with the lead.
    _theirs, task = Task.objects.open().filter(lead=offered, owner=cast.felix).order_by("id")
    touch = Touch.objects.get(kind="meeting")
    assert (touch.properties["outcome"], touch.properties["note"]) == ("held", "two pumps, by May")
    assert (task.kind, task.due_at) == ("call", on("2026-02-03T09:00:00"))
    page.goto(page.url.split("/desk/")[0] + f"/leads/{offered.pk}/")
    fits(page)
    sound(page)
    expect(page.locator("#steps")).to_contain_text("Call")


def accepts(page: Page) -> None:
    pressed(page.get_by_role("button", name="Accept"))
    expect(page.locator("#toasts")).to_contain_text("Accepted: Anna Adler is yours.")
    fits(page)


def logs(page: Page, sound) -> None:
    pressed(page.locator(".thumbbar").get_by_role("link", name="Call"))
    expect(page.locator("#act")).to_contain_text("Outcome")
    fits(page)
    pressed(page.get_by_role("link", name="We met"))
    expect(page.get_by_label("Took place")).to_be_attached()
    pressed(page.locator("label", has_text="Took place"))
    page.get_by_label("Note", exact=True).fill("two pumps, by May")
    pressed(page.locator("label", has_text="Next working day"))
    fits(page)
    sound(page)
    pressed(page.get_by_role("button", name="Log it"))
    expect(page.locator("#toasts")).to_contain_text("Logged")
    fits(page)


def pressed(target: Locator) -> None:
    """With a thumb, for which it is high enough."""
    assert height(target) >= THUMB, target
    target.tap()


def height(target: Locator) -> float:
    box = target.bounding_box()
    return box["height"] if box else 0


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == WIDE
