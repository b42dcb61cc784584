"""What service looks at: the customers that were handed over, with what they bought."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from accord.rooms.funnel.models import Deal, DealProduct
from accord.rooms.funnel.rules import WON
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.rules import ACCEPTED
from accord.rooms.team.rules import SERVICE
from accord.web.today.frame import LISTED, Looking, Section, Sheet


@dataclass(frozen=True)
class Customer:
    handoff: Handoff
    deals: Sequence[Deal]


def customers(looking: Looking) -> Sheet | None:
    """Those that they have accepted; the rest is offered to them."""
    mine = Handoff.objects.visible_to(looking.member).here().filter(owner=looking.member, stage=WON, state=ACCEPTED)
    held = mine.filter(lead__stage=WON)
    found = list(held.select_related("lead__contact__company").order_by("-owned_since", "-id")[:LISTED])
    if not found:
        return None
    bought = _bought(looking, [one.lead_id for one in found])
    return Sheet(
        _("Customers handed over to you"), _("with what they bought, the newest first"), count=held.count(),
        told=[Customer(one, bought[one.lead_id]) for one in found], template="today/customers.html",
        link=(f"{reverse('leads')}?f=owner:is:me&f=stage:is:{WON}", _("All of them")),
    )  # fmt: skip


def _bought(looking: Looking, leads: Iterable[int]) -> Mapping[int, list[Deal]]:
    """By lead its deals that were won, with their products. Two queries."""
    holds = Prefetch("products", DealProduct.objects.filter(until=None).select_related("product").order_by("id"))
    won = Deal.objects.visible_to(looking.member).here().filter(lead__in=leads, outcome=WON)
    found: dict[int, list[Deal]] = defaultdict(list)
    for deal in won.prefetch_related(holds).order_by("closed_at", "id"):
        found[deal.lead_id or 0].append(deal)
    return found


SECTIONS = [Section(frozenset({SERVICE}), 35, customers)]
