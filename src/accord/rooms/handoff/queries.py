"""Hand-offs as people ask for them."""

from collections.abc import Iterable

from django.db.models import QuerySet

from accord.rooms.handoff.models import Choice, Handoff, Return
from accord.rooms.team.models import Member


def choices(handoffs: Iterable[int]) -> dict[int, Choice]:
    """The newest choice of each: why its owner has it. One query."""
    rows = Choice.objects.filter(handoff_id__in=list(handoffs)).order_by("id")
    return {row.handoff_id: row for row in rows}


def waiting_returns(member: Member) -> QuerySet[Return]:
    """Leads that came back and that nobody in marketing has taken up yet, the oldest first."""
    seen = Handoff.objects.visible_to(member).here()
    return Return.objects.filter(handoff__in=seen, taken_up_at=None).select_related("lead__contact__company", "handoff")
