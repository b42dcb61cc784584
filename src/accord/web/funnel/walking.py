"""A deal on its page: its way through the pipeline, what it holds, and who takes it on when it is won."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accord.kernel import traits
from accord.kernel.traits import Trait
from accord.rooms.content.models import Competitor, Product
from accord.rooms.funnel import usual
from accord.rooms.funnel.models import Deal, DealProduct, PipelineStage
from accord.rooms.funnel.models.deal import OPEN, WON
from accord.rooms.handoff.models import Handoff
from accord.rooms.team.models import Member
from accord.web.funnel import wording
from accord.web.funnel.board import age_of
from accord.web.funnel.holding_forms import CompetitorForm, ProductForm, RoleForm, known_contacts

OFFERED = 200  # names of products and competitors to choose from


def walked(deal: Deal, may_edit: bool, now: datetime) -> dict[str, Any]:
    """So many queries, whatever has happened to the deal."""
    every = PipelineStage.every()
    standing = [stage for stage in every if stage.retired_at is None]
    usuals = usual.of("deal")
    industry = usual.industries([deal.company_id]).get(deal.company_id or 0, "")
    age = age_of(deal, usuals, industry, now)
    places = {stage.key: place for place, stage in enumerate(standing)}
    here = places.get(deal.stage, -1)
    others = [(stage.key, str(stage)) for stage in standing if stage.key != deal.stage]
    return {
        "deal": deal, "open": deal.outcome == OPEN, "age": age,
        "chance": usuals.chance(deal.stage, age.here), "others": others,
        "next": standing[here + 1].key if here + 1 < len(standing) else "", "may_edit": may_edit,
        "steps": _steps(deal, standing, here, now), "handed": _handed(deal) if deal.outcome == WON else None,
    }  # fmt: skip


def _steps(deal: Deal, standing: list[PipelineStage], here: int, now: datetime) -> list[dict[str, str]]:
    spent = _spent(deal, deal.closed_at or now)
    last = here if deal.outcome == OPEN else len(standing) if deal.outcome == WON else here + 1
    return [
        {
            "name": str(stage), "spent": spent.get(stage.key, ""),
            "state": "now" if place == here and deal.outcome == OPEN else "past" if place < last else "",
        }
        for place, stage in enumerate(standing)
    ]  # fmt: skip


def _spent(deal: Deal, until: datetime) -> Mapping[str, str]:
    """How long it stood in each stage."""
    said = traits.standing(Trait.objects.filter(kind="deal", record=deal.pk, field="stage"))
    times = [(text or "", at) for text, at in said.order_by("occurred_at", "id").values_list("text", "occurred_at")]
    stood: dict[str, timedelta] = {}
    for (stage, since), (_next, left) in pairwise([*times, ("", until)]):
        stood[stage] = stood.get(stage, timedelta()) + max(left - since, timedelta())
    return {stage: wording.length(time) for stage, time in stood.items()}


def _handed(deal: Deal) -> str:
    """Who takes a won deal on, by the agreement; that nobody does, where it names no such hand-off."""
    handoff = Handoff.objects.filter(lead=deal.lead_id or 0, stage=WON).select_related("owner").order_by("id").last()
    if handoff is None:
        return _("The agreement in force hands over nothing that is won: nobody takes this customer on by itself.")
    return _("Handed over to %(member)s, who takes the customer on.") % {"member": handoff.owner}


def held(deal: Deal, member: Member, may_edit: bool) -> dict[str, Any]:
    """What the deal holds now, and the forms that add to it."""
    products = list(deal.products.filter(until=None).select_related("product").order_by("id"))
    shown: dict[str, Any] = {
        "deal": deal, "may_edit": may_edit,
        "contacts": deal.contacts.filter(until=None).select_related("contact").order_by("id"),
        "products": products, "together": _otherwise(deal, products),
        "competitors": deal.competitors.filter(until=None).select_related("competitor").order_by("id"),
    }  # fmt: skip
    if may_edit:
        offered, competitors = known(Product, member), known(Competitor, member)
        shown |= {
            "role_form": RoleForm(people=known_contacts(deal, member)),
            "product_form": ProductForm(deal=deal, known=offered), "every_product": names_of(offered),
            "competitor_form": CompetitorForm(known=competitors), "every_competitor": names_of(competitors),
        }  # fmt: skip
    return shown


def _otherwise(deal: Deal, products: Sequence[DealProduct]) -> int | None:
    """What the products come to, where each has an amount and the deal has another."""
    amounts = [one.amount_minor for one in products if one.amount_minor is not None]
    together = sum(amounts)
    return together if amounts and len(amounts) == len(products) and together != deal.amount_minor else None


def known(kind: type[Product | Competitor], member: Member) -> QuerySet[Any]:
    """The products or competitors that a member may choose from."""
    return kind.objects.visible_to(member).here()


def names_of(rows: QuerySet[Any]) -> list[str]:
    return list(rows.order_by("sort_key", "pk").values_list("name", flat=True)[:OFFERED])
