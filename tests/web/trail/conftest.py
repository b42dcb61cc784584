"""A simulated house on a Monday at ten, whose agreement qualifies whoever sends a form."""

import pytest

from accord.rooms.funnel.models import Lead
from accord.rooms.trail.models import Trail
from tests.journeys.conftest import sound
from tests.remembered import remembered
from tests.rooms.agreement.conftest import thawed
from tests.rooms.desk.conftest import AGREED, MONDAY, at
from tests.scenarios.living import agreed, company, contact, touch, work
from tests.web.desk.conftest import visit
from tests.web.shell.conftest import browser, opened

__all__ = ["at", "browser", "opened", "sound", "thawed", "visit"]
BY_FORM = AGREED.replace("{touch: download}, at_least: 1", "{touch: form}, at_least: 1")


def waiting(name: str, **values) -> Lead:
    """Somebody who has downloaded something and is not qualified."""
    whose = contact(name, company=company(name=f"{name} GmbH").pk, **values)
    touch(whose, "download", "2026-01-20T08:00:00", path="/sizing")
    return Lead.objects.get(contact=whose)


@pytest.fixture
@remembered
def agreement(cast):
    return agreed(cast, BY_FORM, "2026-01-02")


@pytest.fixture
@remembered
def simulated(agreement):
    """With Anna, whose score is the best, and Bea."""
    Trail.begin(MONDAY)
    bea = waiting("Bea Berg")
    anna = waiting("Anna Adler", seniority="director")
    return anna, bea


def worked() -> None:
    work(MONDAY)
