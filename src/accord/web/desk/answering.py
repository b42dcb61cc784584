"""Answers to hand-offs: accepted, or returned with a reason."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.kernel import ledger
from accord.rooms.funnel import rules as stages
from accord.rooms.funnel.fields import STAGE_NAMES
from accord.rooms.funnel.models import AlreadyMoved, Lead
from accord.rooms.funnel.queries import open_deal
from accord.rooms.handoff.fields import reason_name
from accord.rooms.handoff.models import Answered, Handoff, HasOpenDeal, NotAnswerable
from accord.rooms.handoff.queries import to_hand_back
from accord.rooms.handoff.rules import ACCEPTED, OFFERED, RETURNED, WITH_SALES
from accord.web.desk import showing, wording
from accord.web.desk.acting import asked, done, lead_or_404, refused
from accord.web.desk.forms import ReturnForm
from accord.web.shell.addresses import number
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
        action = reverse("handoff_return", args=[pk])
        return asked(request, "desk/return.html", _("Return to marketing"), form, kept.lead, action=action)
    return _returned(request, kept, form)


@needs("answer_handoff")
@require_http_methods(["GET", "POST"])
def lead_return(request: MemberRequest, pk: int) -> HttpResponse:
    """Return a lead that was accepted and goes no further; what is only offered is answered instead."""
    lead, posted = lead_or_404(request, pk), request.POST if request.method == "POST" else None
    handed = showing.handoffs_of(lead, request.user)
    kept = to_hand_back(lead, handed)
    if kept is None:
        return _not_to_return(request, lead, handed)
    if posted is None and (deal := open_deal(lead)):
        return _has_deal(request, lead, HasOpenDeal(deal))
    form = ReturnForm(posted, reasons=wording.reason_choices(kept), initial={"owner": lead.owner_id})
    if posted is None or not form.is_valid():
        action = reverse("lead_return", args=[pk])
        return asked(request, "desk/return.html", _("Return to marketing"), form, lead, action=action)
    return _handed_back(request, lead, kept, form)


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
    said = {"name": str(kept.lead), "reason": reason_name(reason)}
    return done(request, _("Returned to marketing: %(name)s, “%(reason)s”.") % said, None)


def _handed_back(request: MemberRequest, lead: Lead, kept: Handoff, form: ReturnForm) -> HttpResponse:
    reason, note = form.cleaned_data["reason"], form.cleaned_data["note"]
    try:
        with ledger.write(request.now, request.user.pk):
            _held_as_seen(lead, request)
            kept.hand_back(reason, by=request.user, at=request.now, note=note)
    except HasOpenDeal as open_one:
        return _has_deal(request, lead, open_one)
    except Answered as answered:
        return _answered(request, kept, answered)
    except AlreadyMoved:
        lead.refresh_from_db()
        return _not_to_return(request, lead, showing.handoffs_of(lead, request.user))
    said = {"name": str(lead), "reason": reason_name(reason)}
    return done(request, _("Returned to marketing: %(name)s, “%(reason)s”.") % said, None)


def _not_to_return(request: MemberRequest, lead: Lead, handed: Sequence[Handoff]) -> HttpResponse:
    """What is offered is answered; what was never handed over is moved, with a reason. The rest is told why not."""
    newest = handed[0] if handed else None
    if newest and newest.is_offered and request.method == "GET":
        return redirect(f"{reverse('handoff_return', args=[newest.pk])}?{request.GET.urlencode()}")
    if newest and newest.reason:
        return _returned_already(request, lead, newest)
    if newest and lead.stage in WITH_SALES and not newest.may_return and newest.state == ACCEPTED:
        only = _("The agreement lets this hand-off only be accepted. Nothing was changed.")
        return refused(request, _("This cannot be returned"), only, lead.pk)
    if lead.stage in WITH_SALES:
        return redirect(f"{reverse('lead_moves', args=[lead.pk])}?{urlencode({'name': stages.RETURNED})}")
    owner = {"member": lead.owner or _("Somebody"), "stage": STAGE_NAMES[lead.stage]}
    where = _("It is in %(stage)s by now, and %(member)s has it. Nothing was changed.") % owner
    return refused(request, _("This cannot be returned"), where, lead.pk)


def _returned_already(request: MemberRequest, lead: Lead, newest: Handoff) -> HttpResponse:
    by = newest.return_of.by
    if request.method == "POST" and by == request.user:
        return done(request, _("You have returned it already."), None)
    said = _("%(member)s was first and has returned it. Nothing was changed.") % {"member": by or _("Somebody")}
    return refused(request, _("This cannot be returned"), said, lead.pk)


def _has_deal(request: MemberRequest, lead: Lead, refusal: HasOpenDeal) -> HttpResponse:
    said = _("Its deal “%(deal)s” is open: win or lose that first. Nothing was changed.") % {"deal": refusal.args[0]}
    return refused(request, _("A lead with an open deal is not returned"), said, lead.pk)


def _held_as_seen(lead: Lead, request: MemberRequest) -> None:
    """A page from before somebody else got the lead returns nothing: raises Answered with who has it now."""
    seen = number(request.POST.get("owner"))
    now = Lead.objects.select_for_update(of=("self",)).select_related("owner").get(pk=lead.pk)
    if seen and now.owner_id != seen:
        raise Answered(now.owner, OFFERED)


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
