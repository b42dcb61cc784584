"""Passing a hand-off on: because its owner is away or has left, or because a promise was not kept."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from accord.kernel import ledger
from accord.rooms.agreement.document.model import Handoff as Term
from accord.rooms.agreement.models import Version
from accord.rooms.handoff import rules
from accord.rooms.handoff.choosing import Due, choose, routed
from accord.rooms.handoff.models import Answered, Choice, Handoff
from accord.rooms.handoff.roster import Roster
from accord.rooms.team.models import Member
from accord.rooms.team.worktimes import absent

TOGETHER = 500


def pass_on(handoffs: Sequence[Handoff], why: str, at: datetime) -> int:
    """Give each to the next whose turn it is, of those who have not had it; how many had another one to go to.

    Where nobody else can, the accountable one gets it. Choices read before the write; each is a conditional update.
    """
    wanted = {one.pk: one for one in handoffs}
    before = had(wanted.values())
    next_due = dues(list(wanted.values()), at)
    passed = 0
    with ledger.write(at):
        roster = Roster.of(at)
        for pk, due in next_due.items():
            passed += _pass(roster, wanted[pk], due, before[pk], why, at)
        roster.keep()
    return passed


def cover(at: datetime) -> int:
    """Hand-offs of members who are away or gone go to somebody who is here; how many."""
    members = {one.pk: one for one in Member.objects.all()}
    out = absent(members, at) | {pk for pk, one in members.items() if not one.is_active}
    left = Handoff.objects.here().offered().filter(owner__in=out).select_related("lead", "version").order_by("id")
    return pass_on(list(left[:TOGETHER]), rules.ABSENT, at)


def _pass(roster: Roster, one: Handoff, due: Due, before: set[int], why: str, at: datetime) -> int:
    choice = choose(roster, due, before)
    holder = one.owner_id
    if choice.owner_id == holder:
        return 0
    try:
        one.reassign(roster.members[choice.owner_id], why, by=None, at=at, choice=choice)
    except Answered:  # meanwhile: it stays, and the others are passed on
        roster.held[choice.owner_id] -= 1
        return 0
    roster.held[holder] -= 1
    return 1


def had(handoffs: Collection[Handoff]) -> dict[int, set[int]]:
    """Who had each, whoever has it now among them. By hand-off."""
    found: dict[int, set[int]] = defaultdict(set)
    ids = [one.pk for one in handoffs]
    for pk, owner in Choice.objects.filter(handoff_id__in=ids).values_list("handoff_id", "owner_id"):
        found[pk].add(owner)
    for one in handoffs:
        found[one.pk].add(one.owner_id)
    return found


def dues(handoffs: Sequence[Handoff], at: datetime) -> dict[int, Due]:
    """What each is to be handed over by, as it stands now. Raises KeyError for a kind that its document has not."""
    plain = [Due(one.lead, one.version, _terms(one.version)[one.kind]) for one in handoffs]
    return {one.pk: due for one, due in zip(handoffs, routed(plain, at), strict=True)}


def _terms(version: Version) -> dict[str, Term]:
    return {term.id: term for term in version.document.handoffs}
