"""How the timeline tells hand-offs and tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accord.kernel.ledger import Fact
from accord.rooms.desk.fields import TASK_NAMES
from accord.rooms.desk.models import Task
from accord.rooms.handoff.fields import reason_name
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.rules import ABSENT, TAKEN_BACK
from accord.web.desk import wording
from accord.web.records.timeline import BETWEEN, HANDOFF, MARKETING, SALES, Book, Entry, Teller
from accord.web.shell.wording import whole

HANDOFF_KINDS = ("handoff_offered", "handoff_accepted", "handoff_returned", "handoff_reassigned", "return_taken_up")
TASK_KINDS = ("task_planned", "task_done", "task_snoozed", "task_reopened", "task_dropped")
CALLED_OFF = "meeting_called_off"
SIGNS = {
    "task_planned": "calendar-plus", "task_done": "check", "task_snoozed": "alarm-clock", "task_reopened": "rotate-ccw",
    "task_dropped": "x",
}  # fmt: skip


@dataclass(frozen=True)
class Gathered:
    handoffs: Mapping[int, Handoff]
    tasks: Mapping[int, Task]


def gather(facts: Sequence[Fact]) -> Gathered:
    handoffs = {f.subject_id for f in facts if f.kind in HANDOFF_KINDS}
    tasks = {f.subject_id for f in facts if f.kind in TASK_KINDS}
    return Gathered(
        Handoff.objects.select_related("version").in_bulk(handoffs) if handoffs else {},
        Task.objects.in_bulk(tasks) if tasks else {},
    )


def tell(fact: Fact, gathered: Gathered, book: Book) -> Entry | None:
    if fact.kind == CALLED_OFF:
        return Entry("calendar-x", _("They called the meeting off"), side=MARKETING)
    if fact.kind in TASK_KINDS:
        return _task(fact, gathered.tasks.get(fact.subject_id or 0))
    handoff = gathered.handoffs.get(fact.subject_id or 0)
    return _handoff(fact, handoff, book) if handoff else None


def _handoff(fact: Fact, handoff: Handoff, book: Book) -> Entry | None:
    link = reverse("lead", args=[handoff.lead_id])
    to = {"member": book.name_of(fact.payload.get("owner")) or _("Somebody")}
    if fact.kind == "handoff_offered":
        return Entry("arrow-left-right", _("Handed over to %(member)s") % to, wording.kind(handoff), HANDOFF, link=link)
    if fact.kind == "handoff_reassigned":
        why = {ABSENT: _("Its owner was away"), TAKEN_BACK: _("Taken back, because nothing had happened")}
        detail = why.get(fact.payload["why"], "")
        return Entry("repeat", _("Passed on to %(member)s") % to, detail, HANDOFF, link=link)
    if fact.kind == "handoff_accepted":
        return Entry("handshake", _("Hand-off accepted"), wording.kind(handoff), SALES, link=link)
    if fact.kind == "return_taken_up":
        return Entry("undo-2", _("Taken up by marketing"), side=MARKETING, link=link)
    reason = reason_name(handoff.reason) if handoff.reason else ""
    return Entry("undo-2", _("Hand-off returned"), reason, HANDOFF, quote=handoff.note, link=link)


def _task(fact: Fact, task: Task | None) -> Entry | None:
    if task is None:
        return None
    named = {"what": TASK_NAMES[task.kind]}
    titles = {
        "task_planned": _("Next step planned: %(what)s"),
        "task_done": _("Done: %(what)s"),
        "task_snoozed": _("Put off: %(what)s"),
        "task_reopened": _("Not done after all: %(what)s"),
        "task_dropped": _("Nothing to do any more: %(what)s"),
    }
    due = whole(task.due_at) if fact.kind in ("task_planned", "task_snoozed") else ""
    detail = BETWEEN.join(part for part in (task.what, due) if part)
    return Entry(SIGNS[fact.kind], titles[fact.kind] % named, detail, SALES)


DESK = Teller(kinds=frozenset({*HANDOFF_KINDS, *TASK_KINDS, CALLED_OFF}), gather=gather, tell=tell)
