"""Today: what waits for somebody of this role, the most urgent first; and what is behind its numbers."""

from datetime import datetime
from typing import Any

from babel.dates import format_date
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accord.rooms.funnel.models import Lead
from accord.rooms.team.rules import MARKETERS, PARTNER, SELLERS, SERVICE
from accord.rooms.team.worktimes import calendar_of
from accord.web.records.clocks import overdue
from accord.web.shell import wording
from accord.web.shell.gate import MemberRequest, needs
from accord.web.today import behind
from accord.web.today.coming import came_in
from accord.web.today.frame import Looking, Sheet, drawn
from accord.web.today.trail import on_today


@needs("see_records")
@require_GET
def today(request: MemberRequest) -> HttpResponse:
    looking = looking_of(request)
    middle, side = drawn(looking)
    acts = [act for sheet in middle for act in sheet.mine]
    first = min((act for act in acts if act.due_at), key=lambda act: act.due_at or looking.now, default=None)
    trail = on_today(request.user, request.now)
    context = {
        "trail": trail, "folded": trail and trail.aside and request.GET.get("trail") != "open",
        "middle": middle, "side": side, "waiting": sum(_mine(sheet) for sheet in middle), "first": first,
        "late": sum(sheet.overdue(looking.now) for sheet in middle),
        "quiet": None if acts else _quiet(looking, middle), "now": looking.now,
        "begins": not acts and request.user.may("import_files") and not Lead.objects.exists(),
        "may_source": request.user.may("manage_sources"),
        "when": _headline(looking.now),
    }  # fmt: skip
    return render(request, "today/today.html", context)


@needs("see_records")
@require_GET
def today_leads(request: MemberRequest) -> HttpResponse:
    """The leads behind one number of the page."""
    looking = looking_of(request)
    title, hint, leads, count = behind.leads(looking, request.GET)
    every = request.GET.get("which", behind.CAME) == behind.CAME
    context = {"title": title, "hint": hint, "leads": leads, "count": count, "most": behind.MOST, "every": every}
    return render(request, "today/leads.html", context)


@needs("see_records")
@require_GET
def today_steps(request: MemberRequest) -> HttpResponse:
    """The steps behind one number of the page."""
    looking = looking_of(request)
    title, steps, count = behind.steps(looking, request.GET)
    late = [(one, overdue(one.due_at, looking.now)) for one in steps]
    context = {"title": title, "steps": late, "count": count, "most": behind.MOST}
    return render(request, "today/steps.html", context)


def looking_of(request: MemberRequest) -> Looking:
    return Looking(request.user, request.now, calendar_of(request.user))


def _mine(sheet: Sheet) -> int:
    """How many of a section wait for the reader: all of those that are not somebody else's turn."""
    if sheet.waits is not None:
        return sheet.waits
    theirs = sum(1 for act in sheet.acts if act.turn)
    return max(sheet.count - theirs, 0) if sheet.acts else 0


def _headline(now: datetime) -> str:
    here = timezone.localtime(now)
    told = {"day": format_date(here, "full", locale=wording.locale()), "time": wording.short(now, now)}
    return _("%(day)s, %(time)s") % told


def _quiet(looking: Looking, middle: list[Sheet]) -> dict[str, Any]:
    """One sentence on what is fine."""
    role = looking.member.role
    if role in MARKETERS:
        said = _("No lead waits to be taken up, none is stuck, and no qualification is in doubt.")
    elif role in SELLERS | {SERVICE, PARTNER}:
        said = _("No lead is offered to you, nothing is due until tonight, and no clock is near its end.")
    else:
        said = _("No promise of sales is left undone past its time, and nothing of yours is due until tonight.")
    came = len(came_in(looking)) if any(sheet.template == "today/came.html" for sheet in middle) else 0
    return {"said": said, "came": came}
