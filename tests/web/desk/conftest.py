"""Leads that were handed over, looked at on a Monday at ten; and a real browser."""

from types import SimpleNamespace

import pytest

from accord.kernel import clock
from tests.remembered import remembered
from tests.rooms.agreement.conftest import thawed
from tests.rooms.desk.conftest import MONDAY, accepted, at, handed, signed
from tests.web.shell.conftest import browser, opened

__all__ = ["accepted", "at", "browser", "desk", "handed", "opened", "signed", "thawed", "visit"]


@pytest.fixture
def visit(as_):
    """Ask for an address, or send a form there, as a member, on Monday at ten."""

    browsers = {}

    def go(member, address, data=None, **more):
        browser = browsers.setdefault(member.pk, as_(member))
        with clock.moved_to(MONDAY):
            return browser.get(address, **more) if data is None else browser.post(address, data, **more)

    return go


@pytest.fixture
@remembered
def desk(cast, signed) -> SimpleNamespace:
    """Ines has one hand-off to answer and one lead that she has accepted."""
    offered = handed("Anna Adler", seniority="director", title="Head of purchasing")
    taken = accepted(handed("Bea Berg", "2026-02-02T07:30:00"), cast.ines)
    return SimpleNamespace(offered=offered, lead=offered.lead, taken=taken.lead)
