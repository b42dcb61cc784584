from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.kernel.mail.models import is_set_up
from accord.rooms.notices.fields import KIND_NAMES
from accord.rooms.notices.models import Switch
from accord.rooms.notices.rules import KINDS, Way
from accord.rooms.team.models import Feed, House, Member
from accord.web.shell.context import THEME_COOKIE
from accord.web.shell.gate import MemberRequest, needs
from accord.web.team import absences
from accord.web.team.forms import PreferencesForm
from accord.web.team.frame import page

YEAR = 365 * 24 * 3600


@needs("set_own_preferences")
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: MemberRequest) -> HttpResponse:
    """A member's own name, language, zone and theme."""
    form = _form(request, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, form=form)
    given = form.cleaned_data
    request.user.prefer(**given, by=request.user.pk, at=request.now)
    request.session["language"] = given["language"]
    with translation.override(given["language"]):
        messages.success(request, _("Your preferences are kept."))
    response = redirect("me")
    response.set_cookie(THEME_COOKIE, given["theme"], max_age=YEAR, samesite="Lax", secure=settings.SECURE)
    return response


@needs("set_own_preferences")
@require_POST
def leave(request: MemberRequest) -> HttpResponse:
    """They say on which days they are away."""
    form = absences.own_leave_form(request, request.POST)
    if form.is_valid() and absences.planned(request, request.user, form):
        return redirect("me")
    return _page(request, leave_form=form)


@needs("set_own_preferences")
@require_POST
def notices(request: MemberRequest) -> HttpResponse:
    """By which way they want to be told what."""
    app, digest = set(request.POST.getlist("app")), set(request.POST.getlist("digest"))
    Switch.turn(request.user, {kind: Way(kind in app, kind in digest) for kind in KINDS})
    messages.success(request, _("Your choice of notices is kept."))
    return redirect("me")


def _page(request: MemberRequest, **forms: Any) -> HttpResponse:
    shown = {
        "form": _form(request),
        "leave_form": absences.own_leave_form(request),
        "away": absences.own_away(request),
        "feed": Feed.of(request.user),
        "ways": [
            (kind, KIND_NAMES[kind], way) for kind, way in Switch.ways([request.user.pk])[request.user.pk].items()
        ],
        "mail_is_set_up": is_set_up(),
    }
    return page(request, "me", "me", **shown | forms)


def _form(request: MemberRequest, data: Any = None) -> PreferencesForm:
    return PreferencesForm(House.get(), data, initial=_shown(request.user))


def _shown(member: Member) -> dict[str, str]:
    return {
        "name": member.name,
        "language": member.language or translation.get_language() or settings.LANGUAGE_CODE,
        "zone": member.zone,
        "theme": member.theme or "system",
    }
