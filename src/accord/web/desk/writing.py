"""An e-mail to whom a lead is about, begun from a template or not, sent by the house."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from accord.kernel.mail.models import NotSetUp, is_set_up
from accord.rooms.content import filling
from accord.rooms.content import rules as merging
from accord.rooms.content.models import MailTemplate
from accord.rooms.desk import mailing, rules
from accord.rooms.desk.calls import LoggedMeanwhile, last_logged
from accord.rooms.desk.mailing import NotWritable
from accord.rooms.desk.models import AlreadyDone, Ended, Task
from accord.rooms.desk.queue import next_steps
from accord.rooms.funnel.models import Lead
from accord.rooms.team.worktimes import calendar_of
from accord.web.desk import wording
from accord.web.desk.acting import already_done, asked, back, came, done, ended, lead_or_404
from accord.web.desk.forms import MailForm
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404

KEPT = ("when", "on", "next_kind", "what", "settles", "seen")


@needs("log_call")
@require_http_methods(["GET", "POST"])
def lead_mail(request: MemberRequest, pk: int) -> HttpResponse:
    """Write to them: the mail, its touch and the next step, all of it or nothing."""
    lead = lead_or_404(request, pk)
    why = mailing.hindrance(lead.contact, request.now)
    if why or not is_set_up():
        return _unwritable(request, lead, why)
    if request.method != "POST" or "fill" in request.POST:
        return _begun(request, lead)
    form = _form(request, lead, request.POST)
    return _sent(request, lead, form) if form.is_valid() else _asked(request, lead, form)


def _form(request: MemberRequest, lead: Lead, posted: Any, initial: Mapping[str, Any] | None = None) -> MailForm:
    task = next_steps([lead.pk]).get(lead.pk)
    begun = {
        "settles": task.pk if task and task.kind == rules.EMAIL else None, "next_kind": rules.CALL,
        "seen": last_logged(lead, request.user),
    }  # fmt: skip
    seen = MailTemplate.objects.visible_to(request.user).here()
    named = [(one.pk, f"{one} ({one.language})" if one.language else str(one)) for one in seen]
    return MailForm(
        posted, templates=named, address=reverse("lead_mail", args=[lead.pk]), calendar=calendar_of(request.user),
        now=request.now, initial={**begun, **(initial or {})},
    )  # fmt: skip


def _begun(request: MemberRequest, lead: Lead) -> HttpResponse:
    """The form with its template filled in. What was typed stays: a text of one's own below that of the template."""
    given = request.POST if request.method == "POST" else request.GET
    templates = {one.pk: one for one in MailTemplate.objects.visible_to(request.user).here()}
    chosen, before = (templates.get(number(given.get(name))) for name in ("template", "filled"))
    values = filling.values_of(lead.contact, request.user) if chosen or before else {}
    typed = {name: _own(given.get(name, ""), getattr(before, name, ""), values) for name in ("subject", "text")}
    initial: dict[str, Any] = {name: given[name] for name in KEPT if given.get(name)} | typed
    missing: list[str] = []
    if chosen:
        subject, text = merging.fill(chosen.subject, values), merging.fill(chosen.text, values)
        initial |= {"template": chosen.pk, "filled": chosen.pk, "subject": typed["subject"] or subject.text}
        initial["text"] = "\n\n".join(part for part in (text.text.strip(), typed["text"]) if part)
        missing = list(dict.fromkeys((*subject.missing, *text.missing)))
    known = filling.known() if missing else {}
    left_out = [known.get(name, name) for name in missing]
    return _asked(request, lead, _form(request, lead, None, initial), missing=left_out)


def _own(typed: str, before: str, values: Mapping[str, str]) -> str:
    """What somebody has typed themselves; nothing, where it is what the template before had filled in."""
    text = typed.replace("\r\n", "\n").strip()
    return "" if before and text == merging.fill(before, values).text.strip() else text


def _asked(request: MemberRequest, lead: Lead, form: MailForm, **more: Any) -> HttpResponse:
    settles = Task.objects.visible_to(request.user).filter(lead=lead, pk=number(str(form["settles"].value() or "")))
    more |= {"settled": settles.first(), "sees_templates": request.user.may("see_content")}
    return asked(request, "desk/mail.html", pgettext("write one", "E-mail"), form, lead, **more)


def _sent(request: MemberRequest, lead: Lead, form: MailForm) -> HttpResponse:
    said, own = form.cleaned_data, Task.objects.visible_to(request.user).filter(lead=lead)
    settles = visible_or_404(own, said["settles"]) if said["settles"] else None
    try:
        letter = mailing.send(
            lead, said["subject"], said["text"].replace("\r\n", "\n"), following=form.following, settles=settles,
            seen=said["seen"], by=request.user, at=request.now,
        )  # fmt: skip
    except Ended as how:
        return ended(request, how, lead.pk)
    except AlreadyDone as by:
        return already_done(request, by, lead.pk)
    except LoggedMeanwhile:
        return _twice(request, lead)
    except NotWritable as hindered:
        return _unwritable(request, lead, hindered.why)
    except NotSetUp:
        return _unwritable(request, lead, "")
    told = {"subject": letter.mail.subject, "address": letter.mail.to}
    return done(request, _("On its way to %(address)s: “%(subject)s”.") % told, lead.pk)


def _twice(request: MemberRequest, lead: Lead) -> HttpResponse:
    """What was typed is kept: sent once more it is a second mail."""
    typed = request.POST.copy()
    typed["seen"] = str(last_logged(lead, request.user))
    form = _form(request, lead, typed)
    form.add_error(None, _("You have written or logged this a moment ago. Send it again if you mean a second one."))
    page = _asked(request, lead, form)
    page.status_code = 409
    return page


def _unwritable(request: MemberRequest, lead: Lead, why: str) -> HttpResponse:
    """Why no mail goes to them, and what can be done instead. What was typed is shown, so that nothing is lost."""
    context = {
        "title": pgettext("write one", "E-mail"), "lead": lead, "back": back(request, lead.pk),
        "came": came(request),
        "typed": request.POST.get("text", ""),
        "said": wording.hindrance(why, lead.contact), "mends": why in (mailing.NO_ADDRESS, mailing.BAD_ADDRESS),
        "may_edit": request.user.may("edit_contact"),
    }  # fmt: skip
    return render(request, "desk/unwritable.html", context, status=409 if request.method == "POST" else 200)
