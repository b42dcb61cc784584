"""Hand-offs as people ask for them."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from accord.rooms.funnel.models import Lead
from accord.rooms.handoff import rules
from accord.rooms.handoff.models import Choice, Handoff, Return
from accord.rooms.team.models import Member


def choices(handoffs: Iterable[int]) -> dict[int, Choice]:
    """The newest choice of each: why its owner has it. One query."""
    rows = Choice.objects.filter(handoff_id__in=list(handoffs)).order_by("id")
    return {row.handoff_id: row for row in rows}


def to_hand_back(lead: Lead, handed: Sequence[Handoff]) -> Handoff | None:
    """Of the hand-offs of a lead, the newest first, the one by which whoever has accepted it may return it."""
    newest = handed[0] if handed else None
    if newest is None or newest.state in rules.OPEN or newest.state == rules.RETURNED or newest.reason:
        return None
    return newest if lead.stage in rules.WITH_SALES and newest.may_return else None


def waiting_returns(member: Member) -> QuerySet[Return]:
    """Leads that came back and that nobody in marketing has taken up yet, the oldest first."""
    seen = Handoff.objects.visible_to(member).here()
    return Return.objects.filter(handoff__in=seen, taken_up_at=None).select_related("lead__contact__company", "handoff")
