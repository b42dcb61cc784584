"""A sales lead takes a lead back from a seller who has not called, and gives it to another."""

import pytest
from playwright.sync_api import Page, expect

from accord.rooms.funnel.models import Lead
from accord.rooms.promises.models import Clock
from accord.rooms.team.models import Member
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.rooms.promises.days import seller, swept
from tests.scenarios.living import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed", "monday")]
LATE = "2026-01-30T13:00:00"


@pytest.fixture
def late(cast, promised) -> Lead:
    """Handed over on Friday, and on Monday at ten nobody has called; Nina has come to the house since."""
    handoff = handed("Late Lea", LATE)
    swept("2026-02-02T09:59:00")
    return handoff.lead


@pytest.fixture
def nina(late) -> Member:
    return seller("nina")


def reassigned(saul: Page, sound) -> None:
    """From the broken promise to the lead, and from there to Nina."""
    section = saul.locator("section", has=saul.get_by_role("heading", name="Promises of sales that were broken"))
    expect(section).to_contain_text("First contact is owed by Ines Ito.")
    sound(saul)
    section.get_by_role("link", name="Late Lea").click()
    expect(saul.get_by_role("heading", level=1)).to_have_text("Late Lea")
    sound(saul)
    saul.get_by_label("Owner", exact=True).select_option("Nina")
    saul.get_by_role("button", name="Give").click()
    expect(saul.locator("#toasts")).to_contain_text("Given to Nina.")
    work(MONDAY)


def test_what_was_not_answered_is_given_to_somebody_else(cast, late, nina, opened, sound):
    saul = opened(cast.saul, "/today/")
    reassigned(saul, sound)
    page = opened(nina, "/desk/")
    expect(page.locator(".desk-lead h2")).to_have_text("Late Lea")
    expect(page.locator(".desk-lead .clock")).to_have_attribute("data-state", "over")
    page.get_by_text("Why me?").click()
    why = page.get_by_role("region", name="Why them?")
    expect(why).to_contain_text("Given by hand")
    sound(page)
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#toasts")).to_contain_text("Accepted: Late Lea is yours.")
    ines = opened(cast.ines, "/desk/")
    expect(ines.locator(".desk-lead")).to_contain_text("Nothing waits for you")
    # Passing it on has not made it kept.
    assert Clock.objects.get(promise="first_contact").state == "broken"


def test_what_was_accepted_and_never_called_as_well(cast, late, nina, opened, sound):
    handoff = late.handoffs.get()
    accepted(handoff, cast.ines, "2026-02-02T09:59:30")
    saul = opened(cast.saul, "/today/")
    reassigned(saul, sound)
    page = opened(nina, "/desk/")
    expect(page.locator(".desk-lead h2")).to_have_text("Late Lea")
    expect(page.locator(".desk-lead")).to_contain_text("Given to you")
    ines = opened(cast.ines, "/desk/")
    expect(ines.locator(".desk-lead")).to_contain_text("Nothing waits for you")
