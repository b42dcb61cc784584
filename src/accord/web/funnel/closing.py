"""Winning, losing, giving back and reopening a deal."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accord.kernel.fields import Refused
from accord.rooms.content.models import Competitor
from accord.rooms.funnel.fields import OUTCOME_NAMES
from accord.rooms.funnel.models import AlreadyMoved, AlreadyOpen, Deal
from accord.rooms.funnel.models.deal import OPEN, WON
from accord.web.funnel.forms import ClosingForm, GiveBackForm, LoseForm, WinForm
from accord.web.funnel.moving import back
from accord.web.funnel.views import BACK
from accord.web.funnel.walking import known, names_of
from accord.web.shell import wording
from accord.web.shell.gate import MemberRequest, needs, visible_or_404


@needs("edit_deal")
def deal_winning(request: MemberRequest, pk: int) -> HttpResponse:
    kept = _here(request, pk)
    return _closed(request, kept, WinForm(request.POST or None), kept.win, _("Won"), _("Mark as won"))


@needs("edit_deal")
def deal_losing(request: MemberRequest, pk: int) -> HttpResponse:
    kept = _here(request, pk)
    own = kept.competitors.filter(until=None).values("competitor")
    competitors = known(Competitor, request.user)
    form = LoseForm(request.POST or None, known=competitors)
    offered = [*names_of(competitors.filter(pk__in=own)), *names_of(competitors.exclude(pk__in=own))]
    return _closed(request, kept, form, kept.lose, _("Lost"), _("Mark as lost"), competitors=offered)


@needs("edit_deal")
def deal_giving_back(request: MemberRequest, pk: int) -> HttpResponse:
    """Not now: its lead goes back to nurture until the day to come back."""
    kept = _here(request, pk)
    form = GiveBackForm(request.POST or None, initial={"reason": "not_now"}, known=Competitor.objects.none())
    return _closed(request, kept, form, kept.give_back, _("Back to nurture"), _("Give back until then"))


@needs("edit_deal")
@require_POST
def deal_reopening(request: MemberRequest, pk: int) -> HttpResponse:
    kept = _here(request, pk)
    try:
        kept.reopen(by=request.user.pk, at=request.now)
    except AlreadyOpen:
        messages.warning(request, _("The contact has another lead open: the deal stays closed until that one ends."))
    except AlreadyMoved as moved:
        _say_closed(request, moved.args[0])
    return redirect("deal", pk)


def _closed(
    request: MemberRequest,
    kept: Deal,
    form: ClosingForm,
    close: Callable[..., None],
    title: str,
    verb: str,
    **more: Any,
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
            messages.success(request, _done(kept, form.cleaned_data.get("come_back_on")))
            return redirect(back(request, kept))
    context = {"deal": kept, "form": form, "title": title, "verb": verb, "back": back(request, kept), **more}
    return render(request, "funnel/closing.html", context, status=422 if form.errors else 200)


def _done(kept: Deal, day: date | None) -> str:
    """What has become of the deal, which may be gone from the page that one comes back to; and when to ask again."""
    told = _("“%(deal)s” is won.") if kept.outcome == WON else _("“%(deal)s” is lost.")
    if day is None:
        return told % {"deal": kept}
    asked = _("It comes back on %(day)s.") % {"day": wording.day(day)}
    return format_html('{} <a href="{}?view={}">{}</a>', told % {"deal": kept}, reverse("pipeline"), BACK, asked)


def _say_closed(request: MemberRequest, outcome: str) -> None:
    words = _("Somebody was faster: this deal is %(outcome)s. Look again.")
    messages.warning(request, words % {"outcome": OUTCOME_NAMES.get(outcome, outcome)})


def _here(request: MemberRequest, pk: int) -> Deal:
    return visible_or_404(Deal.objects.visible_to(request.user).here().select_related("company", "contact", "lead"), pk)
