"""What the desk shows: the queue in groups, and one lead at the centre with all that a seller needs to know of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accord.kernel import traits
from accord.kernel.worktime import Calendar
from accord.rooms.capture.models import Touch
from accord.rooms.content.briefs import brief_for
from accord.rooms.desk import nudging, rules
from accord.rooms.desk.models import Task
from accord.rooms.desk.queue import Item, Queue
from accord.rooms.desk.rules import Waits
from accord.rooms.funnel import usual
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.funnel.usual import Age
from accord.rooms.handoff import stories
from accord.rooms.handoff.fields import reason_name
from accord.rooms.handoff.models import Choice, Handoff
from accord.rooms.handoff.queries import choices, to_hand_back
from accord.rooms.scoring.models import ScoreNow
from accord.rooms.team.models import Member, Team
from accord.web.desk import wording
from accord.web.desk.checklist import gate
from accord.web.desk.wording import WhyMe
from accord.web.records import timeline, touches
from accord.web.records.clocks import Chip, chip, overdue
from accord.web.records.timeline import Told, Wanted
from accord.web.shell.gate import MemberRequest
from accord.web.shell.templatetags.shell import initials

SHOWN = ("title", "country", "city")  # fields of a contact at the side, beside what the record holds itself
LISTED = 20
JUST_DONE = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """One of the queue."""

    item: Item
    name: str
    company: str
    because: str
    chip: Chip | None
    time: datetime | None
    address: str
    here: bool
    age: Age | None


@dataclass(frozen=True)
class Group:
    name: Any
    hint: Any
    lines: Sequence[Line]


def groups(queue: Queue, here: Item | None, calendar: Calendar, now: datetime) -> list[Group]:
    owed = wording.owed(item.handoff.pk for item in queue.items if item.handoff)
    aged = usual.ages([item.lead for item in queue.items if item.lead], now)
    lines = [_line(item, here, calendar, now, owed, aged) for item in queue.items]
    parts = {name: [line for line in lines if line.item.waits.group == name] for name in rules.GROUPS}
    return [Group(*wording.GROUP_NAMES[name], its) for name, its in parts.items() if its]


def address(item: Item) -> str:
    return f"{reverse('desk')}?{item.key}"


def clock(handoff: Handoff | None, calendar: Calendar, now: datetime) -> Chip | None:
    if handoff is None or handoff.due_at is None:
        return None
    return chip(handoff.due_at, handoff.received_at, now, calendar)


def _line(
    item: Item, here: Item | None, calendar: Calendar, now: datetime, owed: Mapping[int, str], aged: Mapping[int, Age]
) -> Line:
    running = clock(item.handoff, calendar, now)
    company = item.lead.contact.company if item.lead else None
    name = str(item.lead) if item.lead else str(item.task)
    time = None if running else item.waits.task_at
    late = overdue(time, now) if time else None
    because = wording.because(item, running, now, owed)
    chosen = here is not None and item.key == here.key
    age = aged.get(item.lead.pk) if item.lead else None
    return Line(item, name, str(company or ""), because, running or late, time, address(item), chosen, age)


def alone(lead: Lead) -> Item:
    """A lead that is not in the queue, all the same at the centre."""
    return Item(Waits(since=lead.stage_since), lead)


def centre(request: MemberRequest, item: Item, calendar: Calendar) -> dict[str, Any]:
    """Who, why now, why me, the clock, the story and what can be done. So many queries, whatever the story is."""
    if item.lead is None:
        return {"task": item.task, "named": str(item.task), "item": item}
    lead, member, now = item.lead, request.user, request.now
    handed = handoffs_of(lead, member)
    offered = next((one for one in handed if one.is_offered), None)
    clocked = offered or item.handoff
    running = clock(clocked, calendar, now)
    owed = wording.owed([item.handoff.pk] if item.handoff else [])
    tasks = tasks_of(lead, member, now)
    score = ScoreNow.objects.filter(contact=lead.contact_id).first()
    return {
        "age": usual.ages([lead], now).get(lead.pk),
        "nudges": nudging.about(lead, member),
        "member": member,
        "item": item, "lead": lead, "contact": lead.contact, "sign": initials(str(lead)), "now": now,
        "offered": offered, "handoff": clocked or next(iter(handed), None), "chip": running,
        "because": wording.because(item, running, now, owed) if item.waits.group != rules.IDLE else "",
        "why": reasons_of(clocked or next(iter(handed), None)),
        "told": story(lead, handed, member, now), "known": _known(lead), "handed": history(handed),
        "steps": steps(tasks, now), "undone": _last_done(tasks),
        "task": next((one for one in tasks if one.done_at is None), None),
        "score": score,
        "returning": _returning(lead, offered, handed), "gate": gate(lead, now),
        "brief": brief_for(lead.contact, member) if member.may("see_content") else None,
    }  # fmt: skip


def _returning(lead: Lead, offered: Handoff | None, handed: Sequence[Handoff]) -> str:
    """Where the lead is returned: as the answer to its hand-off, or after that was accepted; empty: not at all."""
    if offered:
        return reverse("handoff_return", args=[offered.pk]) if offered.may_return else ""
    return reverse("lead_return", args=[lead.pk]) if to_hand_back(lead, handed) else ""


def handoffs_of(lead: Lead, member: Member) -> list[Handoff]:
    """All that the member sees of a lead, the newest first."""
    seen = Handoff.objects.visible_to(member).filter(lead=lead)
    return list(seen.select_related("version", "owner", "answered_by").order_by("-id"))


def history(handed: Sequence[Handoff]) -> list[dict[str, Any]]:
    return [
        {
            "one": one, "kind": wording.kind(one), "state": wording.stands(one),
            "reason": reason_name(one.reason) if one.reason else "", "at": one.answered_at or one.offered_at,
        }
        for one in handed[:LISTED]
    ]  # fmt: skip


def reasons_of(handoff: Handoff | None) -> WhyMe | None:
    """Why its owner has it. Three queries."""
    choice: Choice | None = choices([handoff.pk]).get(handoff.pk) if handoff else None
    if handoff is None or choice is None:
        return None
    members = Member.objects.in_bulk({member for member, *_rest in choice.candidates})
    teams = {team.slug: team for team in Team.objects.filter(slug=choice.line.partition(":")[2])}
    return wording.why_me(choice, handoff.version, members, teams)


def steps(tasks: Sequence[Task], now: datetime) -> list[tuple[Task, Chip | None]]:
    """Each with by how much it is past its time."""
    return [(one, None if one.done_at else overdue(one.due_at, now)) for one in tasks]


def tasks_of(about: Lead | Deal, member: Member, now: datetime) -> list[Task]:
    """Open ones by time, then what was done a moment ago, so that it can be undone."""
    rows = Task.objects.visible_to(member).here().of(about).filter(dropped_at=None)
    rows = rows.select_related("owner", "done_by", "booking__version")
    found = list(rows.filter(Q(done_at=None) | Q(done_at__gt=now - JUST_DONE)).order_by("due_at", "id")[:LISTED])
    return sorted(found, key=lambda one: one.done_at is not None)


def _last_done(tasks: Sequence[Task]) -> Task | None:
    """The one that undoing opens again."""
    return max((one for one in tasks if one.done_at), key=lambda one: (one.done_at, one.pk), default=None)


def story(lead: Lead, handed: Sequence[Handoff], member: Member, now: datetime) -> Told:
    """What was handed over with the lead, and what has come since."""
    ids = {pk for one in handed[:1] for pk in one.story.get("touches", ())}
    ids |= set(stories.of([lead])[lead.pk]["touches"])
    about = Q(lead_id=lead.pk) | Q(contact_id=lead.contact_id, kind="note_written")
    return timeline.told(about, Wanted(now), [touches.source(Touch.objects.filter(pk__in=ids), member)])


def _known(lead: Lead) -> dict[str, str]:
    rows = traits.FieldNow.objects.filter(kind="contact", record=lead.contact_id, field__in=SHOWN)
    return {slug: text for slug, text in rows.values_list("field", "text") if text}
