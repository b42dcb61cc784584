"""In a browser: a visitor asks, and the page shows the lead qualified without being asked for again."""

import pytest
from playwright.sync_api import expect

from accord.kernel import clock
from accord.rooms.trail import visitor
from tests.rooms.desk.conftest import MONDAY
from tests.web.trail.conftest import worked

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed")]


@pytest.fixture
def monday():
    with clock.moved_to(MONDAY):
        yield


def test_a_press_lets_a_visitor_ask_and_the_lead_qualifies(thawed, cast, simulated, opened, monday):
    page = opened(cast.mara, "/today/")
    page.get_by_role("button", name="Let a visitor ask for a quotation").first.click()
    expect(page.locator("[data-step=qualifies][data-state=done]")).to_be_visible()
    page.locator("[data-step=qualifies] summary").click()
    page.locator("[data-step=qualifies]").get_by_role("link", name="Show the lead").click()
    expect(page.get_by_role("heading", name="Anna Adler")).to_be_visible()


def test_what_the_worker_judges_later_comes_into_the_page(thawed, cast, simulated, opened, monday):
    visitor.ask(at=MONDAY)
    page = opened(cast.mara, "/today/")
    expect(page.locator("[data-step=qualifies][data-state=now]")).to_be_visible()
    worked()
    expect(page.locator("[data-step=qualifies][data-state=done]")).to_be_visible()
    expect(page.locator("#trail[hx-trigger]")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("address", ["/today/", "/trail/"])
def test_nothing_runs_out_of_the_page_and_axe_finds_nothing(
    thawed, cast, simulated, opened, sound, monday, width, address
):
    visitor.ask(at=MONDAY)
    worked()
    page = opened(cast.mara, address, viewport={"width": width, "height": 800})
    expect(page.get_by_role("heading", name="Seven steps around the loop")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    sound(page)
