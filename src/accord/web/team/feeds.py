"""The address of a member's calendar: made, shown once, and revoked."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accord.rooms.team.models import Feed
from accord.web.shell.gate import MemberRequest, needs
from accord.web.team.frame import secret_page


@needs("set_own_preferences")
@require_POST
def feed(request: MemberRequest) -> HttpResponse:
    """A new address; the one before does not work any longer."""
    _made, token = Feed.make(request.user, at=request.now)
    address = request.build_absolute_uri(reverse("calendar", args=[token]))
    return secret_page(request, "me", "feed_made", address=address)


@needs("set_own_preferences")
@require_POST
def revocation(request: MemberRequest) -> HttpResponse:
    if there := Feed.of(request.user):
        there.revoke(by=request.user.pk, at=request.now)
    messages.success(request, _("No calendar fetches your tasks any longer."))
    return redirect("me")
