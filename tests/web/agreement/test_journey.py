"""In a browser: a clause is changed, proposed, signed by one side, by the other, and decides. By keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from accord.kernel import clock, journal
from accord.rooms.agreement import starter
from accord.rooms.agreement.models import Version
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact, Identity

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed")]


COLUMNS = ("identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties")


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
    expect(mila.get_by_role("group", name="Version 2")).to_contain_text("engagement score of at least 35")
    press(mila, "Propose")
    press(mila, "Sign for Marketing")
    expect(mila.locator(".sigline").first).to_contain_text("Mila Berg")

    saul = opened(cast.saul, f"/agreement/versions/{Version.objects.get(number=2).pk}/")
    saul.get_by_role("checkbox", name="With my signature it comes into force at once").check()
    press(saul, "Sign for Sales")
    expect(saul.locator(".page-head")).to_contain_text("Version 2, in force")
    saul.goto(saul.url.split("/agreement/")[0] + "/agreement/")
    expect(saul.get_by_text("Unsigned starter.")).to_have_count(0)
    expect(saul.locator("#article-qualified")).to_contain_text("engagement score of at least 35")

    lead = met_a_director()
    saul.goto(f"{saul.url.split('/agreement/')[0]}/leads/{lead.pk}/")
    expect(saul.locator("main")).to_contain_text("by the rule of the agreement")
    expect(saul.get_by_role("link", name="Marketing and sales, version 2").first).to_be_visible()
    why = saul.request.get(f"{saul.url.split('/leads/')[0]}/contacts/{lead.contact_id}/score/").text()
    assert "Spoke or wrote to us" in why


def met_a_director() -> Lead:
    """Somebody who decides met us: the second clause holds."""
    now = clock.now()
    contact = Contact.create({"name": "Mei Lin", "seniority": "director"}, by=None, at=now)
    identity = Identity.of("user", contact.external_id)
    if not identity.links.exists():
        identity.link(contact.pk, by=None, at=now, from_beginning=True)
    Touch.log(
        contact.pk,
        "meeting",
        Touch.rows(COLUMNS, [(identity.pk, "meeting", now, False, None, None, None, {})]),
        by=None,
        at=now,
    )
    journal.drain()
    lead = Lead.objects.get(contact=contact)
    assert lead.stage == "mql"
    return lead


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_runs_out_of_the_page(thawed, cast, opened, at, width):
    made = starter.begin(at, "UTC")
    page = opened(cast.mila, f"/agreement/versions/{made.pk}/", viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width
