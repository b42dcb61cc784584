from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accord.rooms.desk.models import Task
from accord.rooms.desk.queue import Item, Queue, coming, queue
from accord.rooms.desk.rules import Waits
from accord.rooms.funnel import whys
from accord.rooms.team.worktimes import calendar_of
from accord.web.desk import showing
from accord.web.desk.acting import lead_or_404
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404


@needs("see_desk")
@require_GET
def desk(request: MemberRequest) -> HttpResponse:
    """The queue, and one of it at the centre: the one that is asked for, else the first."""
    waiting, calendar = queue(request.user, request.now), calendar_of(request.user)
    here = _asked(request, waiting) or next(iter(waiting.items), None)
    before, after = _beside(waiting, here)
    context = {
        "queue": waiting, "groups": showing.groups(waiting, here, calendar, request.now), "here": here,
        "before": before, "after": after, "place": _place(waiting, here),
        "coming": coming(request.user, request.now).count(),
        "d": showing.centre(request, here, calendar) if here else None,
    }  # fmt: skip
    return render(request, "desk/desk.html", context)


@needs("see_desk")
@require_GET
def lead_reason(request: MemberRequest, pk: int) -> HttpResponse:
    """Why the lead stands where it stands: the expression of its agreement says so, and no desk waits for it."""
    lead = lead_or_404(request, pk)
    return render(request, "desk/reason.html", {"said": whys.lines([lead], request.now).get(lead.pk, "")})


def _asked(request: MemberRequest, waiting: Queue) -> Item | None:
    if "lead" in request.GET:
        lead = lead_or_404(request, number(request.GET["lead"]))
        return next((one for one in waiting.items if one.lead == lead), None) or showing.alone(lead)
    if "task" in request.GET:
        task = visible_or_404(Task.objects.visible_to(request.user).here(), number(request.GET["task"]))
        return Item(Waits(task_at=task.due_at), None, None, task)
    return None


def _place(waiting: Queue, here: Item | None) -> int:
    """The place of the one at the centre, from one on; 0 where it is not in the queue."""
    keys = [one.key for one in waiting.items]
    return keys.index(here.key) + 1 if here and here.key in keys else 0


def _beside(waiting: Queue, here: Item | None) -> tuple[str, str]:
    """The addresses of the one before and of the one after; whatever is not in the queue stands before its first."""
    place = _place(waiting, here)
    before = showing.address(waiting.items[place - 2]) if place > 1 else ""
    after = showing.address(waiting.items[place]) if place < len(waiting.items) else ""
    return before, after
