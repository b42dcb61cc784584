"""Ines was offered a lead on Monday at nine and has let its promise break at one; a browser at two."""

import pytest

from accord.kernel import clock
from tests.remembered import remembered
from tests.rooms.promises.conftest import at, enforced, handed
from tests.rooms.promises.days import swept
from tests.scenarios.living import on

__all__ = ["at", "enforced", "handed", "offered", "visit"]
TWO = on("2026-02-02T14:00:00")


@pytest.fixture
def visit(as_):
    browsers = {}

    def go(member, address, data=None, when=TWO, **more):
        browser = browsers.setdefault(member.pk, as_(member))
        with clock.moved_to(when):
            return browser.get(address, **more) if data is None else browser.post(address, data, **more)

    return go


@pytest.fixture
@remembered
def offered(cast, enforced, handed):
    one = handed("anna")
    swept("2026-02-02T11:00:00")
    swept("2026-02-02T13:00:00")
    return one
