"""What is handed over when a lead moves, and what becomes of a hand-off whose lead went on or was given to somebody."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accord.kernel.journal import Changed, Reaction
from accord.kernel.ledger import Fact
from accord.rooms.funnel.models import Transition
from accord.rooms.funnel.rules import RETURNED as LEAD_RETURNED
from accord.rooms.handoff import rules
from accord.rooms.handoff.choosing import Due
from accord.rooms.handoff.models import Answered, Handoff, Return
from accord.rooms.handoff.offering import due, offer
from accord.rooms.team.models import Member


@dataclass
class Moved:
    offers: list[Due] = field(default_factory=list)
    ended: list[Handoff] = field(default_factory=list)
    followed: list[Handoff] = field(default_factory=list)
    back: list[tuple[Handoff, str, Member | None, datetime]] = field(default_factory=list)


def plan_moved(facts: Sequence[Fact], at: datetime) -> Moved:
    leads = {fact.lead_id for fact in facts if fact.lead_id}
    still = list(Handoff.objects.open().filter(lead__in=leads).select_related("lead__owner"))
    ended = [one for one in still if _left(one)]
    followed = [one for one in still if one.is_offered and not _left(one) and one.owner_id != one.lead.owner_id]
    followed += _given([fact.lead_id for fact in facts if fact.kind == "lead_assigned" and fact.lead_id])
    return Moved(due(leads - {one.lead_id for one in ended}, at), ended, followed, _moved_back(facts))


def apply_moved(moved: Moved, at: datetime) -> None:
    """A lead that left the stage in which it was handed over may stand where the next one does."""
    for one in moved.ended:
        one.end(by=None, at=at)
    for one, reason, by, when in moved.back:
        one.went_back(reason, by=by, at=when)
    for one in moved.followed:
        if one.lead.owner:
            _follow(one, one.lead.owner, at)
    offer(moved.offers, at)
    if moved.ended:
        offer(due({one.lead_id for one in moved.ended}, at), at)


def _follow(one: Handoff, owner: Member, at: datetime) -> None:
    """To whoever was given the lead. Answered meanwhile, it is looked at again as it stands then."""
    try:
        one.reassign(owner, rules.BY_HAND, by=None, at=at)
    except Answered as first:
        raise Changed from first


def _given(leads: Sequence[int]) -> list[Handoff]:
    """Accepted ones whose lead stands where it was accepted, and was given to somebody else by hand."""
    accepted = Handoff.objects.filter(state=rules.ACCEPTED, lead__in=leads, lead__trashed_at=None)
    held = [one for one in accepted.select_related("lead__owner") if one.lead.stage == rules.held_at(one.stage)]
    return [one for one in held if one.owner_id != one.lead.owner_id]


def _moved_back(facts: Sequence[Fact]) -> list[tuple[Handoff, str, Member | None, datetime]]:
    """Hand-offs whose lead was moved back by another way than an answer, as over the API."""
    moves = [fact for fact in facts if fact.payload.get("move") == LEAD_RETURNED and fact.lead_id]
    if not moves:
        return []
    steps = Transition.standing().filter(fact_id__in=[fact.pk for fact in moves])
    said = {step.lead_id: step for step in steps.order_by("id")}
    handed = Handoff.objects.filter(lead__in=list(said)).select_related("lead", "version").order_by("id")
    newest = {one.lead_id: one for one in handed if one.received_at <= said[one.lead_id].occurred_at}
    gone = set(Return.objects.filter(handoff__in=list(newest.values())).values_list("handoff_id", flat=True))
    members = Member.objects.in_bulk({step.by_id for step in said.values() if step.by_id})
    return [
        (one, said[pk].reason, members.get(said[pk].by_id or 0), said[pk].occurred_at)
        for pk, one in newest.items()
        if one.pk not in gone
    ]


def _left(one: Handoff) -> bool:
    return one.lead.stage != one.stage or one.lead.trashed_at is not None


HAND_OVER = Reaction("handoff.hand_over", plan_moved, apply_moved)
