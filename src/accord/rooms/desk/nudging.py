"""Nudges of many leads at once; and what becomes of those that nobody has answered when their lead goes on, ends or
goes into the trash."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accord.kernel import ledger
from accord.kernel.ledger import Fact
from accord.rooms.desk.models import Ended, NotReturnable, NotTheirs, Nudge, Stands
from accord.rooms.funnel.models import Lead
from accord.rooms.team.models import Member

MANY = 200  # leads that something is proposed for at once: each takes a handful of queries
# Why a lead is left out of those that something is proposed for.
ENDED, NOBODYS, OWN, STANDS, NOT_RETURNABLE = "ended", "nobodys", "own", "stands", "not_returnable"
WHYS: dict[type[Exception], str] = {Ended: ENDED, Stands: STANDS, NotReturnable: NOT_RETURNABLE}


@dataclass
class Proposed:
    """What was proposed for many leads, and how many were left out for which reason."""

    made: list[Nudge] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def propose_each(leads: Iterable[Lead], *, kind: str, said: str, by: Member, at: datetime) -> Proposed:
    """The same of each lead, in one transaction. Raises NeedsWords, and ValueError for an unknown kind."""
    found = Proposed()
    with ledger.write(at, by.pk):
        for lead in leads:
            try:
                found.made.append(Nudge.propose(lead, kind=kind, said=said, by=by, at=at))
            except NotTheirs as theirs:
                found.left_out[OWN if theirs.args[0] else NOBODYS] += 1
            except tuple(WHYS) as why:
                found.left_out[WHYS[type(why)]] += 1
    return found


def plan_ending(facts: Sequence[Fact], at: datetime) -> list[Nudge]:
    """Those of leads that do not stand where they stood when it was proposed."""
    waiting = Nudge.objects.open().filter(lead__in={fact.lead_id for fact in facts if fact.lead_id})
    return [one for one in waiting.select_related("lead").order_by("id") if _over(one)]


def apply_ending(nudges: list[Nudge], at: datetime) -> None:
    for nudge in nudges:
        nudge.end(at=at)


def about(lead: Lead, member: Member) -> list[Nudge]:
    """What is proposed for a lead and waits for an answer, the oldest first. One query."""
    seen = Nudge.objects.visible_to(member).here().open().filter(lead=lead)
    return list(seen.select_related("by", "lead__owner").order_by("proposed_at", "id"))


def _over(nudge: Nudge) -> bool:
    lead = nudge.lead
    return lead.trashed_at is not None or not lead.is_open or lead.stage != nudge.stage
