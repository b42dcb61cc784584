"""Calls, mails, meetings and notes, logged from the desk or from the page of a lead."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accord.rooms.desk import calls, rules
from accord.rooms.desk.calls import LoggedMeanwhile, last_logged
from accord.rooms.desk.fields import LOGGED_NAMES
from accord.rooms.desk.models import AlreadyDone, Ended, Task
from accord.rooms.desk.queue import next_steps
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Note
from accord.rooms.team.worktimes import calendar_of
from accord.web.desk.acting import already_done, asked, done, ended, lead_or_404
from accord.web.desk.forms import CallForm, NoteForm
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404

# Which task a thing that is logged settles.
SETTLES = {"call_out": rules.CALL, "call_in": rules.CALL, "email_out": rules.EMAIL, "meeting": rules.MEETING}


@needs("log_call")
@require_http_methods(["GET", "POST"])
def lead_calls(request: MemberRequest, pk: int) -> HttpResponse:
    """What was done, what came of it, what was noted, and what comes next: all of it or nothing."""
    lead, posted = lead_or_404(request, pk), request.POST if request.method == "POST" else None
    given = (posted or request.GET).get("kind", "")
    kind = given if given in rules.LOGGED else "call_out"
    form = _form(request, lead, kind, posted)
    if posted is not None and form.is_valid():
        return _logged(request, lead, kind, form)
    return _asked(request, lead, kind, form)


def _form(request: MemberRequest, lead: Lead, kind: str, posted: Any) -> CallForm:
    task = next_steps([lead.pk]).get(lead.pk)
    initial = {
        "settles": task.pk if task and task.kind == SETTLES.get(kind) else None,
        "seen": last_logged(lead, request.user), "next_kind": rules.CALL,
    }  # fmt: skip
    return CallForm(posted, kind=kind, calendar=calendar_of(request.user), now=request.now, initial=initial)


def _asked(request: MemberRequest, lead: Lead, kind: str, form: CallForm) -> HttpResponse:
    settles = Task.objects.visible_to(request.user).filter(lead=lead, pk=number(str(form["settles"].value() or "")))
    context = {"kind": kind, "kinds": LOGGED_NAMES.items(), "settled": settles.first()}
    return asked(request, "desk/call.html", LOGGED_NAMES[kind], form, lead, **context)


def _logged(request: MemberRequest, lead: Lead, kind: str, form: CallForm) -> HttpResponse:
    said, own = form.cleaned_data, Task.objects.visible_to(request.user).filter(lead=lead)
    settles = visible_or_404(own, said["settles"]) if said["settles"] else None
    try:
        calls.log(
            lead, kind, said["outcome"], note=said["note"], following=form.following, settles=settles,
            seen=said["seen"], by=request.user, at=request.now,
        )  # fmt: skip
    except Ended as how:
        return ended(request, how, lead.pk)
    except AlreadyDone as by:
        return already_done(request, by, lead.pk)
    except LoggedMeanwhile:
        return _twice(request, lead, kind)
    return done(request, _("Logged: %(what)s.") % {"what": LOGGED_NAMES[kind]}, lead.pk)


def _twice(request: MemberRequest, lead: Lead, kind: str) -> HttpResponse:
    """What was typed is kept: sent once more it is logged once more."""
    typed = request.POST.copy()
    typed["seen"] = str(last_logged(lead, request.user))
    form = _form(request, lead, kind, typed)
    form.add_error(None, _("You have logged this a moment ago. Log it again if it happened again."))
    page = _asked(request, lead, kind, form)
    page.status_code = 409
    return page


@needs("write_note")
@require_http_methods(["GET", "POST"])
def lead_notes(request: MemberRequest, pk: int) -> HttpResponse:
    lead, form = lead_or_404(request, pk), NoteForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return asked(request, "desk/note.html", _("Note"), form, lead)
    Note.write(lead.contact, form.cleaned_data["text"], by=request.user, at=request.now)
    return done(request, _("Noted."), lead.pk)
