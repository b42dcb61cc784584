"""What the funnel does when people turn out to be one, or not."""

from collections.abc import Sequence
from datetime import datetime

from accord.kernel.journal import Reaction
from accord.kernel.ledger import Fact
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Lead, Transition

MERGE = "merge"


def plan_joins(facts: Sequence[Fact], at: datetime) -> list[tuple[Lead, Lead]]:
    """One open passage a contact: of a merged pair, the younger passage is joined to the older."""
    pairs = []
    for fact in facts:
        found = (
            Lead.objects.open().filter(contact__in=[fact.contact_id, fact.payload["loser"]]).order_by("opened_at", "id")
        )
        if len(both := list(found)) == 2:
            pairs.append((both[0], both[1]))
    return pairs


def apply_joins(pairs: list[tuple[Lead, Lead]], at: datetime) -> None:
    for older, younger in pairs:
        younger.join(to_lead=older, deal=None, reason=MERGE, by=None, at=at)


def plan_partings(facts: Sequence[Fact], at: datetime) -> list[tuple[Lead, str]]:
    """An un-merge opens again the passage that the merge had joined, in the stage it had."""
    partings = []
    for fact in facts:
        contacts = [fact.contact_id, fact.payload["loser"]]
        joined = Lead.objects.here().filter(contact__in=contacts, stage=rules.JOINED)
        for lead in joined:
            last = Transition.objects.filter(lead_id=lead.pk).order_by("id").last()
            if last and last.move == rules.JOINED and last.reason == MERGE:
                partings.append((lead, last.from_stage or rules.INQUIRY))
    return partings


def apply_partings(partings: list[tuple[Lead, str]], at: datetime) -> None:
    for lead, stage in partings:
        if not Lead.objects.open().filter(contact=lead.contact_id).exists():
            lead.reopen(by=None, at=at, stage=stage, reason=MERGE)


JOIN_PASSAGES = Reaction("funnel.join_passages", plan_joins, apply_joins)
PART_PASSAGES = Reaction("funnel.part_passages", plan_partings, apply_partings)
