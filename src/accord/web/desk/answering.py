"""Answers to hand-offs: accepted, or returned with a reason."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.kernel import ledger
from accord.rooms.handoff.models import Answered, Handoff, NotAnswerable
from accord.rooms.handoff.rules import ACCEPTED, OFFERED, RETURNED
from accord.web.desk import wording
from accord.web.desk.acting import asked, done, refused
from accord.web.desk.forms import ReturnForm
from accord.web.records.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404


@needs("answer_handoff")
@require_POST
def handoff_acceptance(request: MemberRequest, pk: int) -> HttpResponse:
    """Accept. Of two who do at once the second is told who was first; whoever presses twice has pressed once."""
    kept = _kept(request, pk)
    try:
        with ledger.write(request.now, request.user.pk):
            _seen(kept, request)
            kept.accept(by=request.user, at=request.now)
    except Answered as answered:
        if answered.state == ACCEPTED and answered.who == request.user:
            return done(request, _("You have accepted it already."), kept.lead_id)
        return _answered(request, kept, answered)
    return done(request, _("Accepted: %(name)s is yours.") % {"name": kept.lead}, kept.lead_id)


@needs("answer_handoff")
@require_http_methods(["GET", "POST"])
def handoff_return(request: MemberRequest, pk: int) -> HttpResponse:
    """Give the lead back, with a reason out of those of its agreement and of those that ship."""
    kept, posted = _kept(request, pk), request.POST if request.method == "POST" else None
    if posted is None and not kept.is_offered:
        return _answered(request, kept, Answered(kept.answered_by, kept.state), status=200)
    form = ReturnForm(posted, reasons=wording.reason_choices(kept), initial={"owner": kept.owner_id})
    if posted is None or not form.is_valid():
        return asked(request, "desk/return.html", _("Return to marketing"), form, kept.lead, handoff=kept)
    return _returned(request, kept, form)


def _returned(request: MemberRequest, kept: Handoff, form: ReturnForm) -> HttpResponse:
    reason, note = form.cleaned_data["reason"], form.cleaned_data["note"]
    try:
        with ledger.write(request.now, request.user.pk):
            _seen(kept, request)
            kept.give_back(reason, by=request.user, at=request.now, note=note)
    except Answered as answered:
        return _answered(request, kept, answered)
    except NotAnswerable:
        only = _("The agreement lets this hand-off only be accepted. Nothing was changed.")
        return refused(request, _("This cannot be returned"), only, kept.lead_id)
    said = {"name": str(kept.lead), "reason": wording.reason(reason)}
    return done(request, _("Returned to marketing: %(name)s, “%(reason)s”.") % said, None)


def _kept(request: MemberRequest, pk: int) -> Handoff:
    rows = Handoff.objects.visible_to(request.user).here()
    return visible_or_404(rows.select_related("lead__contact__company", "version", "answered_by", "owner"), pk)


def _seen(kept: Handoff, request: MemberRequest) -> None:
    """A page from before it was passed on answers nothing: raises Answered with who has it now."""
    seen = number(request.POST.get("owner"))
    now = Handoff.objects.select_for_update(of=("self",)).select_related("owner").get(pk=kept.pk)
    if seen and now.is_offered and now.owner_id != seen:
        raise Answered(now.owner, now.state)


def _answered(request: MemberRequest, kept: Handoff, answered: Answered, status: int = 409) -> HttpResponse:
    said = {"member": answered.who or _("Somebody"), "name": str(kept.lead)}
    words = {
        OFFERED: _("It was passed on: %(member)s has it now. Nothing was changed."),
        ACCEPTED: _("%(member)s was first and has accepted it. Nothing was changed."),
        RETURNED: _("%(member)s was first and has returned it. Nothing was changed."),
    }
    told = words.get(answered.state, _("The lead went on before anybody answered. Nothing was changed.")) % said
    page = refused(request, _("%(name)s is not waiting for your answer any more") % said, told, kept.lead_id)
    page.status_code = status
    return page
