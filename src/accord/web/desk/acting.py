"""What pages that act have in common: which lead, where to go afterwards, and what was set off."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accord.rooms.desk.models import AlreadyDone, Dropped, Ended
from accord.rooms.funnel.fields import STAGE_NAMES
from accord.rooms.funnel.models import Lead
from accord.web.shell.gate import MemberRequest, visible_or_404
from accord.web.shell.settling import settle

DEAL = re.compile(r"deal-([1-9]\d{0,17})", re.ASCII)


def lead_or_404(request: MemberRequest, pk: int) -> Lead:
    leads = Lead.objects.visible_to(request.user).here().select_related("contact__company", "owner")
    return visible_or_404(leads, pk)


def came(request: MemberRequest) -> str:
    """The page that the act was begun on, as its forms and links hand it on: `lead`, `deal-7`, or "" for the desk."""
    said = request.POST.get("back") or request.GET.get("back", "")
    return said if said == "lead" or DEAL.fullmatch(said) else ""


def back(request: MemberRequest, lead: int | None) -> str:
    """To the page that the act was begun on."""
    begun, desk = came(request), request.user.may("see_desk")
    if deal := DEAL.fullmatch(begun):
        return reverse("deal", args=[int(deal[1])])
    if lead is None:
        return reverse("desk") if desk else "/"
    return reverse("lead", args=[lead]) if begun or not desk else f"{reverse('desk')}?lead={lead}"


def done(request: MemberRequest, said: str, lead: int | None) -> HttpResponse:
    settle(judging=False)
    messages.success(request, said)
    return redirect(back(request, lead))


def refused(request: MemberRequest, title: str, said: str, lead: int | None) -> HttpResponse:
    """Nothing was changed: what happened instead, and where to go on."""
    context = {"title": title, "said": said, "lead": lead, "desk": request.user.may("see_desk")}
    return render(request, "desk/refused.html", context, status=409)


def ended(request: MemberRequest, how: Ended, lead: int | None) -> HttpResponse:
    stage = STAGE_NAMES.get(how.args[0])
    said = (
        _("It is %(stage)s by now. Nothing was changed: open it again on its page if it goes on.") % {"stage": stage}
        if stage
        else _("It is in the trash by now. Nothing was changed.")
    )
    return refused(request, _("This lead has ended"), said, lead)


def already_done(request: MemberRequest, by: AlreadyDone, lead: int | None) -> HttpResponse:
    said = _("%(member)s was first. Nothing was changed.") % {"member": by.who or _("Somebody")}
    if isinstance(by, Dropped):
        said = _("The lead went back to marketing, and its steps were dropped. Nothing was changed.")
    return refused(request, _("This is done already"), said, lead)


def asked(request: MemberRequest, template: str, title: Any, form: Any, lead: Lead | None, **more: Any) -> HttpResponse:
    """A form on a page of its own; the desk takes it in between."""
    context = {
        "title": title, "form": form, "lead": lead, "back": back(request, lead.pk if lead else None),
        "came": came(request), **more,
    }  # fmt: skip
    return render(request, template, context, status=422 if form.errors else 200)
