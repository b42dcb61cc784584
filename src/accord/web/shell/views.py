"""What belongs to no room: the first page, preferences, search."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from accord.rooms.team.models import Member
from accord.web.shell import context, finding, places
from accord.web.shell.gate import MemberRequest, needs

YEAR = 365 * 24 * 3600
IN_PALETTE = 5


@needs("see_records")
@require_GET
def home(request: MemberRequest) -> HttpResponse:
    """The first page after sign-in is the one that this role works on."""
    return redirect(places.FIRST_PAGE[request.user.role])


@needs("set_own_preferences")
@require_GET
def more(request: MemberRequest) -> HttpResponse:
    """On a phone: what has no tab."""
    everything = places.RAIL + places.ELSEWHERE + places.FOOT
    shown = [place for place in places.open_to(request.user, everything) if not place.tab]
    return render(request, "shell/more.html", {"places": shown})


@needs("search")
@require_GET
def search(request: MemberRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:100]
    if request.htmx:
        groups = finding.go_and_begin(query, request.user)
        found = finding.everything(query, request.user, IN_PALETTE) if query else []
        return _found(request, "shell/found.html", query, [*found, *groups])
    groups = finding.everything(query, request.user) if query else finding.go_and_begin("", request.user)
    return _found(request, "shell/search.html", query, groups)


def _found(request: HttpRequest, template: str, query: str, groups: list[finding.Group]) -> HttpResponse:
    nothing = not any(group.rows for group in groups)
    return render(request, template, {"query": query, "groups": groups, "nothing": nothing})


@needs("set_own_preferences")
@require_POST
def theme(request: MemberRequest) -> HttpResponse:
    chosen = request.POST.get("theme", "")
    if chosen in context.THEMES:
        Member.objects.filter(pk=request.user.pk).update(theme=chosen)
    response = HttpResponse(status=204) if request.headers.get("X-Quiet") else _back(request)
    if chosen in context.THEMES:
        # The sign-in page has no member to ask.
        response.set_cookie(context.THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=settings.SECURE)
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Open to everybody: the sign-in page speaks both languages."""
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        request.session["language"] = chosen
        if isinstance(request.user, Member):
            Member.objects.filter(pk=request.user.pk).update(language=chosen)
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the page that the form stood on, if it is one of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if ours else "/")
