"""What each side proposes for leads of the other that stand still, and what their owners answer."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from accord.kernel import journal
from accord.rooms.desk.models import Nudge, Task
from accord.rooms.desk.rules import EVENT, MESSAGE, OFFER, PROGRAM
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.rules import ENGAGED, OPPORTUNITY, SAL, SQL
from accord.rooms.team.models import Member
from accord.rooms.team.rules import INSIDE, MARKETERS, MARKETING, SELLERS

WEDNESDAY, MORNING, WEEKS = 2, 9, 14
STANDS = timedelta(days=10)
AT_ONCE = 3  # proposals of one side in a week
ACCEPTS, DECLINES = 0.45, 0.8  # of those that wait; the rest wait on
SAID = {
    MESSAGE: "Send them the sizing table for low flow",
    EVENT: "Invite them to the open day at the test bench",
    OFFER: "Offer a trial station for a month",
    PROGRAM: "Put them into the program on running costs",
}
WHY_NOT = ("planned", "not_now", "asked_not_to", "no_fit", "tried")


def mornings(until: datetime) -> Iterator[datetime]:
    """When people look at what stands still: on some Wednesdays before the end."""
    last = until.replace(hour=MORNING) - timedelta(days=1 + (until.weekday() - 1 - WEDNESDAY) % 7)
    yield from (last - timedelta(weeks=week) for week in reversed(range(WEEKS)))


def look(rng: Random, at: datetime) -> None:
    """Answer what was proposed the week before, then propose."""
    for task in Task.objects.open().filter(pk__in=Nudge.objects.values("step"), due_at__lt=at).order_by("id"):
        task.done(by=task.owner, at=at)
    waiting = Nudge.objects.here().open().select_related("lead__owner", "lead__contact").order_by("id")
    for nudge in [one for one in waiting if one.lead.is_open and one.lead.owner]:
        _answer(rng, nudge, nudge.lead.owner, at)
    _propose(rng, MARKETING, SELLERS, (SAL, SQL, OPPORTUNITY), at)
    _propose(rng, INSIDE, MARKETERS, (ENGAGED,), at)
    journal.drain()


def _answer(rng: Random, nudge: Nudge, owner: Member | None, at: datetime) -> None:
    said = rng.random()
    if owner is None or said > DECLINES:
        return
    if said < ACCEPTS:
        nudge.accept(by=owner, at=at)
    else:
        nudge.decline(rng.choice(WHY_NOT), by=owner, at=at)


def _propose(rng: Random, role: str, owners: frozenset[str], stages: tuple[str, ...], at: datetime) -> None:
    by = Member.objects.filter(role=role, is_active=True).order_by("id")[0]
    still = Lead.objects.open().filter(stage__in=stages, stage_since__lt=at - STANDS, owner__role__in=owners)
    found = list(still.exclude(nudges__state="proposed").order_by("id"))
    for lead in rng.sample(found, min(AT_ONCE, len(found))):
        kind = rng.choice(list(SAID))
        Nudge.propose(lead, kind=kind, said=SAID[kind], by=by, at=at)
