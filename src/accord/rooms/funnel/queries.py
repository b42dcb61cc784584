from collections.abc import Sequence
from dataclasses import replace

from accord.kernel import traits
from accord.kernel.fields import Field, Names
from accord.kernel.instants import to_micros
from accord.rooms.funnel import rules
from accord.rooms.funnel.fields import DEAL_FIELDS
from accord.rooms.funnel.models import Deal, Lead, Qualification, Transition
from accord.rooms.funnel.models.deal import OPEN
from accord.rooms.funnel.models.pipeline import stage_names


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
