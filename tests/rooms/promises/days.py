"""What people and the worker do on a day of a house with promises."""

from datetime import datetime

from accord.kernel import clock, journal
from accord.kernel.ledger import Fact
from accord.rooms.desk import calls
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from accord.rooms.promises.models import Clock
from accord.rooms.promises.sweeping import sweep
from accord.rooms.team.models import Member
from tests.audited import violations
from tests.scenarios.living import on, work


def swept(day: str) -> None:
    """The worker comes by at that time."""
    work(on(day))
    with clock.moved_to(on(day)):
        sweep(on(day))
        journal.drain()


def called(handoff: Handoff, by: Member, day: str, kind: str = "call_out", outcome: str = "no_answer") -> None:
    with clock.moved_to(on(day)):
        calls.log(Lead.objects.get(pk=handoff.lead_id), kind, outcome, by=by, at=on(day))
    work(on(day))


def told(kind: str) -> list[datetime]:
    return list(Fact.objects.filter(kind=kind).order_by("id").values_list("occurred_at", flat=True))


def found() -> set[str]:
    """What the audit finds wrong; the teams of the cast are formed past the ledger."""
    return {name for name, *_more in violations()} - {"values"}


def standing(one: Clock) -> tuple:
    one.refresh_from_db()
    return one.state, one.stopped_at, one.ended_at, one.cause


def seller(first: str) -> Member:
    with clock.moved_to(on("2026-01-01")):
        return Member.join(
            email=f"{first}@house.example", name=first.title(), role="inside_sales", by=None, at=on("2026-01-01"),
            password="a long password",
        )  # fmt: skip
