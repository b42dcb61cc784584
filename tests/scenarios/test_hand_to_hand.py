"""One lead from hand to hand: over a change of the clocks and a holiday, taken back, returned, and back again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accord.kernel import clock
from accord.rooms.funnel.models import Lead, Transition
from accord.rooms.handoff.models import Choice, Handoff, Return
from accord.rooms.promises.models import Clock
from accord.rooms.team.models import Member
from tests.audited import violations
from tests.rooms.capture.conftest import identify, track
from tests.scenarios.living import agreed, on, work

pytestmark = pytest.mark.both

TEXT = """
accord: 1
name: Qualified leads
zone: Europe/Berlin
effective: 2026-03-02
review_by: 2026-12-31
leads: {open_on: {touch: [download, form]}}
scoring:
  fit: [{id: decides, points: 20, when: {field: contact.seniority, is: director}}]
  engagement:
    - {id: download, points: 10, when: {touch: download}}
    - {id: form, points: 20, when: {touch: form}}
qualified: {all: [{score: total, at_least: 50}, {count: {touch: form}, at_least: 1}]}
handoffs:
  - {id: to_inside, at: mql, from: marketing, to: inside_sales, answers: [accept, return]}
  - {id: to_field, at: sql, from: inside_sales, to: field_sales, answers: [accept, return]}
promises:
  sales:
    - {id: first_contact, measure: first_human_contact, of: to_inside, within: 4 business hours, share: 0.9,
       mode: enforced, remind_at: 0.5, escalate_at: 1.0, take_back_at: 1.5}
recycling: [{reason: timing, track: wake, wake_after_days: 90}]
"""
DOWNLOAD, FORM = "Asset Downloaded", "Form Submitted"


@pytest.fixture
def at():
    return on("2026-03-01")


class Life:
    """What people and visitors do, each at their time, and what the worker makes of it."""

    def __init__(self, door, cast) -> None:
        self.door, self.cast = door, cast

    def visits(self, day: str, *events: dict) -> None:
        self.door.send(*events, at=on(day))
        work(on(day))

    def does(self, member: Member, day: str, name: str, pk: int, expected: int = 302, **said) -> None:
        client = Client()
        client.force_login(member)
        with clock.moved_to(on(day)):
            answered = client.post(reverse(name, args=[pk]), said)
            assert answered.status_code == expected, answered.content.decode()[:2000]
        work(on(day))


def test_from_hand_to_hand(door, cast, house, at):
    with clock.moved_to(at):
        house.settle({"zone": "Europe/Berlin", "hours": "mon-fri 09:00-17:00"}, by=cast.ada.pk, at=at)
        house.set_day(date(2026, 3, 30), works=False, label="Founders' day", by=cast.ada.pk, at=at)
        otto = Member.join(email="otto@house.example", name="Otto", role="inside_sales", by=None, at=at)
    version = agreed(cast, TEXT, "2026-03-02")
    life = Life(door, cast)

    # Anonymous on Thursday, a form with the name on Friday at 16:30 in Berlin.
    life.visits("2026-03-26T10:00:00", {"type": "page", "anonymousId": "laptop", "properties": {"path": "/prices"}})
    life.visits("2026-03-27T09:00:00", track(DOWNLOAD, anonymousId="laptop", properties={"asset": "Pump guide"}))
    assert not Lead.objects.exists()
    friday = "2026-03-27T15:30:00"
    life.visits(
        friday, track(FORM, userId="u-7", anonymousId="laptop"),
        identify("u-7", "laptop", email="ana@olives.example", name="Ana Prado", seniority="director"),
    )  # fmt: skip
    lead, one = Lead.objects.get(), Handoff.objects.get()
    assert (lead.stage, lead.contact.name, one.owner, one.version) == ("mql", "Ana Prado", cast.ines, version)
    assert len(one.story["touches"]) == 3

    # Half an hour on Friday, nothing on Monday, and three and a half hours of Tuesday, in summer time by then.
    due = datetime(2026, 3, 31, 10, 30, tzinfo=UTC)
    watch = Clock.objects.get(handoff=one)
    assert (watch.received_at, watch.due_at, one.due_at) == (one.received_at, due, due)
    work(on("2026-03-30T14:00:00"))
    assert not state(watch)["reminded_at"]
    work(on("2026-03-31T08:31:00"))
    assert (state(watch)["state"], state(watch)["reminded_at"] is not None) == ("running", True)
    work(on("2026-03-31T10:31:00"))
    assert state(watch)["state"] == "broken"
    work(on("2026-03-31T12:29:00"))
    one.refresh_from_db()
    assert one.owner == cast.ines
    work(on("2026-03-31T12:31:00"))
    one.refresh_from_db()
    assert (one.owner, one.taken_back, one.lead.owner) == (otto, 1, otto)
    assert [row.why for row in Choice.objects.order_by("id")] == ["first", "taken_back"]

    # Otto takes it, calls, checks; the gate opens to field sales.
    life.does(cast.ines, "2026-03-31T12:40:00", "handoff_acceptance", one.pk, 409, owner=cast.ines.pk)
    life.does(otto, "2026-03-31T13:00:00", "handoff_acceptance", one.pk)
    life.does(otto, "2026-03-31T13:05:00", "lead_calls", lead.pk, kind="call_out", outcome="reached", when="tomorrow")
    life.does(otto, "2026-04-01T08:00:00", "contact_checks", lead.contact_id, result="passed")
    assert [move.move for move in Transition.objects.order_by("id")] == [
        "entered", "to_engaged", "to_mql", "to_sal", "to_sql",
    ]  # fmt: skip
    to_field = Handoff.objects.get(kind="to_field")
    assert (to_field.owner, to_field.state) == (cast.felix, "offered")

    # Felix gives it back for now; marketing takes it up; it comes again on something new, and only then.
    life.does(cast.felix, "2026-04-02T08:00:00", "handoff_return", to_field.pk, reason="timing", note="in summer")
    back = Return.objects.get()
    lead.refresh_from_db()
    assert (lead.stage, lead.owner, back.track) == ("engaged", cast.mila, "wake")
    assert back.wake_at == on("2026-04-02T08:00:00") + timedelta(days=90)
    life.does(cast.mara, "2026-04-02T09:00:00", "return_taking_up", back.pk)
    life.visits("2026-04-08T08:00:00", {"type": "page", "userId": "u-7", "properties": {"path": "/prices"}})
    assert Handoff.objects.filter(state="offered").count() == 0
    life.visits("2026-04-09T08:00:00", track(FORM, userId="u-7"), track(DOWNLOAD, userId="u-7"))
    again = Handoff.objects.get(state="offered")
    assert (again.kind, again.received_at) == ("to_inside", on("2026-04-09T08:00:00"))
    life.does(again.owner, "2026-04-09T09:00:00", "handoff_acceptance", again.pk)
    lead.refresh_from_db()
    assert lead.stage == "sal"

    # What was broken stays broken; nothing began anew by being passed on.
    clocks = Clock.objects.filter(promise="first_contact").order_by("id")
    assert [(row.handoff_id, row.state) for row in clocks] == [(one.pk, "broken"), (again.pk, "running")]
    assert {found for found in violations() if found[0] != "values"} == set()


def state(watch: Clock) -> dict:
    return Clock.objects.values("state", "reminded_at", "escalated_at").get(pk=watch.pk)
