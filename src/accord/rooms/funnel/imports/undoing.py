"""Taking back the leads and deals that a reverted import had made, and where it had moved others to."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from accord.kernel import ledger, search, traits
from accord.kernel.imports.kinds import Undo
from accord.kernel.ledger import LedgerRow, Retraction
from accord.rooms.funnel import rules
from accord.rooms.funnel.facts import LeadOpened
from accord.rooms.funnel.models import Deal, Lead, Transition


def _trash_leads(leads: Sequence[int], at: datetime) -> None:
    Lead.objects.filter(pk__in=leads, trashed_at=None).update(trashed_at=at)


def _restate_leads(leads: Sequence[int], at: datetime) -> None:
    """Where leads stand, from the transitions that still stand; a lead that stays without its entry is given one."""
    _enter_again(leads, at)
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


def _enter_again(leads: Sequence[int], at: datetime) -> None:
    """What happened to a lead since the import stays, behind an entry that says how it came to be here all the same."""
    standing = defaultdict(list)
    for step in traits.standing(Transition.objects.filter(lead_id__in=leads)).order_by("id"):
        standing[step.lead_id].append(step)
    for lead in Lead.objects.here().filter(pk__in=leads):
        steps = standing[lead.pk]
        if not steps or steps[0].move != rules.ENTERED:
            with ledger.write(at) as writing:
                writing.record(LeadOpened(lead.pk, lead.contact_id, lead.entry), _rewritten(lead, steps))


def _rewritten(lead: Lead, steps: list[Transition]) -> list[LedgerRow]:
    """The entry, and the later steps once more behind it, since steps are read in the order of writing."""
    first = steps[0].from_stage or rules.INQUIRY if steps else lead.stage
    entered = Transition(
        lead_id=lead.pk, contact_id=lead.contact_id, entry=lead.entry, move=rules.ENTERED, to_stage=first,
        owner_id=lead.owner_id, occurred_at=lead.opened_at,
    )  # fmt: skip
    taken = [Retraction(table="transition", row_id=step.pk, reason="rewritten") for step in steps]
    for step in steps:
        step.pk = None
    return [entered, *steps, *taken]


def _trash_deals(deals: Sequence[int], at: datetime) -> None:
    Deal.objects.filter(pk__in=deals, trashed_at=None).update(trashed_at=at)
    search.drop("deal", deals)


def _restate_deals(deals: Sequence[int], at: datetime) -> None:
    Deal.objects.filter(pk__in=deals, outcome="open").update(closed_at=None)
    Deal.stand_since(deals)


LEADS = Undo("lead", _trash_leads, _restate_leads)
DEALS = Undo("deal", _trash_deals, _restate_deals)
