"""Winning, losing and reopening a deal."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accord.rooms.funnel.fields import OUTCOME_NAMES
from accord.rooms.funnel.models import AlreadyMoved, AlreadyOpen, Deal
from accord.web.funnel.forms import LoseForm, WinForm
from accord.web.shell.gate import MemberRequest, needs, visible_or_404


@needs("edit_deal")
def deal_winning(request: MemberRequest, pk: int) -> HttpResponse:
    kept, form = _here(request, pk), WinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept.win(reason=form.cleaned_data["reason"], by=request.user.pk, at=request.now)
        except AlreadyMoved as moved:
            _say_closed(request, moved.args[0])
        return redirect("deal", pk)
    return _asked(request, kept, form, _("Won"), _("Mark as won"))


@needs("edit_deal")
def deal_losing(request: MemberRequest, pk: int) -> HttpResponse:
    kept, form = _here(request, pk), LoseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept.lose(**form.cleaned_data, by=request.user.pk, at=request.now)
        except AlreadyMoved as moved:
            _say_closed(request, moved.args[0])
        return redirect("deal", pk)
    return _asked(request, kept, form, _("Lost"), _("Mark as lost"))


@needs("edit_deal")
@require_POST
def deal_reopening(request: MemberRequest, pk: int) -> HttpResponse:
    kept = _here(request, pk)
    try:
        kept.reopen(by=request.user.pk, at=request.now)
    except AlreadyOpen:
        messages.warning(request, _("The contact has another passage open: the deal stays closed until that one ends."))
    except AlreadyMoved as moved:
        _say_closed(request, moved.args[0])
    return redirect("deal", pk)


def _asked(request: MemberRequest, kept: Deal, form: WinForm | LoseForm, title: str, verb: str) -> HttpResponse:
    context = {"deal": kept, "form": form, "title": title, "verb": verb}
    return render(request, "funnel/closing.html", context, status=422 if form.errors else 200)


def _say_closed(request: MemberRequest, outcome: str) -> None:
    words = _("Somebody was faster: this deal is %(outcome)s. Look again.")
    messages.warning(request, words % {"outcome": OUTCOME_NAMES.get(outcome, outcome)})


def _here(request: MemberRequest, pk: int) -> Deal:
    return visible_or_404(Deal.objects.visible_to(request.user).here().select_related("company", "contact", "lead"), pk)
