"""A deal goes to another stage of the pipeline, with the way back in the toast."""

from django.contrib import messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accord.rooms.funnel.fields import OUTCOME_NAMES
from accord.rooms.funnel.models import AlreadyMoved, Deal, UnknownStage
from accord.rooms.funnel.models.deal import OPEN
from accord.rooms.funnel.models.pipeline import stage_names
from accord.web.shell.addresses import ours
from accord.web.shell.gate import MemberRequest, needs, typed, visible_or_404


@needs("edit_deal")
@require_POST
def deal_moves(request: MemberRequest, pk: int) -> HttpResponse:
    """`stage` is where to, `seen` where the deal stood on the page."""
    deal = visible_or_404(Deal.objects.visible_to(request.user).here().select_related("company", "contact"), pk)
    before, after = said(request, "seen"), said(request, "stage")
    try:
        deal.advance(after, by=request.user.pk, at=request.now, seen=before)
    except UnknownStage:
        messages.warning(request, _("There is no such stage in the pipeline any more: choose one of those below."))
    except AlreadyMoved as moved:
        messages.warning(request, _elsewhere(deal, moved.args[0]))
    else:
        _say_moved(request, deal, before)
    return redirect(back(request, deal))


def said(request: MemberRequest, name: str) -> str:
    return typed(request, name) or request.GET.get(name, "")


def back(request: MemberRequest, deal: Deal) -> str:
    """The page of ours that the act was begun on; else that of the deal."""
    return ours(said(request, "back"), reverse("deal", args=[deal.pk]))


def _elsewhere(deal: Deal, stands: str) -> str:
    if deal.outcome != OPEN:
        words = _("Somebody was faster: “%(deal)s” is %(outcome)s. Look again.")
        return words % {"deal": deal, "outcome": OUTCOME_NAMES.get(stands, stands)}
    words = _("Somebody was faster: “%(deal)s” stands in %(stage)s now. Look again.")
    return words % {"deal": deal, "stage": stage_names().get(stands, stands)}


def _say_moved(request: MemberRequest, deal: Deal, before: str) -> None:
    names = stage_names()
    if deal.stage == before:
        return
    told = _("“%(deal)s” is in %(stage)s now.") % {"deal": deal, "stage": names[deal.stage]}
    may_undo = before in names and not request.POST.get("undo")
    context = {
        "told": told, "deal": deal, "before": before if may_undo else "", "back": back(request, deal),
        "token": get_token(request),
    }  # fmt: skip
    messages.success(request, render_to_string("funnel/moved.html", context))
