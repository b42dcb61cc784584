"""How the timeline tells the facts of the funnel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accord.kernel.ledger import Fact
from accord.rooms.funnel import rules
from accord.rooms.funnel.fields import ENTRY_NAMES, STAGE_NAMES
from accord.rooms.funnel.models import Deal, Transition
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


@dataclass(frozen=True)
class Gathered:
    steps: Mapping[int, Transition]  # by the fact that wrote them
    deals: Mapping[int, Deal]


def gather(facts: Sequence[Fact]) -> Gathered:
    told = [f for f in facts if f.kind in LEAD_KINDS]
    of_leads = Transition.objects.filter(lead_id__in={f.lead_id for f in told})
    steps = of_leads.filter(fact_id__in=[f.pk for f in told])
    deals = {f.deal_id for f in facts if f.deal_id}
    return Gathered(
        {step.fact_id: step for step in steps}, Deal.objects.select_related("company", "contact").in_bulk(deals)
    )


def tell(fact: Fact, gathered: Gathered, book: Book) -> Entry:
    if fact.kind in DEAL_KINDS:
        return _deal(fact, gathered)
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
        return Entry(
            "user-round-check", _("Given to %(member)s") % {"member": book.name_of(fact.payload["owner"])}, link=link
        )
    if fact.kind == "lead_joined":
        return Entry("git-merge", _("Passage joined to another one"), reason, link=link)
    if fact.kind == "lead_reopened":
        return Entry("rotate-ccw", _("Passage opened again"), reason, link=link)
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
    reason = deal.reason if deal and fact.kind in ("deal_won", "deal_lost") else ""
    return Entry(icon, title % {"deal": deal or "–"}, reason, SALES, link=reverse("deal", args=[fact.deal_id]))


FUNNEL = Teller(kinds=frozenset({*LEAD_KINDS, *DEAL_KINDS}), gather=gather, tell=tell)
