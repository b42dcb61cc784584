"""Marketing holds still while somebody is talked with: from an accepted hand-off until the lead ends or goes back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accord.kernel.ledger import Fact
from accord.rooms.funnel.models import Lead, Transition
from accord.rooms.funnel.rules import ENTERED, PLACE
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.rules import ACCEPTED, RETURNED
from accord.rooms.people.models import Hold
from accord.rooms.people.queries import selves

# With these a conversation begins; whoever lets marketing write in the middle of one is not overruled by the others.
BEGINS = ("handoff_accepted", "lead_reopened", "lead_restored")


@dataclass
class Holding:
    lay: list[tuple[Lead, datetime]] = field(default_factory=list)
    lift: list[Hold] = field(default_factory=list)
    back: list[tuple[int, int]] = field(default_factory=list)  # a hold, and the contact it goes back to


def plan_holding(facts: Sequence[Fact], at: datetime) -> Holding:
    about = {fact.lead_id for fact in facts if fact.lead_id}
    begun = {fact.lead_id: fact.occurred_at for fact in facts if fact.kind in BEGINS}
    talking = _talking(about)
    ended = about - {lead.pk for lead in talking}
    lay = [(lead, begun[lead.pk]) for lead in talking if lead.pk in begun]
    parted = [one for fact in facts if fact.kind == "contacts_unmerged" for one in _parted(fact)]
    return Holding(lay, list(Hold.objects.here().filter(lead__in=ended).order_by("id")), parted)


def apply_holding(holding: Holding, at: datetime) -> None:
    for lead, since in holding.lay:
        Hold.lay(lead.contact_id, lead.pk, by=None, at=since)
    for hold in holding.lift:
        hold.lift(by=None, at=at)
    for pk, contact in holding.back:
        Hold.objects.filter(pk=pk).update(contact=contact)


def _talking(leads: set[int]) -> list[Lead]:
    """The open ones of which the last hand-off that was answered was accepted, and which have not gone back since."""
    rows = Handoff.objects.filter(lead__in=leads, state__in=(ACCEPTED, RETURNED)).order_by("answered_at", "id")
    last = {lead: (state, stage) for lead, state, stage in rows.values_list("lead_id", "state", "stage")}
    accepted = {lead: PLACE[stage] for lead, (state, stage) in last.items() if state == ACCEPTED}
    still = Lead.objects.open().filter(pk__in=list(accepted))
    return [lead for lead in still if PLACE[lead.stage] >= accepted[lead.pk]]


def _parted(fact: Fact) -> list[tuple[int, int]]:
    """People are two again: a hold goes with the lead that the other one had entered with."""
    loser = fact.payload["loser"]
    entered = Transition.objects.filter(move=ENTERED, contact_id__in=selves(loser)).values("lead_id")
    holds = Hold.objects.filter(contact=fact.contact_id, lead__in=entered)
    return [(pk, loser) for pk in holds.values_list("id", flat=True)]
