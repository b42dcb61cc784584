"""From a number to the leads behind it, and from two sources to the verdicts that make their difference."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accord.kernel import clock
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact
from tests.scenarios.living import on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed", "monday")]


def opened_on(day: str, name: str, **values) -> Lead:
    with clock.moved_to(on(day)):
        person = Contact.create({"name": name}, by=None, at=on(day))
        return Lead.open(person, entry="marketing", values=values, by=None, at=on(day))


@pytest.fixture
def low_month(cast) -> None:
    """Eight leads on the first of January, one on the first of February."""
    for n in range(8):
        opened_on("2026-01-01T09:00:00", f"January {n}")
    opened_on("2026-02-01T09:00:00", "Nadia Novak")


@pytest.fixture
def two_sources(cast) -> None:
    """Of forty offered from a fair sales took 36; of forty from a list 12, and 24 of it were the wrong person."""
    day = "2026-01-12T09:00:00"
    for origin, taken in (("fair", 36), ("list", 12)):
        for n in range(40):
            lead = opened_on(day, f"{origin} {n:02}", origin=origin)
            later = on(day) + timedelta(hours=1)
            with clock.moved_to(later):
                lead.move("to_mql", by=cast.mila.pk, at=later)
                if n < taken:
                    lead.move("to_sal", by=cast.ines.pk, at=later)
                else:
                    reason = "wrong person" if origin == "list" and n < taken + 24 else "no budget"
                    lead.move("returned", reason=reason, by=cast.ines.pk, at=later)


def test_an_executive_goes_from_a_low_month_to_its_leads(cast, low_month, opened, sound):
    page = opened(cast.eva, "/today/")
    figure = page.locator(".fig", has_text="Leads that came in this month")
    expect(figure).to_contain_text("by the same day of the month before: 8")
    sound(page)

    figure.get_by_role("link", name="1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Funnel")
    expect(page.get_by_label("Entered from")).to_have_value("2026-02-01")
    sound(page)
    page.get_by_role("link", name="1 came in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Leads that came in")
    sound(page)
    page.get_by_role("link", name="Nadia Novak").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nadia Novak")


def test_a_marketing_lead_sees_which_verdicts_make_the_difference(cast, two_sources, opened, sound):
    page = opened(cast.mila, "/insight/sources/")
    for source in ("fair", "list"):
        page.get_by_role("checkbox", name=source).check()
    sound(page)
    page.get_by_role("button", name="Set two side by side").click()
    beside = page.locator("section", has=page.get_by_role("heading", name="fair")).first
    expect(beside.get_by_role("rowheader", name="Accepted", exact=True)).to_be_visible()
    rows = {row.locator("th").inner_text(): row for row in beside.locator("tbody tr").all()}
    expect(rows["Accepted"]).to_contain_text("90.0")
    expect(rows["Accepted"]).to_contain_text("30.0")
    wrong = next(row for name, row in rows.items() if "wrong person" in name)
    expect(wrong).to_contain_text("60.0")
    sound(page)
    wrong.get_by_role("link", name="24").click()
    expect(page.get_by_role("row")).to_have_count(25)
