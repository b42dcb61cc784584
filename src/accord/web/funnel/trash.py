"""Leads and deals go to the trash, and come back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accord.rooms.funnel.models import AlreadyOpen, Deal, HasDeals, Lead, LeadInTrash, TakenBack
from accord.web.shell.gate import MemberRequest, needs, visible_or_404


@needs("trash_record")
@require_POST
def lead_trashing(request: MemberRequest, pk: int) -> HttpResponse:
    kept = visible_or_404(Lead.objects.visible_to(request.user).here(), pk)
    try:
        kept.trash(by=request.user.pk, at=request.now)
    except HasDeals:
        messages.warning(request, _("This lead has opened a deal: put its deals in the trash first."))
    return redirect("lead", pk)


@needs("trash_record")
@require_POST
def lead_restoring(request: MemberRequest, pk: int) -> HttpResponse:
    kept = visible_or_404(Lead.objects.visible_to(request.user), pk)
    try:
        kept.restore(by=request.user.pk, at=request.now)
    except AlreadyOpen as standing:
        words = _("This contact has another lead open: this one can be restored when that one has ended.")
        _say(request, words, standing.args[0])
    except TakenBack:
        _say_taken_back(request)
    return redirect("lead", pk)


@needs("trash_record")
@require_POST
def deal_trashing(request: MemberRequest, pk: int) -> HttpResponse:
    visible_or_404(Deal.objects.visible_to(request.user).here(), pk).trash(by=request.user.pk, at=request.now)
    return redirect("deal", pk)


@needs("trash_record")
@require_POST
def deal_restoring(request: MemberRequest, pk: int) -> HttpResponse:
    kept = visible_or_404(Deal.objects.visible_to(request.user), pk)
    try:
        kept.restore(by=request.user.pk, at=request.now)
    except LeadInTrash as gone:
        _say(request, _("Its lead is in the trash: restore that one first."), gone.args[0])
    except TakenBack:
        _say_taken_back(request)
    return redirect("deal", pk)


def _say(request: MemberRequest, words: str, lead: Lead) -> None:
    address = reverse("lead", args=[lead.pk])
    messages.warning(request, format_html('{} <a href="{}">{}</a>', words, address, _("Show it")))


def _say_taken_back(request: MemberRequest) -> None:
    messages.warning(request, _("The import that brought it in was taken back: bring it in with a new one."))
