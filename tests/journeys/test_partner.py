"""A partner works beside the house and sees of it what is theirs."""

import pytest
from playwright.sync_api import Page, expect

from accord.kernel import clock
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead
from tests.rooms.desk.conftest import handed
from tests.scenarios.living import company, contact, on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed", "monday")]
FOREIGN = "Anna Adler"


@pytest.fixture
def foreign(promised) -> Lead:
    return handed(FOREIGN).lead


@pytest.fixture
def own(cast, foreign) -> Lead:
    """A lead of their own, with a call that was promised for today."""
    day = on("2026-02-02T08:00:00")
    with clock.moved_to(day):
        person = contact("Paul Own", company=company(name="Own GmbH").pk)
        lead = Lead.open(person, entry="partner", owner=cast.paula, by=cast.paula.pk, at=day)
        due = on("2026-02-02T14:00:00")
        Task.plan(owner=cast.paula, lead=lead, kind="call", what="", due_at=due, by=cast.paula, at=day)
    return lead


def test_lists_desk_addresses_and_search_hold_their_own_alone(cast, own, foreign, opened, sound):
    page = opened(cast.paula, "/")
    for address in ("/leads/", "/contacts/", "/companies/", "/desk/", "/today/", f"/leads/{own.pk}/"):
        page.goto(home(page) + address)
        expect(page.locator("main")).to_contain_text("Own")
        assert FOREIGN not in page.content(), address
        sound(page)
    refuses_what_is_foreign(page, foreign)
    finds_nothing_foreign(page)
    lead = Lead.objects.get(pk=foreign.pk)
    assert (lead.stage, lead.owner) == (foreign.stage, cast.ines)


def home(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def refuses_what_is_foreign(page: Page, foreign: Lead) -> None:
    handoff = foreign.handoffs.get()
    for address in (
        f"/leads/{foreign.pk}/",
        f"/contacts/{foreign.contact_id}/",
        f"/desk/?lead={foreign.pk}",
        f"/leads/{foreign.pk}/calls/",
        f"/leads/{foreign.pk}/mail/",
        f"/leads/{foreign.pk}/return/",
        f"/handoffs/{handoff.pk}/return/",
    ):
        answer = page.request.get(home(page) + address)
        assert answer.status == 404, address
        assert FOREIGN not in answer.text(), address


def finds_nothing_foreign(page: Page) -> None:
    page.keyboard.press("Control+k")
    palette = page.locator("#palette input")
    expect(palette).to_be_focused()
    with page.expect_response(lambda answer: "q=Own" in answer.url):
        page.keyboard.type("Own")
    expect(page.locator("#palette-found")).to_contain_text("Paul Own")
    palette.fill("")
    with page.expect_response(lambda answer: "q=Adler" in answer.url):
        page.keyboard.type("Adler")
    expect(page.locator("#palette-found")).not_to_contain_text("Paul Own")
    expect(page.locator("#palette-found")).not_to_contain_text(FOREIGN)
