"""How clocks stand by now: what was done, by whom it was answered, and what became of the lead."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accord.kernel import ledger, traits
from accord.kernel.worktime import Span, Worked
from accord.rooms.agreement.document.model import Promise
from accord.rooms.funnel.models import Transition
from accord.rooms.funnel.rules import PLACE
from accord.rooms.funnel.rules import RETURNED as LEAD_RETURNED
from accord.rooms.handoff.models import Return
from accord.rooms.handoff.rules import ACCEPTED, ENDED, OPEN, RETURNED
from accord.rooms.promises import rules
from accord.rooms.promises.models import Clock
from accord.rooms.promises.models.clock import publish
from accord.rooms.promises.rules import End, Outcome, Touched
from accord.rooms.promises.touching import touches
from accord.rooms.team.worktimes import worked


@dataclass(frozen=True)
class Settled:
    """A clock as it was read, and how it stands; `owner` is whose it is now."""

    clock: Clock
    standing: Outcome
    spent: int | None
    owner: int

    @property
    def news(self) -> bool:
        return self.standing != self.clock.standing


@dataclass
class _Known:
    """What is known of the leads of some clocks."""

    touches: dict[int, list[Touched]]
    returned: dict[int, datetime]  # lead -> when sales returned it last
    returns: dict[int, Return]  # by hand-off


def settled(clocks: Sequence[Clock], at: datetime) -> list[Settled]:
    """How each stands. A fixed number of queries."""
    known = _known(clocks)
    hours = worked({clock.team_id for clock in clocks})
    return [_settled(clock, known, hours[clock.team_id], at) for clock in clocks]


def settle(found: Iterable[Settled], at: datetime, *, every: bool = False) -> None:
    """Write down what is new (of `every` one: what fell due), and publish what is owed next.

    Within the transaction of whoever calls.
    """
    handoffs = set()
    with ledger.write(at):
        for one in found:
            handoffs.add(one.clock.handoff_id)
            if one.clock.state == rules.RUNNING and one.owner != one.clock.owner_id:
                one.clock.passed_to(one.owner, at=at)
                one.clock.owner_id = one.owner
            if every or one.news:
                one.clock.advance(one.standing, one.spent, at=at)
        publish(handoffs)


def term(clock: Clock) -> Promise | None:
    """The promise in the document that started the clock."""
    promised = getattr(clock.version.document.promises, clock.side)
    return next((one for one in promised if one.id == clock.promise), None)


def is_business(clock: Clock) -> bool:
    promised = term(clock)
    return bool(promised and promised.within and Span.read(promised.within).business)


def elapsed(hours: Worked, business: bool, start: datetime, end: datetime) -> timedelta:
    """The time between, working time only where the promise is given in it."""
    return hours.between(start, end) if business else max(end - start, timedelta(0))


def _settled(clock: Clock, known: _Known, hours: Worked, at: datetime) -> Settled:
    standing = rules.outcome(clock.due_at, _stopped(clock, known), _end(clock, known), at)
    until = standing.stopped_at or standing.ended_at
    spent = int(elapsed(hours, is_business(clock), clock.received_at, until).total_seconds()) if until else None
    return Settled(clock, standing, spent, _whose(clock))


def _known(clocks: Sequence[Clock]) -> _Known:
    since: dict[int, datetime] = {}
    for clock in clocks:
        if clock.measure in (rules.FIRST_CONTACT, rules.ATTEMPTS):
            contact = clock.lead.contact_id
            since[contact] = min(clock.received_at, since.get(contact, clock.received_at))
    back = traits.standing(Transition.objects.filter(lead_id__in={c.lead_id for c in clocks}, move=LEAD_RETURNED))
    returned = dict(back.order_by("occurred_at").values_list("lead_id", "occurred_at"))
    taken = [clock.handoff_id for clock in clocks if clock.measure == rules.TAKE_UP]
    returns = {one.handoff_id: one for one in Return.objects.filter(handoff__in=taken)} if taken else {}
    return _Known(touches(since) if since else defaultdict(list), returned, returns)


def _stopped(clock: Clock, known: _Known) -> datetime | None:
    """When what was owed was done."""
    made = known.touches.get(clock.lead.contact_id, [])
    if clock.measure == rules.FIRST_CONTACT:
        return rules.first_contact(made, clock.received_at, clock.due_at)
    if clock.measure == rules.ATTEMPTS:
        promised = term(clock)
        least = int(promised.at_least or 1) if promised else 1
        return rules.attempts(made, least, clock.received_at, clock.due_at)
    if clock.measure == rules.TAKE_UP:
        back = known.returns.get(clock.handoff_id)
        return back.taken_up_at if back else None
    return clock.handoff.answered_at if _answered(clock) else None


def _answered(clock: Clock) -> bool:
    """Accepted or returned; whoever takes the lead on by hand has said yes, too."""
    handoff = clock.handoff
    went_on = handoff.state == ENDED and _place(clock.lead.stage) > _place(handoff.stage)
    return handoff.state in (ACCEPTED, RETURNED) or went_on


def _end(clock: Clock, known: _Known) -> End | None:
    """From when on there is nothing to measure. Who takes the lead on by hand still owes what was promised."""
    lead, handoff = clock.lead, clock.handoff
    if lead.trashed_at:
        return End(lead.trashed_at, rules.TRASHED)
    if lead.ended_at:
        return End(lead.ended_at, lead.stage)
    if clock.measure == rules.TAKE_UP:
        again = _place(lead.stage) >= _place(handoff.stage) and lead.stage_since > clock.received_at
        return End(lead.stage_since, rules.WENT_ON) if again else None
    if handoff.state == RETURNED and handoff.answered_at:
        return End(handoff.answered_at, rules.RETURNED)
    returned = known.returned.get(lead.pk)
    return End(returned, rules.RETURNED) if returned and returned > clock.received_at else None


def _whose(clock: Clock) -> int:
    """Whoever answers the hand-off, and then whoever holds the lead."""
    if clock.side == rules.SALES and clock.handoff.state in OPEN:
        return clock.handoff.owner_id
    return clock.lead.owner_id or clock.owner_id


def _place(stage: str) -> int:
    return PLACE.get(stage, -1)
