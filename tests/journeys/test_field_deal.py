"""A field seller and their pipeline: by keyboard alone on a desk, by dragging, and on a phone."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accord.kernel import clock
from accord.rooms.funnel.models import Deal, Lead
from tests.scenarios.living import company, contact, on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed", "monday")]
WIDE = 390  # px
PHONE = {"viewport": {"width": WIDE, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def deals(cast) -> list[Deal]:
    return [sold(cast, name, stage) for name, stage in (("Pumps", "qualified"), ("Valves", "proposal"))]


def sold(cast, name: str, stage: str) -> Deal:
    at = on("2026-01-30T09:00:00")
    with clock.moved_to(at):
        whose = contact(f"Anna {name}", company=company(name=f"{name} AG").pk)
        lead = Lead.open(whose, entry="own_prospecting", owner=cast.felix, by=cast.felix.pk, at=at)
        values = {"name": name, "stage": stage, "amount": 24_000_00, "currency": "EUR", "owner": cast.felix.pk}
        return Deal.open(lead=lead, values=values, by=cast.felix.pk, at=at)


def column(page: Page, name: str):
    return page.get_by_role("region", name="Board").locator(f"section[aria-label='{name}']")


def pressed(page: Page, name: str, card: str) -> None:
    """In the menu of a card, with keys alone."""
    page.get_by_label(f"Move “{card}” to …").focus()
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            page.keyboard.press("Enter")
            return
    pytest.fail(f"The menu does not lead to {name} by keys.")


def test_by_keyboard_a_deal_moves_on_and_is_lost_for_now(cast, deals, opened, sound):
    pumps = deals[0]
    page = opened(cast.felix, "/pipeline/?view=mine")
    sound(page)
    pressed(page, "Proposal", "Pumps")
    expect(column(page, "Proposal").locator(".k-title")).to_have_text(["Pumps", "Valves"])
    expect(page.locator("#toasts")).to_contain_text("“Pumps” is in Proposal now.")
    expect(page).to_have_url(re.compile(r"/pipeline/\?view=mine$"))
    expect(page.get_by_label("Move “Pumps” to …")).to_be_focused()
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    sound(page)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(column(page, "Qualified").locator(".k-title")).to_have_text(["Pumps"])
    pressed(page, "Lost", "Pumps")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lost")
    sound(page)
    page.get_by_label("Why was it lost?").select_option("not_now")
    page.get_by_label("Come back on").fill((clock.now().date() + timedelta(days=90)).isoformat())
    page.get_by_role("button", name="Mark as lost").press("Enter")
    expect(page).to_have_url(re.compile(r"/pipeline/\?view=mine$"))
    expect(page.locator(".k-title")).to_have_text(["Valves"])
    page.get_by_role("link", name="To come back").press("Enter")
    expect(page.locator("tbody tr")).to_contain_text("Not now")
    sound(page)
    pumps.refresh_from_db()
    assert (pumps.outcome, pumps.reason, pumps.lead.stage) == ("lost", "not_now", "lost")


def test_a_card_is_dragged_to_a_column_and_to_an_exit(cast, deals, opened):
    page = opened(cast.felix, "/pipeline/")
    expect(page.locator(".k-exits")).to_be_hidden()
    page.locator(f"#deal-{deals[0].pk}").drag_to(column(page, "Negotiation"))
    expect(column(page, "Negotiation").locator(".k-title")).to_have_text(["Pumps"])
    assert Deal.objects.get(pk=deals[0].pk).stage == "negotiation"
    page.locator(f"#deal-{deals[0].pk}").hover()
    page.mouse.down()
    page.mouse.move(600, 400, steps=4)
    expect(page.locator(".k-exits")).to_be_visible()
    page.locator("[data-exit=won].k-exit").hover()
    page.locator("[data-exit=won].k-exit").hover()
    page.mouse.up()
    expect(page.get_by_role("heading", level=1)).to_have_text("Won")


def test_on_a_phone_the_columns_are_leafed_through(cast, deals, opened, sound):
    page = opened(cast.felix, "/pipeline/", **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == WIDE
    sound(page)
    page.get_by_label("Move “Pumps” to …").tap()
    page.get_by_role("button", name="Signing").first.tap()
    expect(column(page, "Signing").locator(".k-title")).to_have_text(["Pumps"])
    assert page.evaluate("document.documentElement.scrollWidth") == WIDE
