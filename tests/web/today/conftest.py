"""A Monday at ten in a house that has promised something."""

import pytest

from tests.remembered import remembered
from tests.rooms.agreement.conftest import thawed
from tests.rooms.desk.conftest import AGREED, accepted, at, handed
from tests.scenarios.living import agreed
from tests.web.desk.conftest import visit
from tests.web.shell.conftest import browser, opened

__all__ = ["accepted", "at", "browser", "handed", "opened", "promised", "thawed", "visit"]
PROMISED = (
    AGREED
    + """
promises:
  marketing:
    - {id: take_up, label: Take-up, measure: return_taken_up, within: 2 business hours, share: 0.9, mode: enforced}
  sales:
    - {id: first_contact, label: First contact, measure: first_human_contact, of: to_inside, within: 4 business hours,
       share: 0.9, mode: enforced, take_back_at: 1.5}
"""
)


@pytest.fixture
@remembered
def promised(cast):
    return agreed(cast, PROMISED, "2026-01-02")
