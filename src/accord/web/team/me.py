from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accord.rooms.team.models import House, Member
from accord.web.shell.context import THEME_COOKIE
from accord.web.shell.gate import MemberRequest, needs
from accord.web.team.forms import PreferencesForm
from accord.web.team.frame import page

YEAR = 365 * 24 * 3600


@needs("set_own_preferences")
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: MemberRequest) -> HttpResponse:
    """A member's own name, language, zone and theme."""
    form = PreferencesForm(
        House.get(), request.POST if request.method == "POST" else None, initial=_shown(request.user)
    )
    if not form.is_valid():
        return page(request, "me", "me", form=form)
    given = form.cleaned_data
    request.user.prefer(**given, by=request.user.pk, at=request.now)
    request.session["language"] = given["language"]
    with translation.override(given["language"]):
        messages.success(request, _("Your preferences are kept."))
    response = redirect("me")
    response.set_cookie(THEME_COOKIE, given["theme"], max_age=YEAR, samesite="Lax", secure=settings.SECURE)
    return response


def _shown(member: Member) -> dict[str, str]:
    return {
        "name": member.name,
        "language": member.language or translation.get_language() or settings.LANGUAGE_CODE,
        "zone": member.zone,
        "theme": member.theme or "system",
    }
