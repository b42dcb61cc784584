"""What starts clocks, and what may stop, void or resume them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from accord.kernel import traits
from accord.kernel.journal import Reaction
from accord.kernel.ledger import Fact
from accord.rooms.promises import rules
from accord.rooms.promises.models import Clock
from accord.rooms.promises.settling import Settled, settle, settled
from accord.rooms.promises.starting import of_offers, of_returns, start
from accord.rooms.promises.touching import taken_back_of, told_of

# After these, what had voided a clock may be undone.
UNDOING = ("lead_reopened", "lead_restored")


@dataclass
class Begun:
    clocks: list[Clock] = field(default_factory=list)


def plan_start(facts: Sequence[Fact], at: datetime) -> Begun:
    offered = {fact.subject_id for fact in facts if fact.kind == "handoff_offered" and fact.subject_id}
    returned = {fact.subject_id for fact in facts if fact.kind == "handoff_returned" and fact.subject_id}
    return Begun([*of_offers(offered), *of_returns(returned)])


def apply_start(begun: Begun, at: datetime) -> None:
    start(begun.clocks, at)


def plan_settle(facts: Sequence[Fact], at: datetime) -> list[Settled]:
    leads = {fact.lead_id for fact in facts if fact.lead_id}
    undone = {fact.lead_id for fact in facts if fact.kind in UNDOING}
    going, voided = Q(ended_at=None), Q(state=rules.VOID)
    by_touch = Q(state=rules.KEPT, measure__in=(rules.FIRST_CONTACT, rules.ATTEMPTS))
    clocks = _of("lead", leads, going) | _of("lead", undone, voided)
    if Clock.objects.exists():
        taken_back = taken_back_of(facts)
        clocks |= _of("lead__contact", told_of(facts) | taken_back, going)
        clocks |= _of("lead__contact", taken_back, by_touch)
    found: list[Settled] = []
    for chunk in traits.chunked(sorted(clocks)):
        found += settled(list(Clock.objects.whole().filter(pk__in=chunk).order_by("id")), at)
    return found


def _of(key: str, records: Iterable[int | None], which: Q) -> set[int]:
    """Clocks of any number of records."""
    found: set[int] = set()
    for chunk in traits.chunked(records):
        found.update(Clock.objects.filter(which, **{f"{key}__in": chunk}).values_list("pk", flat=True))
    return found


def apply_settle(found: list[Settled], at: datetime) -> None:
    settle(found, at)


START = Reaction("promises.start", plan_start, apply_start)
SETTLE = Reaction("promises.settle", plan_settle, apply_settle)
