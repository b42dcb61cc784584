"""What waits for a member, in the order in which to take it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from accord.rooms.desk import rules
from accord.rooms.desk.models import Task
from accord.rooms.desk.rules import Waits
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.rules import ACCEPTED, OFFERED
from accord.rooms.scoring.models import ScoreNow
from accord.rooms.team.models import House, Member

MOST = 200
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Item:
    """A lead with what is offered, owed or due; a task alone where it is about no lead."""

    waits: Waits
    lead: Lead | None
    handoff: Handoff | None = None
    task: Task | None = None

    @property
    def key(self) -> str:
        """How it is called in addresses."""
        return f"lead={self.lead.pk}" if self.lead else f"task={self.task.pk if self.task else 0}"


@dataclass(frozen=True)
class Queue:
    """`count`: how many wait in all; no more than `MOST` are named."""

    items: list[Item]
    count: int


def queue(member: Member, at: datetime) -> Queue:
    """Hand-offs offered to a member or with a clock, tasks due today, leads they hold without a next step."""
    handoffs = {one.lead_id: one for one in _handoffs(member)}
    tasks, alone = _tasks(member, _end_of_day(member, at))
    idle = {lead.pk: lead for lead in _idle(member) if lead.pk not in handoffs and lead.pk not in tasks}
    leads = {**idle, **{pk: one.lead for pk, one in handoffs.items()}}
    leads |= {pk: one.lead for pk, one in tasks.items() if one.lead}
    scores = {
        row.contact_id: row for row in ScoreNow.objects.filter(contact__in={x.contact_id for x in leads.values()})
    }
    items = [_item(lead, handoffs.get(pk), tasks.get(pk), scores.get(lead.contact_id)) for pk, lead in leads.items()]
    items += [Item(Waits(task_at=task.due_at), None, None, task) for task in alone]
    items.sort(key=lambda item: (*item.waits.rank, item.key))
    return Queue(items[:MOST], len(items))


def coming(member: Member, at: datetime) -> QuerySet[Task]:
    """What a member has planned for after today, the next first."""
    mine = Task.objects.visible_to(member).here().open().filter(owner=member, due_at__gte=_end_of_day(member, at))
    return mine.select_related("lead__contact__company", "deal__company").order_by("due_at", "id")


def next_steps(leads: Iterable[int]) -> dict[int, Task]:
    """The earliest open task of each lead. One query."""
    open_tasks = Task.objects.open().filter(lead__in=list(leads)).select_related("owner").order_by("-due_at", "-id")
    return {task.lead_id or 0: task for task in open_tasks}


def steps_of_deals(deals: Iterable[Deal]) -> dict[int, Task]:
    """The earliest open task of each deal: of its lead, or its own where none has opened it. Two queries."""
    of_lead = {deal.pk: deal.lead_id for deal in deals}
    of_leads = next_steps(lead for lead in of_lead.values() if lead)
    own = Task.objects.open().filter(deal__in=[pk for pk, lead in of_lead.items() if lead is None])
    found = {task.deal_id or 0: task for task in own.select_related("owner").order_by("-due_at", "-id")}
    return found | {pk: of_leads[lead] for pk, lead in of_lead.items() if lead in of_leads}


def deal_planned() -> Q:
    """Of a deal: whether a step of it is planned."""
    still = Task.objects.open()
    of_leads, of_deals = still.exclude(lead=None).values("lead"), still.exclude(deal=None).values("deal")
    return Q(lead__isnull=False, lead__in=of_leads) | Q(pk__in=of_deals)


def _item(lead: Lead, handoff: Handoff | None, task: Task | None, score: ScoreNow | None) -> Item:
    new = handoff if handoff and handoff.is_offered else None
    waits = Waits(
        owed_at=handoff.due_at if handoff else None, task_at=task.due_at if task else None,
        offered_at=new.offered_at if new else None, since=lead.stage_since,
        grade=score.grade if score else "", total=score.total if score else 0.0,
    )  # fmt: skip
    return Item(waits, lead, handoff, task)


def _handoffs(member: Member) -> Iterable[Handoff]:
    """Offered to them, or accepted by them and something is still owed. The newest of a lead last.

    What is owed of a lead that went back is marketing's.
    """
    seen = Handoff.objects.visible_to(member).here().filter(owner=member)
    waiting = Q(state=OFFERED) | Q(state=ACCEPTED, due_at__isnull=False, return_of=None)
    return seen.filter(waiting).select_related("lead__contact__company").order_by("id")


def _tasks(member: Member, until: datetime) -> tuple[dict[int, Task], list[Task]]:
    """Due by then: the earliest of each lead, and those about no lead."""
    due = Task.objects.visible_to(member).here().open().filter(owner=member, due_at__lt=until)
    found = list(due.select_related("lead__contact__company", "deal").order_by("-due_at", "-id"))
    return {one.lead_id: one for one in found if one.lead_id}, [one for one in found if not one.lead_id]


def _idle(member: Member) -> Iterable[Lead]:
    held = Lead.objects.visible_to(member).open().filter(owner=member, stage__in=rules.SELLING)
    planned = Exists(Task.objects.open().filter(lead=OuterRef("pk")))
    return held.exclude(planned).select_related("contact__company")


def _end_of_day(member: Member, at: datetime) -> datetime:
    zone = ZoneInfo(member.zone or House.get().zone)
    return datetime.combine(at.astimezone(zone).date() + DAY, time(), zone)
