"""Whole days of people, in a real browser, every page of which is looked at by axe."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from accord.kernel import clock
from accord.rooms.desk import calls
from accord.rooms.desk.calls import Next
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from accord.rooms.team.models import Member
from tests.conftest import ROOT, needs
from tests.rooms.agreement.conftest import thawed
from tests.rooms.desk.conftest import MONDAY, accepted, at
from tests.scenarios.living import agreed, on, work
from tests.web.shell.conftest import browser, opened
from tests.web.today.conftest import PROMISED

__all__ = ["at", "browser", "monday", "opened", "promised", "sound", "thawed"]

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOK = """async (tags) => (await axe.run(document, {runOnly: tags, resultTypes: ["violations"]})).violations.map(
  (one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`)"""


@pytest.fixture
def promised(cast):
    return agreed(cast, PROMISED, "2026-01-02")


@pytest.fixture
def monday():
    with clock.moved_to(MONDAY):
        yield


@pytest.fixture(scope="module")
def sound() -> Callable[[Page], None]:
    """Nothing on the page, as it stands, is against WCAG 2.2 AA."""
    needs("axe")
    axe = (ROOT / ".tools" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def look(page: Page) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(axe)
        found = page.evaluate(LOOK, WCAG)
        assert not found, "\n".join((page.url, *found))

    return look


def called(handoff: Handoff, by: Member, day: str, *, then: str) -> Lead:
    """Accepted and called on that day, and the next call was promised for `then`."""
    lead = accepted(handoff, by, day).lead
    with clock.moved_to(on(day)):
        calls.log(lead, "call_out", "reached", following=Next("call", on(then)), by=by, at=on(day))
    work(on(day))
    return lead
