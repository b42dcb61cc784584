"""What becomes of nudges that nobody has answered when their lead goes on, ends or goes into the trash."""

from collections.abc import Sequence
from datetime import datetime

from accord.kernel.ledger import Fact
from accord.rooms.desk.models import Nudge
from accord.rooms.funnel.models import Lead
from accord.rooms.team.models import Member


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
