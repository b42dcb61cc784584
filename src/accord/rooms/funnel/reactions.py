"""What the funnel does when people turn out to be one, or not, and when something became known of somebody."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accord.kernel import ledger
from accord.kernel.journal import Reaction
from accord.kernel.ledger import Fact
from accord.rooms.agreement.models import Version
from accord.rooms.funnel import judging, rules
from accord.rooms.funnel.judging import Verdicts
from accord.rooms.funnel.models import Deal, DealContact, Lead, Transition
from accord.rooms.people.queries import selves
from accord.rooms.scoring.facts import ContactsToJudge
from accord.rooms.scoring.models import ToJudge

TOGETHER = 500  # contacts that are judged at once


@dataclass
class Joins:
    pairs: list[tuple[Lead, Lead]] = field(default_factory=list)  # the older passage, and the younger that joins it
    moves: list[tuple[int, int]] = field(default_factory=list)  # a merged contact, and its survivor


@dataclass
class Partings:
    # A contact, its own leads and deals, and its own roles in deals.
    back: list[tuple[int, list[int], list[int], list[int]]] = field(default_factory=list)
    joined: list[tuple[int, str]] = field(default_factory=list)  # a lead that a merge had joined, its stage before


def plan_joins(facts: Sequence[Fact], at: datetime) -> Joins:
    """One open passage a contact: of a merged pair, the younger passage is joined to the older."""
    joins = Joins()
    for fact in facts:
        survivor, loser = fact.contact_id or 0, fact.payload["loser"]
        joins.moves.append((loser, survivor))
        found = Lead.objects.open().filter(contact__in=[survivor, loser]).order_by("opened_at", "id")
        if len(both := list(found)) == 2:
            joins.pairs.append((both[0], both[1]))
    return joins


def apply_joins(joins: Joins, at: datetime) -> None:
    for older, younger in joins.pairs:
        younger.join(to_lead=older, deal=None, reason=rules.BY_MERGE, by=None, at=at)
    for loser, survivor in joins.moves:
        Lead.objects.filter(contact=loser).update(contact=survivor)
        Deal.objects.filter(contact=loser).update(contact=survivor)
        DealContact.objects.filter(contact=loser).update(contact=survivor)


def plan_partings(facts: Sequence[Fact], at: datetime) -> Partings:
    """An un-merge gives each its own leads and deals back, and opens again the passage that the merge had joined."""
    partings = Partings()
    for fact in facts:
        survivor, loser = fact.contact_id or 0, fact.payload["loser"]
        own = selves(loser)
        entered = Transition.objects.filter(move=rules.ENTERED, contact_id__in=own).values("lead_id")
        leads = Lead.objects.filter(contact__in=[survivor, loser])
        opened = Fact.objects.filter(kind="deal_opened", contact_id__in=own).values("deal_id")
        deals = Deal.objects.filter(contact=survivor, pk__in=opened)
        back = list(leads.filter(pk__in=entered).values_list("id", flat=True))
        added = Fact.objects.filter(kind="deal_contact_added", contact_id__in=own)
        roles = [fact.payload["link"] for fact in added]
        partings.back.append((loser, back, list(deals.values_list("id", flat=True)), roles))
        partings.joined += [
            (lead.pk, stage)
            for lead in leads.filter(stage=rules.JOINED, trashed_at=None)
            if (stage := _before_merge(lead))
        ]
    return partings


def apply_partings(partings: Partings, at: datetime) -> None:
    for contact, leads, deals, roles in partings.back:
        Lead.objects.filter(pk__in=leads).update(contact=contact)
        Deal.objects.filter(pk__in=deals).update(contact=contact)
        DealContact.objects.filter(pk__in=roles).update(contact=contact)
    for pk, stage in partings.joined:
        lead = Lead.objects.get(pk=pk)
        if not Lead.objects.open().filter(contact=lead.contact_id).exists():
            lead.reopen(by=None, at=at, stage=stage, reason=rules.BY_MERGE)


def _before_merge(lead: Lead) -> str | None:
    last = Transition.objects.filter(lead_id=lead.pk).order_by("id").last()
    return (
        (last.from_stage or rules.INQUIRY)
        if last and last.move == rules.JOINED and last.reason == rules.BY_MERGE
        else None
    )


def plan_judging(facts: Sequence[Fact], at: datetime) -> Verdicts:
    """The contacts that wait longest; whom one worker judges, others leave alone."""
    with transaction.atomic():
        # The ledger may be ahead of a clock that was set back.
        claimed = ToJudge.claim(max(at, ledger.latest() or at), TOGETHER)
    return judging.judge(claimed)


def apply_judging(found: Verdicts, at: datetime) -> None:
    judging.apply(found, at)
    if len(found.claimed) == TOGETHER:
        with ledger.write(at) as writing:
            writing.record(ContactsToJudge(source="queue", count=0))


def plan_beginning(facts: Sequence[Fact], at: datetime) -> dict[int, datetime]:
    """A version that comes into force is one more fact of every lead that is open and not qualified."""
    versions = Version.objects.filter(pk__in=[fact.subject_id for fact in facts])
    begun = [version.in_force_from for version in versions if version.in_force_from]
    waiting = Lead.objects.open().filter(stage__in=[rules.INQUIRY, rules.ENGAGED])
    return dict.fromkeys(waiting.values_list("contact_id", flat=True), min(begun)) if begun else {}


def apply_beginning(instants: dict[int, datetime], at: datetime) -> None:
    ToJudge.put(instants)
    with ledger.write(at) as writing:
        writing.record(ContactsToJudge(source="version", count=len(instants)))


JUDGE = Reaction("funnel.judge", plan_judging, apply_judging, slow=True)
JUDGE_WAITING = Reaction("funnel.judge_waiting", plan_beginning, apply_beginning)
JOIN_PASSAGES = Reaction("funnel.join_passages", plan_joins, apply_joins)
PART_PASSAGES = Reaction("funnel.part_passages", plan_partings, apply_partings)
