"""How the timeline tells the facts of the funnel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accord.kernel.ledger import Fact
from accord.rooms.content.models import Competitor, Product
from accord.rooms.funnel import rules
from accord.rooms.funnel.fields import BUYER_ROLE_NAMES, ENTRY_NAMES, STAGE_NAMES, reason_name
from accord.rooms.funnel.models import Deal, Transition
from accord.rooms.funnel.models.pipeline import stage_names
from accord.rooms.people.models import Contact
from accord.web.funnel.wording import reason as reason_of
from accord.web.funnel.wording import side_of
from accord.web.records.timeline import HANDOFF, MARKETING, NONE, SALES, Book, Entry, Teller

LEAD_KINDS = (
    "lead_opened",
    "lead_moved",
    "lead_assigned",
    "lead_joined",
    "lead_reopened",
    "lead_trashed",
    "lead_restored",
)
DEAL_KINDS = ("deal_opened", "deal_won", "deal_lost", "deal_reopened", "deal_trashed", "deal_restored")
HELD_KINDS = (
    "deal_contact_added", "deal_contact_removed", "deal_product_added", "deal_product_removed",
    "deal_competitor_added", "deal_competitor_removed",
)  # fmt: skip


@dataclass(frozen=True)
class Gathered:
    steps: Mapping[int, Transition]  # by the fact that wrote them
    deals: Mapping[int, Deal]
    stages: Mapping[str, str]  # of the pipeline, by key
    held: Mapping[str, Mapping[int, str]]  # how contacts, products and competitors are called, by kind and id


def gather(facts: Sequence[Fact]) -> Gathered:
    told = [f for f in facts if f.kind in LEAD_KINDS]
    of_leads = Transition.objects.filter(lead_id__in={f.lead_id for f in told})
    steps = of_leads.filter(fact_id__in=[f.pk for f in told])
    deals = {f.deal_id for f in facts if f.deal_id}
    return Gathered(
        {step.fact_id: step for step in steps},
        Deal.objects.select_related("company", "contact").in_bulk(deals),
        stage_names() if any(f.kind == "deal_moved" for f in facts) else {},
        _called([f for f in facts if f.kind in HELD_KINDS]),
    )


def _called(facts: Sequence[Fact]) -> dict[str, dict[int, str]]:
    contacts = {f.contact_id for f in facts if "contact" in f.kind}
    products = {f.payload["product"] for f in facts if "product" in f.payload}
    rivals = {f.payload["competitor"] for f in facts if "competitor" in f.payload}
    kinds = (("contact", Contact, contacts), ("product", Product, products), ("competitor", Competitor, rivals))
    return {
        kind: {pk: str(row) for pk, row in model._default_manager.in_bulk(ids).items()} if ids else {}
        for kind, model, ids in kinds
    }


def tell(fact: Fact, gathered: Gathered, book: Book) -> Entry:
    if fact.kind in DEAL_KINDS:
        return _deal(fact, gathered)
    if fact.kind == "deal_moved":
        return _advanced(fact, gathered)
    if fact.kind in HELD_KINDS:
        return _held(fact, gathered)
    link = reverse("lead", args=[fact.lead_id])
    if fact.kind == "lead_trashed":
        return Entry("trash-2", _("Lead put in the trash"), link=link)
    if fact.kind == "lead_restored":
        return Entry("undo-2", _("Lead taken back from the trash"), link=link)
    step = gathered.steps.get(fact.pk)
    reason = reason_of(step.reason) if step else ""
    if fact.kind == "lead_opened":
        entry = ENTRY_NAMES.get(fact.payload["entry"], fact.payload["entry"])
        side = (
            MARKETING if fact.payload["entry"] == "marketing" else NONE if fact.payload["entry"] == "import" else SALES
        )
        return Entry("log-in", _("Lead opened"), _("By %(entry)s") % {"entry": entry}, side, link=link)
    if fact.kind == "lead_assigned":
        owner = fact.payload["owner"]
        taken = owner is not None and owner == fact.by_id
        title = _("Taken over") if taken else _("Given to %(member)s") % {"member": book.name_of(owner)}
        return Entry("user-round-check", title, link=link)
    if fact.kind == "lead_joined":
        return Entry("git-merge", _("Lead joined to another one"), reason, link=link)
    if fact.kind == "lead_reopened":
        return Entry("rotate-ccw", _("Lead opened again"), reason, link=link)
    return _moved(fact, reason, link)


def _moved(fact: Fact, reason: str, link: str) -> Entry:
    stage, move = fact.payload["stage"], fact.payload["move"]
    if move == rules.RETURNED:
        return Entry("undo-2", _("Returned to marketing"), reason, HANDOFF, link=link)
    if stage in rules.EXITS:
        return Entry("log-out", STAGE_NAMES[stage], reason, NONE, link=link)
    sign = "trophy" if stage == rules.WON else "arrow-right"
    return Entry(sign, _("Moved to %(stage)s") % {"stage": STAGE_NAMES[stage]}, reason, side_of(stage), link=link)


def _deal(fact: Fact, gathered: Gathered) -> Entry:
    deal = gathered.deals.get(fact.deal_id or 0)
    titles = {
        "deal_opened": (_("Deal opened: %(deal)s"), "briefcase-business"),
        "deal_won": (_("Deal won: %(deal)s"), "trophy"),
        "deal_lost": (_("Deal lost: %(deal)s"), "circle-x"),
        "deal_reopened": (_("Deal opened again: %(deal)s"), "rotate-ccw"),
        "deal_trashed": (_("Deal put in the trash: %(deal)s"), "trash-2"),
        "deal_restored": (_("Deal taken back from the trash: %(deal)s"), "undo-2"),
    }
    title, icon = titles[fact.kind]
    reason = str(reason_name(deal.reason)) if deal and fact.kind in ("deal_won", "deal_lost") else ""
    return Entry(icon, title % {"deal": deal or "–"}, reason, SALES, link=reverse("deal", args=[fact.deal_id]))


def _advanced(fact: Fact, gathered: Gathered) -> Entry:
    deal, key = gathered.deals.get(fact.deal_id or 0), fact.payload["stage"]
    title = _("Deal in %(stage)s: %(deal)s") % {"stage": gathered.stages.get(key, key or "–"), "deal": deal or "–"}
    return Entry("arrow-right", title, "", SALES, link=reverse("deal", args=[fact.deal_id]))


def _held(fact: Fact, gathered: Gathered) -> Entry:
    kind = fact.kind.split("_")[1]
    pk = fact.contact_id if kind == "contact" else fact.payload[kind]
    role = str(BUYER_ROLE_NAMES.get(fact.payload["role"], "")) if kind == "contact" else ""
    titles = {
        "deal_contact_added": (_("%(name)s has a part in the deal"), "user-round-plus"),
        "deal_contact_removed": (_("%(name)s has this part in the deal no more"), "user-round-minus"),
        "deal_product_added": (_("Product in the deal: %(name)s"), "package-plus"),
        "deal_product_removed": (_("Product out of the deal: %(name)s"), "package-minus"),
        "deal_competitor_added": (_("Competitor in the deal: %(name)s"), "swords"),
        "deal_competitor_removed": (_("Competitor out of the deal: %(name)s"), "flag-off"),
    }
    title, icon = titles[fact.kind]
    name = gathered.held[kind].get(pk or 0, "–")
    return Entry(icon, title % {"name": name}, role, SALES, link=reverse("deal", args=[fact.deal_id]))


FUNNEL = Teller(kinds=frozenset({*LEAD_KINDS, *DEAL_KINDS, *HELD_KINDS, "deal_moved"}), gather=gather, tell=tell)
