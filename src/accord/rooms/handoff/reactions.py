"""What is handed over when a lead moves, and what becomes of a hand-off whose lead went on or was given to somebody."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accord.kernel.journal import Reaction
from accord.kernel.ledger import Fact
from accord.rooms.handoff import rules
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.offering import Due, due, offer


@dataclass
class Moved:
    offers: list[Due] = field(default_factory=list)
    ended: list[Handoff] = field(default_factory=list)
    followed: list[Handoff] = field(default_factory=list)


def plan_moved(facts: Sequence[Fact], at: datetime) -> Moved:
    leads = {fact.lead_id for fact in facts if fact.lead_id}
    still = list(Handoff.objects.open().filter(lead__in=leads).select_related("lead__owner"))
    ended = [one for one in still if _left(one)]
    followed = [one for one in still if one.is_offered and not _left(one) and one.owner_id != one.lead.owner_id]
    return Moved(due(leads - {one.lead_id for one in ended}, at), ended, followed)


def apply_moved(moved: Moved, at: datetime) -> None:
    """A lead that left the stage in which it was handed over may stand where the next one does."""
    for one in moved.ended:
        one.end(by=None, at=at)
    for one in moved.followed:
        if one.lead.owner:
            one.reassign(one.lead.owner, rules.BY_HAND, by=None, at=at)
    offer(moved.offers, at)
    if moved.ended:
        offer(due({one.lead_id for one in moved.ended}, at), at)


def _left(one: Handoff) -> bool:
    return one.lead.stage != one.stage or one.lead.trashed_at is not None


HAND_OVER = Reaction("handoff.hand_over", plan_moved, apply_moved)
