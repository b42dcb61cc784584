"""Where the time of a clock went: with the system, in the queue, with the person or with the customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accord.kernel.worktime import Worked
from accord.rooms.funnel.models import Lead
from accord.rooms.promises import rules
from accord.rooms.promises.models import Clock
from accord.rooms.promises.rules import Touched
from accord.rooms.promises.settling import elapsed, is_business
from accord.rooms.promises.touching import touches
from accord.rooms.team.worktimes import worked

SYSTEM, QUEUE, PERSON, CUSTOMER = "system", "queue", "person", "customer"
NONE = timedelta(0)


@dataclass(frozen=True)
class Delay:
    """In the time of the promise: until it was offered, until somebody answered, and until it was done.

    `customer`: of the last two, what passed after somebody had asked to be called again, until they were.
    """

    system: timedelta = NONE
    queue: timedelta = NONE
    person: timedelta = NONE
    customer: timedelta = NONE

    @property
    def whole(self) -> timedelta:
        return self.system + self.queue + self.person + self.customer

    @property
    def cause(self) -> str:
        """Where most of it went; the earlier of equals, none where there was no time at all."""
        parts = {SYSTEM: self.system, QUEUE: self.queue, PERSON: self.person, CUSTOMER: self.customer}
        longest = max(parts, key=lambda name: parts[name])
        return longest if parts[longest] else ""


def delays(clocks: Sequence[Clock], at: datetime) -> dict[int, Delay]:
    """Of each by id, until it was stopped or ended, else until now. What marketing owes waits in its queue."""
    hours = worked({clock.team_id for clock in clocks})
    said = _said(clocks)
    return {clock.pk: _delay(clock, hours[clock.team_id], said.get(clock.lead_id, []), at) for clock in clocks}


def _said(clocks: Sequence[Clock]) -> dict[int, list[Touched]]:
    """By lead: what was done with its contact. Few queries. Before the first contact nobody is waited for."""
    waiting = [clock for clock in clocks if clock.measure in (rules.ATTEMPTS, rules.VERDICT)]
    if not waiting:
        return {}
    contacts = dict(Lead.objects.filter(pk__in={clock.lead_id for clock in waiting}).values_list("pk", "contact_id"))
    since: dict[int, datetime] = {}
    for clock in waiting:
        contact = contacts[clock.lead_id]
        since[contact] = min(clock.received_at, since.get(contact, clock.received_at))
    made = touches(since)
    return {lead: made.get(contact, []) for lead, contact in contacts.items()}


def _delay(clock: Clock, hours: Worked, said: Sequence[Touched], at: datetime) -> Delay:
    start, end = clock.received_at, clock.stopped_at or clock.ended_at or at
    business = is_business(clock)
    if clock.side == rules.MARKETING:
        return Delay(queue=elapsed(hours, business, start, end))
    handoff = clock.handoff
    offered = min(max(handoff.offered_at or start, start), end)
    answered = min(max(handoff.answered_at or end, offered), end)
    theirs = [
        sum((elapsed(hours, business, *span) for span in rules.waited_for(said, *part)), NONE)
        for part in ((offered, answered), (answered, end))
    ]
    system, queue, person = (
        elapsed(hours, business, *part) for part in ((start, offered), (offered, answered), (answered, end))
    )
    return Delay(system, queue - theirs[0], person - theirs[1], sum(theirs, NONE))
