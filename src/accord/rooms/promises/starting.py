"""Which promises run from a hand-off, or from its return, and until when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.kernel import ledger
from accord.kernel.worktime import Calendar, Span
from accord.rooms.agreement.document.model import Promise
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.promises import rules
from accord.rooms.promises.models import Clock
from accord.rooms.promises.settling import settle, settled
from accord.rooms.team.models import Member
from accord.rooms.team.worktimes import calendars


@dataclass(frozen=True)
class Owed:
    """What somebody owes, and since when."""

    handoff: Handoff
    promise: Promise
    side: str
    owner: Member
    received_at: datetime


def of_offers(handoffs: Iterable[int]) -> list[Clock]:
    """The clocks that run from these hand-offs, for sales."""
    found = Handoff.objects.filter(pk__in=set(handoffs)).select_related("lead", "version", "owner").order_by("id")
    return _clocks(
        Owed(one, promise, rules.SALES, one.owner, one.received_at)
        for one in found
        for promise in one.version.document.promises.sales
        if promise.of == one.kind and _timed(promise, rules.SALES)
    )


def of_returns(handoffs: Iterable[int]) -> list[Clock]:
    """The clocks that run from these returns, for marketing: for whoever has the lead back."""
    back = Return.objects.filter(handoff__in=set(handoffs)).order_by("id")
    found = back.select_related("handoff__version", "handoff__owner", "handoff__lead__owner")
    return _clocks(
        Owed(one.handoff, promise, rules.MARKETING, one.handoff.lead.owner or one.handoff.owner, one.at)
        for one in found
        for promise in one.handoff.version.document.promises.marketing
        if promise.of in (None, one.handoff.kind) and _timed(promise, rules.MARKETING)
    )


def start(rows: Sequence[Clock], at: datetime) -> None:
    """Start them, and look at once whether what they measure has happened meanwhile."""
    if rows:
        with ledger.write(at):
            begun = Clock.start(rows, at=at)
            settle(settled(list(Clock.objects.whole().filter(pk__in=begun)), at), at)


def _timed(promise: Promise, side: str) -> bool:
    return bool(promise.within) and rules.TIMED.get(promise.measure) == side


def _clocks(every: Iterable[Owed]) -> list[Clock]:
    owed = list(every)
    made = calendars({one.owner.team_id for one in owed})
    return [_clock(one, made[one.owner.team_id]) for one in owed]


def _clock(one: Owed, calendar: Calendar) -> Clock:
    promise, span = one.promise, Span.read(str(one.promise.within))
    shares = {"remind_at": promise.remind_at, "escalate_at": promise.escalate_at, "take_back_at": promise.take_back_at}
    if promise.mode == rules.PILOT:
        shares = {}  # it is measured, and nobody is pressed
    return Clock(
        handoff=one.handoff, lead=one.handoff.lead, version=one.handoff.version, owner=one.owner,
        team_id=one.owner.team_id, promise=promise.id, measure=promise.measure, side=one.side, mode=promise.mode,
        received_at=one.received_at, due_at=span.due(calendar, one.received_at),
        **{name: span.share(calendar, one.received_at, share) for name, share in shares.items() if share is not None},
    )  # fmt: skip
