from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accord.rooms.team.models import Member
from scripts.seen import chromium
from tests.conftest import needs


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    needs("chromium")
    patch = pytest.MonkeyPatch()
    # Playwright's loop runs in this thread, and Django would take every query here for one in a coroutine.
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        started.close()
    patch.undo()


@pytest.fixture
def opened(browser, live_server, as_) -> Iterator[Callable[..., Page]]:
    """Open an address as a member in a real browser; a complaint on its console fails the test."""
    contexts, complaints = [], []

    def open_(member: Member, address: str, **how) -> Page:
        context = browser.new_context(locale="en-GB", **how)
        contexts.append(context)
        session = as_(member).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(live_server.url + address)
        return page

    yield open_
    for context in contexts:
        for page in context.pages:
            expect(page.locator(".htmx-request")).to_have_count(0)  # the server has the database until it has answered
        context.close()
    assert complaints == []
