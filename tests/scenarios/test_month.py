"""A month of hand-offs among twenty people who come and go: shares are kept, and nothing is ever nobody's."""

from collections import Counter
from datetime import timedelta
from random import Random
from types import SimpleNamespace

import pytest

from accord.kernel import clock
from accord.rooms.capture.models import Touch
from accord.rooms.funnel import rules as funnel
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Choice, Handoff
from accord.rooms.handoff.rules import FIRST
from accord.rooms.people.models import Identity
from accord.rooms.team.models import Member
from accord.rooms.team.worktimes import absent
from tests.audited import violations
from tests.scenarios.living import COLUMNS, agreed, contact, on, work

PEOPLE, MONTH = 20, 30
TEXT = """
accord: 1
name: Leads
effective: 2026-01-01
review_by: 2027-12-31
leads: {open_on: {touch: download}}
scoring: {engagement: [{id: download, points: 10, when: {touch: download}}]}
qualified: {count: {touch: download}, at_least: 1}
handoffs: [{id: to_inside, at: mql, from: marketing, to: inside_sales, answers: [accept, return]}]
"""


def leaders() -> SimpleNamespace:
    at, roles = on("2026-01-01"), {"ada": "admin", "mila": "marketing_lead", "saul": "sales_lead"}
    with clock.moved_to(at):
        return SimpleNamespace(**{
            name: Member.join(email=f"{name}@house.example", name=name.title(), role=role, by=None, at=at)
            for name, role in roles.items()
        })  # fmt: skip


def hired(random: Random) -> dict[int, int]:
    """Twenty people with the days of the month on which each is here."""
    begun, days = on("2026-02-01"), {}
    with clock.moved_to(begun):
        for number in range(PEOPLE):
            member = Member.join(
                email=f"seller{number}@house.example", name=f"Seller {number}", role="inside_sales", by=None, at=begun,
                password="a long password",
            )  # fmt: skip
            member.change({"weight": random.choice([50, 100, 150])}, by=None, at=begun)
            away, first = random.randrange(8), random.randrange(MONTH - 8)
            if away:
                leave = begun + timedelta(days=1 + first)
                member.take_leave(leave, leave + timedelta(days=away), by=None, at=begun)
            days[member.pk] = MONTH - away
    return days


def downloads(number: int, today) -> None:
    people = [contact(f"d{today:%m%d}-{one}") for one in range(number)]
    rows = [(Identity.of("user", one.external_id).pk, "download", today, False, None, None, None, {}) for one in people]
    with clock.moved_to(today):
        Touch.take(Touch.rows(COLUMNS, rows), source="house", at=today)
    work(today)


def answered(random: Random, today) -> None:
    """Most are answered on the day, some the day after, some are given back."""
    with clock.moved_to(today):
        for one in Handoff.objects.offered().select_related("owner"):
            said = random.random()
            if said < 0.6:
                one.accept(by=one.owner, at=today)
            elif said < 0.8:
                one.give_back("timing", by=one.owner, at=today)
    work(today)


def accountable(today) -> None:
    """Whatever waits, waits for somebody who is here; every lead in MQL has exactly one such holder."""
    offered = Handoff.objects.offered().select_related("lead")
    away = absent(Member.objects.in_bulk(), today)
    assert [one.pk for one in offered if one.owner_id in away or one.lead.owner_id != one.owner_id] == []
    assert not Lead.objects.open().filter(owner=None).exists()
    waiting = Lead.objects.open().filter(stage=funnel.MQL).values_list("pk", flat=True)
    assert sorted(waiting) == sorted(one.lead_id for one in offered)


def jain(shares: list[float]) -> float:
    return sum(shares) ** 2 / (len(shares) * sum(one * one for one in shares))


@pytest.mark.parametrize("a_day", [17, pytest.param(170, marks=pytest.mark.prove)])
def test_a_month_of_hand_offs_is_shared_fairly_and_nothing_is_ever_nobodys(house, at, a_day):
    random = Random(6)
    agreed(leaders(), TEXT, "2026-01-02")
    days = hired(random)
    for day in range(MONTH):
        morning = on("2026-02-01") + timedelta(days=1 + day, hours=9)
        downloads(a_day, morning)
        accountable(morning)
        answered(random, morning + timedelta(hours=4))
        accountable(morning + timedelta(hours=4))
    assert Handoff.objects.count() == a_day * MONTH
    weight = dict(Member.objects.values_list("pk", "weight"))
    first = Counter(Choice.objects.filter(why=FIRST).values_list("owner_id", flat=True))
    assert jain([first[member] / (weight[member] * days[member]) for member in days]) >= 0.95
    assert violations() == set()
