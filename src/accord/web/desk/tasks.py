"""Tasks: planned, done, put off, and not done after all."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.rooms.desk.fields import TASK_NAMES
from accord.rooms.desk.models import AlreadyDone, Ended, Task
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.team.worktimes import calendar_of
from accord.web.desk.acting import already_done, asked, done, ended, lead_or_404, refused
from accord.web.desk.forms import DueForm, TaskForm
from accord.web.shell import wording
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404
from accord.web.shell.settling import settle


@needs("plan_task")
@require_http_methods(["GET", "POST"])
def task_new(request: MemberRequest) -> HttpResponse:
    """A task of one's own, with a lead, with a deal that no lead has opened, or without."""
    sent = request.POST if request.method == "POST" else request.GET
    lead = lead_or_404(request, number(sent["lead"])) if sent.get("lead") else None
    deal = _deal(request, number(sent["deal"])) if sent.get("deal") and not lead else None
    if deal and deal.lead_id:
        lead, deal = lead_or_404(request, deal.lead_id), None
    form = TaskForm(request.POST if request.method == "POST" else None, **_when(request))
    if not form.is_bound or not form.is_valid():
        more = {"deal": deal, "back": _page(deal)} if deal else {}
        return asked(request, "desk/task.html", _("Next step") if lead or deal else _("New task"), form, lead, **more)
    return _planned(request, lead, deal, form.cleaned_data)


def _planned(request: MemberRequest, lead: Lead | None, deal: Deal | None, said: dict[str, Any]) -> HttpResponse:
    try:
        task = Task.plan(
            owner=request.user, lead=lead, deal=deal, kind=said["kind"], what=said["what"], due_at=said["due_at"],
            by=request.user, at=request.now,
        )  # fmt: skip
    except Ended as how:
        if deal:
            said_so = _("It was closed, or put into the trash. Nothing was changed.")
            return refused(request, _("This deal has ended"), said_so, None)
        return ended(request, how, lead.pk if lead else None)
    named = {"what": TASK_NAMES[task.kind], "time": wording.whole(task.due_at)}
    return _back(request, task, _("Planned: %(what)s, %(time)s.") % named)


@needs("plan_task")
@require_POST
def task_completion(request: MemberRequest, pk: int) -> HttpResponse:
    task = _task(request, pk)
    try:
        task.done(by=request.user, at=request.now)
    except AlreadyDone as by:
        if by.who != request.user:
            return already_done(request, by, task.lead_id)
    return _on(request, task, _("Done."))


@needs("plan_task")
@require_POST
def task_reopening(request: MemberRequest, pk: int) -> HttpResponse:
    """Undo."""
    task = _task(request, pk)
    task.undo(by=request.user, at=request.now)
    return _on(request, task, _("Open again."))


@needs("plan_task")
@require_http_methods(["GET", "POST"])
def task_snooze(request: MemberRequest, pk: int) -> HttpResponse:
    task, posted = _task(request, pk), request.POST if request.method == "POST" else None
    form = DueForm(posted, **_when(request))
    if posted is None or not form.is_valid():
        more = {"back": _page(task.deal)} if task.deal else {}
        return asked(request, "desk/snooze.html", _("Put off"), form, task.lead, task=task, **more)
    try:
        task.snooze(form.cleaned_data["due_at"], by=request.user, at=request.now)
    except AlreadyDone as by:
        return already_done(request, by, task.lead_id)
    return _back(request, task, _("Put off until %(time)s.") % {"time": wording.whole(task.due_at)})


def _when(request: MemberRequest) -> dict[str, Any]:
    return {"calendar": calendar_of(request.user), "now": request.now}


def _task(request: MemberRequest, pk: int) -> Task:
    tasks = Task.objects.visible_to(request.user).here()
    return visible_or_404(tasks.select_related("lead__contact__company", "deal"), pk)


def _deal(request: MemberRequest, pk: int) -> Deal:
    return visible_or_404(Deal.objects.visible_to(request.user).here(), pk)


def _page(deal: Deal) -> str:
    return reverse("deal", args=[deal.pk])


def _on(request: MemberRequest, task: Task, said: str) -> HttpResponse:
    """Back to the lead or deal; to the task itself where there is neither, so that it can be undone."""
    if task.lead_id or task.deal_id or not request.user.may("see_desk"):
        return _back(request, task, said)
    settle(judging=False)
    return redirect(f"{reverse('desk')}?task={task.pk}")


def _back(request: MemberRequest, task: Task, said: str) -> HttpResponse:
    if task.deal is None:
        return done(request, said, task.lead_id)
    settle(judging=False)
    messages.success(request, said)
    return redirect(_page(task.deal))
