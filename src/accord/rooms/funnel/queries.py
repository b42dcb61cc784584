from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from accord.kernel import traits
from accord.kernel.fields import Field, Names
from accord.kernel.instants import to_micros
from accord.rooms.funnel import rules
from accord.rooms.funnel.fields import DEAL_FIELDS
from accord.rooms.funnel.models import Deal, Lead, Qualification, Transition
from accord.rooms.funnel.models.deal import OPEN
from accord.rooms.funnel.models.pipeline import stage_names
from accord.rooms.team.models import Member


def deal_fields() -> list[Field]:
    """The house itself says which stages its pipeline has."""
    stages = Names(stage_names)
    return [replace(one, choices=stages) if one.slug == "stage" else one for one in DEAL_FIELDS]


def deal_words(deals: Sequence[int]) -> list[tuple[int, Sequence[str | None]]]:
    """By which words deals are found; those in the trash are not."""
    found: list[tuple[int, Sequence[str | None]]] = []
    for chunk in traits.chunked(deals):
        rows = Deal.objects.here().filter(pk__in=chunk).values_list("id", "name")
        found.extend((pk, words) for pk, *words in rows)
    return found


def open_deal(lead: Lead) -> Deal | None:
    return Deal.objects.here().filter(lead=lead, outcome=OPEN).first()


def qualified(leads: Sequence[int]) -> dict[int, Qualification]:
    """The qualification that stands, of those of these leads that have one. Two queries."""
    latest = {row.lead_id: row for row in Qualification.objects.filter(lead__in=leads).order_by("segment")}
    returns = Transition.standing().filter(lead_id__in=leads, move=rules.RETURNED)
    returned = {lead or 0: at for lead, at in returns.order_by("recorded_at").values_list("lead_id", "recorded_at")}
    return {
        lead: row for lead, row in latest.items() if lead not in returned or row.segment >= to_micros(returned[lead])
    }


@dataclass(frozen=True)
class Override:
    """A lead that a person placed in a stage before its rule held."""

    lead: Lead
    at: datetime
    by: Member | None
    reason: str
    stage: str
    version: int
    outcome: str


def overrides(member: Member) -> list[Override]:
    """Those of leads that the member may see, newest first. Five queries, however many there are."""
    by_hand = Transition.standing().filter(
        move__in=[*rules.PLACED, rules.WON], from_stage__in=[rules.INQUIRY, rules.ENGAGED],
        deal_id=None, version_id__isnull=False,
    ).exclude(reason__in=["", rules.BY_RULE])  # fmt: skip
    rows = list(by_hand.order_by("-occurred_at", "-id"))
    leads = Lead.objects.visible_to(member).here().filter(entry__in=rules.SUBJECT).select_related("contact__company")
    seen = leads.in_bulk({row.lead_id for row in rows if row.lead_id})
    returns = Transition.standing().filter(lead_id__in=list(seen), move=rules.RETURNED)
    returned = {lead or 0: pk for lead, pk in returns.order_by("id").values_list("lead_id", "id")}
    members = Member.objects.in_bulk({row.by_id for row in rows if row.by_id})
    return [
        Override(
            lead, row.occurred_at, members.get(row.by_id or 0), row.reason, row.to_stage, row.version_id or 0,
            rules.outcome(lead.stage, returned.get(lead.pk, 0) > row.pk),
        )
        for row in rows
        if (lead := seen.get(row.lead_id or 0))
    ]  # fmt: skip
