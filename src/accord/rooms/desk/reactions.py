"""What becomes of the steps that somebody had planned with a lead or deal that is another's now, went back or ended."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from accord.kernel import traits
from accord.kernel.journal import Reaction
from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.rooms.desk import inviting
from accord.rooms.desk.ending import apply_letting_go, plan_letting_go
from accord.rooms.desk.holding import apply_holding, plan_holding
from accord.rooms.desk.models import Booking, Task
from accord.rooms.desk.nudging import apply_ending, plan_ending
from accord.rooms.desk.rules import WAKE
from accord.rooms.desk.waking import apply_waking, plan_waking
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.handoff.rules import ACCEPTED
from accord.rooms.team.models import Member
from accord.rooms.team.rules import MARKETERS


def plan_following(facts: Sequence[Fact], at: datetime) -> dict[int, tuple[int, int]]:
    """By lead: who had it, and who has it now."""
    before = _had({fact.lead_id or 0: fact.subject_id or 0 for fact in facts if fact.kind == "handoff_offered"})
    before |= {fact.lead_id or 0: fact.payload["before"] for fact in facts if fact.kind == "handoff_reassigned"}
    now = dict(Handoff.objects.filter(pk__in=[fact.subject_id for fact in facts]).values_list("lead_id", "owner_id"))
    return {lead: (before[lead], owner) for lead, owner in now.items() if lead in before}


def _had(offered: dict[int, int]) -> dict[int, int]:
    """By lead: who had accepted it before it was offered on, or the seller who owned it without."""
    rows = Handoff.objects.filter(lead__in=list(offered), state=ACCEPTED).order_by("id")
    said = rows.values_list("id", "lead_id", "owner_id")
    accepted = {lead: owner for pk, lead, owner in said if pk < offered[lead]}
    return _gave({lead: pk for lead, pk in offered.items() if lead not in accepted}) | accepted


def _gave(offered: dict[int, int]) -> dict[int, int]:
    """By lead: its last owner but the present one, who is of the role that hands it over. What marketing had planned
    stays marketing's.
    """
    givers = dict(Handoff.objects.filter(pk__in=offered.values()).values_list("lead_id", "giver"))
    roles = dict(Member.objects.exclude(role__in=MARKETERS).values_list("id", "role"))
    said = traits.standing(Trait.objects.filter(kind="lead", field="owner", record__in=list(offered)))
    owners: dict[int, list[int]] = defaultdict(list)
    for lead, owner in said.order_by("occurred_at", "recorded_at", "id").values_list("record", "number"):
        owners[lead].append(int(owner or 0))
    before = {lead: next((one for one in reversed(had) if one != had[-1]), 0) for lead, had in owners.items()}
    return {lead: owner for lead, owner in before.items() if roles.get(owner) == givers[lead]}


def apply_following(moved: dict[int, tuple[int, int]], at: datetime) -> None:
    """A step goes with the lead: whoever has it now knows what was promised."""
    for lead, (before, owner) in moved.items():
        Task.objects.open().filter(lead=lead, owner=before).update(owner=owner)


def plan_following_joined(facts: Sequence[Fact], at: datetime) -> list[tuple[int, int]]:
    """Leads of one person who was two, with the lead that each goes on as."""
    merged = [fact for fact in facts if not fact.deal_id]
    return [(fact.lead_id or 0, fact.payload["to_lead"]) for fact in merged if fact.payload["to_lead"]]


def apply_following_joined(joined: list[tuple[int, int]], at: datetime) -> None:
    for lead, other in joined:
        Task.objects.open().filter(lead=lead).update(lead=other)


def plan_following_deals(facts: Sequence[Fact], at: datetime) -> list[tuple[int, int, int]]:
    """Deals, with who had each and who has it now, in the order in which they were given on."""
    given = [(fact.deal_id or 0, fact.payload["before"], fact.payload["owner"]) for fact in facts]
    return [(deal, before, owner) for deal, before, owner in given if before and owner]


def apply_following_deals(given: list[tuple[int, int, int]], at: datetime) -> None:
    """Those of a company alone; what is planned with a lead goes with the lead."""
    for deal, before, owner in given:
        Task.objects.open().filter(deal=deal, owner=before).update(owner=owner)


def plan_dropping(facts: Sequence[Fact], at: datetime) -> list[Task]:
    """What sellers had planned with leads before they went back."""
    returned = Return.objects.filter(handoff__in=[fact.subject_id for fact in facts]).order_by("at")
    when = dict(returned.values_list("lead_id", "at"))
    theirs = Task.objects.open().filter(lead__in=list(when)).exclude(Q(owner__role__in=MARKETERS) | Q(kind=WAKE))
    return [task for task in theirs.select_related("lead").order_by("id") if task.made_at <= when[task.lead_id or 0]]


def apply_dropping(tasks: list[Task], at: datetime) -> None:
    for task in tasks:
        task.drop(at=at)


def plan_telling(facts: Sequence[Fact], at: datetime) -> list[Booking]:
    """Booked meetings that are at another time now, or that nobody has to go to."""
    moved = Booking.objects.filter(pk__in=[fact.subject_id for fact in facts], called_off_at=None)
    return list(moved.select_related("task__owner", "task__lead__contact").order_by("id"))


def apply_telling(bookings: list[Booking], at: datetime) -> None:
    """Their guests learn it."""
    for booking in bookings:
        booking.keep_up(at=at)
        inviting.changed(booking, at)


DROP = Reaction("desk.drop", plan_dropping, apply_dropping)
LET_GO = Reaction("desk.let_go", plan_letting_go, apply_letting_go)
END_NUDGES = Reaction("desk.end_nudges", plan_ending, apply_ending)
FOLLOW = Reaction("desk.follow", plan_following, apply_following)
FOLLOW_JOINED = Reaction("desk.follow_joined", plan_following_joined, apply_following_joined)
FOLLOW_DEALS = Reaction("desk.follow_deals", plan_following_deals, apply_following_deals)
WAKING = Reaction("desk.wake", plan_waking, apply_waking)
HOLD = Reaction("desk.hold", plan_holding, apply_holding)
TELL_GUEST = Reaction("desk.tell_guest", plan_telling, apply_telling)
