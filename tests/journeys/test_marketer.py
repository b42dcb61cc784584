"""A marketer sees why leads came back, and takes one of them up."""

import pytest
from playwright.sync_api import expect

from accord.kernel import clock
from accord.rooms.handoff.models import Return
from tests.rooms.desk.conftest import MONDAY, handed
from tests.scenarios.living import on, work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed", "monday")]


@pytest.fixture
def came_back(cast, promised) -> None:
    for name, hour, reason, note in (
        ("Anna Adler", 7, "timing", "budget round in June"),
        ("Bea Berg", 8, "no_fit", "a student"),
        ("Cleo Cruz", 9, "timing", "after the move"),
    ):
        handoff, at = handed(name, f"2026-02-02T0{hour}:00:00"), on(f"2026-02-02T0{hour}:30:00")
        with clock.moved_to(at):
            handoff.give_back(reason, by=cast.ines, at=at, note=note)
        work(at)


def test_why_leads_came_back_is_read_and_one_is_taken_up(cast, came_back, opened, sound):
    page = opened(cast.mara, "/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    returned = page.locator("section", has=page.get_by_role("heading", name="Returned, to take up again"))
    for said in ("“Not now. budget round in June”", "“Does not fit. a student”", "“Not now. after the move”"):
        expect(returned).to_contain_text(said)
    sound(page)

    returned.get_by_role("link", name="All of them").click()
    rows = page.get_by_role("region", name="Returns").get_by_role("row")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("Anna Adler")
    expect(rows.nth(1)).to_contain_text("budget round in June")
    expect(rows.nth(1)).to_contain_text("Woken later")
    expect(rows.nth(1)).to_contain_text("May 3")
    why = page.locator("section", has=page.get_by_role("heading", name="Why leads came back"))
    assert [row.all_inner_texts() for row in (one.locator("th, td") for one in why.locator("tbody tr").all())] == [
        ["Not now", "2", "2"],
        ["Does not fit", "1", "1"],
    ]
    sound(page)

    page.get_by_role("button", name="Take up Anna Adler").click()
    expect(page.locator("#toasts")).to_contain_text("Taken up: Anna Adler is yours.")
    expect(rows).to_have_count(3)
    taken = Return.objects.get(lead__contact__name="Anna Adler")
    assert (taken.taken_up_by, taken.taken_up_at) == (cast.mara, MONDAY)

    ines = opened(cast.ines, "/today/")
    told = ines.locator("section", has=ines.get_by_role("heading", name="What became of your returns"))
    expect(told).to_contain_text("Taken up by Mara Meier")
    sound(ines)
