"""The trail: its page, a visitor who asks, and its two places; refused where no story was told."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accord.rooms.trail import rules, visitor
from accord.rooms.trail.models import Dismissal, Trail
from accord.web.shell.gate import MemberRequest, needs
from accord.web.shell.settling import settle
from accord.web.today.trail import NEEDS, told

PLACES = {rules.PROMISES: "promises", rules.FUNNEL: "funnel"}


@needs("see_records")
@require_GET
def trail(request: MemberRequest) -> HttpResponse:
    """On a page of its own, also for whoever does not want it on Today."""
    followed = _followed()
    context = {
        "trail": told(followed, request.user, request.now), "now": request.now,
        "whole": not request.htmx, "dismissed": Dismissal.objects.filter(member=request.user).exists(),
    }  # fmt: skip
    return render(request, "today/trail.html" if request.htmx else "today/trail_page.html", context)


@needs("see_records")
@require_POST
def trail_visitor(request: MemberRequest) -> HttpResponse:
    _followed()
    try:
        visitor.ask(at=request.now)
    except visitor.NobodyFits:
        messages.warning(request, _("Nobody who waits would qualify by that under the agreement in force."))
    else:
        settle()
    return redirect(f"{reverse('today')}?trail=open")  # what comes of it is what they want to see


@needs("see_records")
@require_POST
def trail_opening(request: MemberRequest, step: str) -> HttpResponse:
    """To a place of the trail; that somebody went there is what its step is."""
    followed = _followed()
    if step not in PLACES:
        raise Http404
    if not request.user.may(NEEDS[step]):
        raise PermissionDenied
    followed.opened(step, at=request.now)
    return redirect(PLACES[step])


@needs("set_own_preferences")
@require_POST
def trail_dismissal(request: MemberRequest) -> HttpResponse:
    _followed()
    Dismissal.say(request.user, at=request.now)
    messages.success(request, _("The trail is gone from Today. Its page stays: search for “trail”."))
    return redirect("today")


@needs("set_own_preferences")
@require_POST
def trail_restoring(request: MemberRequest) -> HttpResponse:
    _followed()
    Dismissal.take_back(request.user)
    return redirect("today")


def _followed() -> Trail:
    found = Trail.of_house()
    if found is None:
        raise Http404
    return found
