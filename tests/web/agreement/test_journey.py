"""In a browser: a clause is changed, proposed, signed by one side, by the other, and is in force. By keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from accord.rooms.agreement import starter
from accord.rooms.agreement.models import Version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed")]


def press(page: Page, name: str) -> None:
    """Reach a button by the keyboard and press it."""
    button = page.get_by_role("button", name=name).first
    button.focus()
    expect(button).to_be_focused()
    button.press("Enter")


def test_from_the_starter_to_a_signed_agreement(thawed, cast, opened, at):
    starter.begin(at, "UTC")
    mila = opened(cast.mila, "/agreement/")
    expect(mila.locator("main .banner")).to_contain_text("Unsigned starter.")
    press(mila, "Draft the next version")
    source = mila.get_by_label("The document, as YAML or JSON")
    text = source.input_value()
    source.fill(text.replace("half_life_days: 30", "half_life_days: 0", 1))
    press(mila, "Save the draft")
    expect(mila.locator("main .banner").first).to_contain_text("scoring.engagement[0].half_life_days")
    source = mila.get_by_label("The document, as YAML or JSON")
    source.fill(text.replace("{score: engagement, at_least: 30}", "{score: engagement, at_least: 35}"))
    press(mila, "Save the draft")
    expect(mila.get_by_role("heading", name="What would change")).to_be_visible()
    expect(mila.get_by_role("group", name="Draft")).to_contain_text("engagement score of at least 35")
    press(mila, "Propose")
    press(mila, "Sign for Marketing")
    expect(mila.locator(".sigline").first).to_contain_text("Mila Berg")

    saul = opened(cast.saul, f"/agreement/versions/{Version.objects.get(number=2).pk}/")
    press(saul, "Sign for Sales")
    expect(saul.locator(".page-head")).to_contain_text("Version 2, in force")
    saul.goto(saul.url.split("/agreement/")[0] + "/agreement/")
    expect(saul.get_by_text("Unsigned starter.")).to_have_count(0)
    expect(saul.locator("#article-qualified")).to_contain_text("engagement score of at least 35")


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_runs_out_of_the_page(thawed, cast, opened, at, width):
    made = starter.begin(at, "UTC")
    page = opened(cast.mila, f"/agreement/versions/{made.pk}/", viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width
