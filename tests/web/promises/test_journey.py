"""In a browser: from the page to the lead behind a breach, and that a phone shows all of it."""

import re

import pytest
from playwright.sync_api import expect

from accord.kernel import clock
from tests.rooms.promises.conftest import AGREED
from tests.rooms.promises.days import swept
from tests.scenarios.living import agreed, contact, on, touch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed")]


@pytest.fixture
def at():
    return on("2025-12-30")


def test_from_a_number_to_its_clocks_and_from_there_to_the_lead(thawed, cast, opened):
    agreed(cast, AGREED.format(mode="enforced"), "2026-01-02")
    touch(contact("Anna Adler"), "download", "2026-02-02T09:00:00")
    swept("2026-02-02T13:30:00")
    with clock.moved_to(on("2026-02-02T14:00:00")):
        page = opened(cast.saul, "/promises/", viewport={"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        marketing, sales = (page.locator(f"section[data-side={side}]") for side in ("marketing", "sales"))
        expect(sales).to_contain_text("too few yet 1 of 30")
        assert abs(marketing.bounding_box()["width"] - sales.bounding_box()["width"]) <= 1
        sales.get_by_role("link", name="Broken 1").click()
        expect(page).to_have_url(re.compile("/promises/clocks/"))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("link", name="Anna Adler").click()
        expect(page).to_have_url(re.compile(r"/leads/\d+/$"))


def test_another_period_is_shown_at_once(thawed, cast, opened):
    agreed(cast, AGREED.format(mode="enforced"), "2026-01-02")
    with clock.moved_to(on("2026-02-02T14:00:00")):
        page = opened(cast.mara, "/promises/")
        page.get_by_label("Period").last.select_option("52")
        expect(page).to_have_url(re.compile("weeks=52"))
        expect(page.get_by_role("heading", name="Sales promises")).to_be_visible()
