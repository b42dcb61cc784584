"""Winning, losing, giving back and reopening a deal."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accord.kernel.fields import Refused
from accord.rooms.funnel.fields import OUTCOME_NAMES
from accord.rooms.funnel.models import AlreadyMoved, AlreadyOpen, Deal
from accord.rooms.funnel.models.deal import OPEN
from accord.web.funnel.forms import ClosingForm, GiveBackForm, LoseForm, WinForm
from accord.web.funnel.moving import back
from accord.web.shell.gate import MemberRequest, needs, visible_or_404


@needs("edit_deal")
def deal_winning(request: MemberRequest, pk: int) -> HttpResponse:
    kept = _here(request, pk)
    return _closed(request, kept, WinForm(request.POST or None), kept.win, _("Won"), _("Mark as won"))


@needs("edit_deal")
def deal_losing(request: MemberRequest, pk: int) -> HttpResponse:
    kept = _here(request, pk)
    return _closed(request, kept, LoseForm(request.POST or None), kept.lose, _("Lost"), _("Mark as lost"))


@needs("edit_deal")
def deal_giving_back(request: MemberRequest, pk: int) -> HttpResponse:
    """Not now: its lead goes back to nurture until the day to come back."""
    kept = _here(request, pk)
    form = GiveBackForm(request.POST or None, initial={"reason": "not_now"})
    return _closed(request, kept, form, kept.give_back, _("Back to nurture"), _("Give back until then"))


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


def _closed(
    request: MemberRequest, kept: Deal, form: ClosingForm, close: Callable[..., None], title: str, verb: str
) -> HttpResponse:
    """Asked first; closed when what was said is right, and else what is wrong stands beside its field."""
    if kept.outcome != OPEN:
        _say_closed(request, kept.outcome)
        return redirect(back(request, kept))
    if request.method == "POST" and form.is_valid():
        try:
            close(**form.cleaned_data, by=request.user.pk, at=request.now)
        except AlreadyMoved as moved:
            _say_closed(request, moved.args[0])
            return redirect(back(request, kept))
        except Refused as refused:
            for name, words in refused.fields.items():
                form.add_error(name, str(words))
        else:
            return redirect(back(request, kept))
    context = {"deal": kept, "form": form, "title": title, "verb": verb, "back": back(request, kept)}
    return render(request, "funnel/closing.html", context, status=422 if form.errors else 200)


def _say_closed(request: MemberRequest, outcome: str) -> None:
    words = _("Somebody was faster: this deal is %(outcome)s. Look again.")
    messages.warning(request, words % {"outcome": OUTCOME_NAMES.get(outcome, outcome)})


def _here(request: MemberRequest, pk: int) -> Deal:
    return visible_or_404(Deal.objects.visible_to(request.user).here().select_related("company", "contact", "lead"), pk)
