import pytest

from accord.rooms.handoff.models import Handoff
from accord.rooms.promises.models import Clock
from tests.remembered import recalled, remembered
from tests.rooms.capture.conftest import door  # noqa: F401
from tests.scenarios.living import agreed, contact, on, touch

AGREED = """
accord: 1
name: Leads
effective: 2026-01-01
review_by: 2027-12-31
leads: {{open_on: {{touch: [form, download]}}}}
scoring: {{engagement: [{{id: download, points: 10, when: {{touch: download}}}}]}}
qualified: {{all: [{{count: {{touch: download}}, at_least: 1}}]}}
handoffs:
  - {{id: to_inside, at: mql, from: marketing, to: inside_sales, answers: [accept, return]}}
  - {{id: to_field, at: sql, from: inside_sales, to: field_sales, answers: [accept, return]}}
promises:
  marketing:
    - {{id: take_up, measure: return_taken_up, within: 1 business days, share: 0.9, mode: pilot}}
    - {{id: volume, measure: qualified_leads, per: month, at_least: 3, mode: enforced}}
    - {{id: precision, measure: acceptance_rate, window_days: 28, at_least: 0.7, mode: pilot}}
    - {{id: feedback, measure: feedback_answered, within: 5 business days, share: 0.9, mode: enforced}}
  sales:
    - {{id: first_contact, measure: first_human_contact, of: to_inside, within: 4 business hours, share: 0.9,
       mode: {mode}, remind_at: 0.5, escalate_at: 1.0, take_back_at: 1.5}}
    - {{id: attempts, measure: attempts, of: to_inside, at_least: 3, within: 2 business days, share: 0.9, mode: pilot}}
    - {{id: verdict, measure: verdict, of: to_inside, within: 2 business days, share: 0.95, mode: pilot}}
"""


@pytest.fixture
def at():
    return on("2025-12-30")


@pytest.fixture
@remembered
def enforced(cast):
    return agreed(cast, AGREED.format(mode="enforced"), "2026-01-02")


@pytest.fixture
@remembered
def pilot(cast):
    return agreed(cast, AGREED.format(mode="pilot"), "2026-01-02")


@pytest.fixture
def handed():
    """Somebody downloads something and is handed over, on Monday at nine unless a time is given."""

    @recalled
    def hand(name: str = "anna", when: str = "2026-02-02T09:00:00") -> Handoff:
        anna = contact(name)
        touch(anna, "download", when)
        return Handoff.objects.get(lead__contact=anna)

    return hand


@pytest.fixture
def clock_of():
    def find(handoff: Handoff, promise: str = "first_contact") -> Clock:
        return Clock.objects.get(handoff=handoff, promise=promise)

    return find
