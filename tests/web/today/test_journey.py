"""In a browser: what waits is done from the page itself, and nothing runs out of it."""

import pytest
from playwright.sync_api import expect

from accord.kernel import clock
from accord.rooms.handoff.models import Return
from tests.rooms.desk.conftest import MONDAY, handed
from tests.web.today.test_today import returned

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed")]


@pytest.fixture
def monday():
    with clock.moved_to(MONDAY):
        yield


def test_a_marketer_takes_up_what_came_back(thawed, cast, promised, opened, monday):
    returned(cast, "Bea Berg", note="after the summer")
    page = opened(cast.mara, "/")
    expect(page.get_by_role("heading", name="Returned, to take up again")).to_be_visible()
    page.get_by_role("button", name="Take up").click()
    expect(page.locator("#toasts")).to_contain_text("Taken up: Bea Berg is yours.")
    assert Return.objects.get().taken_up_by == cast.mara


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("who", ["ines", "mara", "saul"])
def test_nothing_runs_out_of_the_page(thawed, cast, promised, opened, monday, width, who):
    handed("Anna Adler with a name that is rather long and a company to match")
    returned(cast, "Bea Berg with another long name", note="not before the summer, and then only with a framework")
    page = opened(getattr(cast, who), "/today/", viewport={"width": width, "height": 800})
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
