"""What becomes of the steps that somebody had planned with a lead that is another's now."""

from collections.abc import Sequence
from datetime import datetime

from accord.kernel.journal import Reaction
from accord.kernel.ledger import Fact
from accord.rooms.desk.models import Task
from accord.rooms.handoff.models import Handoff


def plan_following(facts: Sequence[Fact], at: datetime) -> dict[int, tuple[int, int]]:
    """By lead: who had it, and who has it now."""
    before = {fact.lead_id or 0: fact.payload["before"] for fact in facts}
    now = dict(Handoff.objects.filter(pk__in=[fact.subject_id for fact in facts]).values_list("lead_id", "owner_id"))
    return {lead: (before[lead], owner) for lead, owner in now.items() if lead in before}


def apply_following(moved: dict[int, tuple[int, int]], at: datetime) -> None:
    """A step goes with the lead: whoever has it now knows what was promised."""
    for lead, (before, owner) in moved.items():
        Task.objects.open().filter(lead=lead, owner=before).update(owner=owner)


FOLLOW = Reaction("desk.follow", plan_following, apply_following)
