"""A house whose agreement hands leads over, and leads that were."""

from datetime import datetime

import pytest

from accord.rooms.handoff.models import Handoff
from accord.rooms.team.models import Member
from tests.remembered import recalled, remembered
from tests.scenarios.living import agreed, company, contact, on, touch, work

AGREED = """
accord: 1
name: Leads
effective: 2026-01-01
review_by: 2027-12-31
leads: {open_on: {touch: [form, download]}}
scoring:
  fit: [{id: seniority, points: 40, when: {field: contact.seniority, in: [director]}}]
  engagement: [{id: download, points: 10, when: {touch: download}}]
  grades: {fit: {A: 40, B: 20, C: 1}, engagement: {"1": 40, "2": 20, "3": 1}}
qualified: {all: [{count: {touch: download}, at_least: 1}]}
handoffs:
  - {id: to_inside, at: mql, from: marketing, to: inside_sales, answers: [accept, return], label: {en: To inside sales}}
  - {id: to_field, at: sql, from: inside_sales, to: field_sales, answers: [accept, return]}
  - {id: to_service, at: won, from: field_sales, to: service, answers: [accept]}
recycling:
  - {reason: timing, track: wake, wake_after_days: 90, program: stay_in_touch}
  - {reason: no_fit, track: suppress}
"""
MONDAY = on("2026-02-02T10:00:00")


@pytest.fixture
def at() -> datetime:
    return on("2025-12-30")


@pytest.fixture
@remembered
def signed(cast):
    return agreed(cast, AGREED, "2026-01-02")


@recalled
def handed(name="Anna Adler", day="2026-02-02T08:00:00", **values) -> Handoff:
    """A download by somebody at a company, and the hand-off that came of it."""
    whose = contact(name, company=company(name=f"{name} GmbH").pk, phone="+49 30 1234567", **values)
    touch(whose, "download", day, path="/sizing")
    return Handoff.objects.select_related("lead__contact", "version", "owner").get(lead__contact=whose)


def owed(handoff: Handoff, due: str) -> Handoff:
    """A clock of it, as the promises publish it."""
    Handoff.objects.filter(pk=handoff.pk).update(due_at=on(due))
    handoff.refresh_from_db()
    return handoff


def accepted(handoff: Handoff, by: Member, day="2026-02-02T09:00:00") -> Handoff:
    handoff.accept(by=by, at=on(day))
    work(on(day))
    handoff.refresh_from_db()
    return handoff
