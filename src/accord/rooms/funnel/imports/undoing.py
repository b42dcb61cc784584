"""Taking back the leads and deals that a reverted import had made, and where it had moved others to."""

from collections.abc import Sequence
from datetime import datetime

from accord.kernel import search, traits
from accord.kernel.imports.kinds import Undo
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Deal, Lead, Transition


def _trash_leads(leads: Sequence[int], at: datetime) -> None:
    Lead.objects.filter(pk__in=leads, trashed_at=None).update(trashed_at=at)


def _restate_leads(leads: Sequence[int]) -> None:
    """Where leads stand, from the transitions that still stand."""
    last: dict[int, Transition] = {}
    standing = traits.standing(Transition.objects.filter(lead_id__in=leads))
    for transition in standing.order_by("id"):
        assert transition.lead_id
        last[transition.lead_id] = transition
    for lead, transition in last.items():
        ended = transition.occurred_at if transition.to_stage in rules.ENDS else None
        Lead.objects.filter(pk=lead).update(
            stage=transition.to_stage, stage_since=transition.occurred_at, ended_at=ended
        )


def _trash_deals(deals: Sequence[int], at: datetime) -> None:
    Deal.objects.filter(pk__in=deals, trashed_at=None).update(trashed_at=at)
    search.drop("deal", deals)


def _restate_deals(deals: Sequence[int]) -> None:
    Deal.objects.filter(pk__in=deals, outcome="open").update(closed_at=None)


LEADS = Undo("lead", _trash_leads, _restate_leads)
DEALS = Undo("deal", _trash_deals, _restate_deals)
