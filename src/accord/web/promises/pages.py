from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from accord.rooms.insight.questions import midnight
from accord.rooms.promises import queries
from accord.rooms.promises.models import Clock, NeedsReason, NotBroken
from accord.rooms.promises.rules import RUNNING
from accord.rooms.team.models import House
from accord.web.promises import figures
from accord.web.shell.gate import MemberRequest, needs, typed, visible_or_404

PERIODS = {"4": _("Last 4 weeks"), "12": _("Last 12 weeks"), "26": _("Last 26 weeks"), "52": _("Last 52 weeks")}
THIS_MONTH, LAST_MONTH = "this-month", "last-month"
MONTHS = {THIS_MONTH: _("This month"), LAST_MONTH: _("Last month")}
USUAL = "12"
SHOWN, NEAREST, LOOKED_AT, A_PAGE = 10, 8, 500, 50


@needs("see_promises")
@require_GET
def promises(request: MemberRequest) -> HttpResponse:
    (weeks, since, until), now = _period(request), request.now
    parties = queries.promises(request.user, since, until, now)
    if not any(party.promised for party in parties):
        return render(request, "promises/nothing.html")
    broken = queries.breaches(request.user, since, until, now)
    looked_at = list(broken[:LOOKED_AT])
    going = Clock.objects.visible_to(request.user).here().filter(state=RUNNING, due_at__gt=now)
    nearest = going.whole().select_related("owner", "lead__contact__company").order_by("due_at", "id")
    told = {
        "weeks": weeks,
        "periods": _periods(weeks),
        "sides": [figures.side(party, {"weeks": weeks}) for party in parties],
        "causes": figures.causes(looked_at, now),
        "broken": figures.rows(looked_at[:SHOWN], now),
        "breaches": broken.count(),
        "looked_at": len(looked_at),
        "open": figures.rows(list(nearest[:NEAREST]), now),
        "going": going.count(),
    }
    return render(request, "promises/promises.html", told)


@needs("see_promises")
@require_GET
def clocks(request: MemberRequest) -> HttpResponse:
    """The clocks behind one number of the page; without one, the breaches."""
    (weeks, since, until), now = _period(request), request.now
    standing = request.GET.get("standing", "")
    only = {name: request.GET[name] for name in ("side", "promise", "mode") if request.GET.get(name)}
    if standing in figures.STANDINGS:
        found = queries.behind(request.user, since, until, now, standing).filter(**only)
    else:
        found = queries.breaches(request.user, since, until, now, **only)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    told: dict[str, Any] = {
        "title": figures.STANDINGS.get(standing, _("Broken or past their time")),
        "periods": _periods(weeks),
        "kept": [(name, said) for name, said in request.GET.items() if name in ("side", "promise", "mode", "standing")],
        "breaches": standing in ("broken", "late") or standing not in figures.STANDINGS,
        "weeks": weeks,
        "page": page,
        "rows": figures.rows(list(page), now),
        "query": _query(request),
        "may_excuse": request.user.may("excuse_breach"),
    }
    return render(request, "promises/clocks.html", told)


@needs("excuse_breach")
@require_POST
def excusing(request: MemberRequest, pk: int) -> HttpResponse:
    """Say why a promise was broken; back to the list from which it was said."""
    clock = visible_or_404(Clock.objects.visible_to(request.user), pk)
    try:
        clock.excuse_with(typed(request, "reason"), by=request.user, at=request.now, was=typed(request, "was"))
        messages.success(request, _("Noted. The promise stays broken, and is counted as such."))
    except NeedsReason:
        messages.warning(request, _("Write down why it was broken: an excuse without a reason is none."))
    except NotBroken:
        messages.warning(request, _("This promise is not broken, or somebody has said something else meanwhile."))
    asked = QueryDict(request.POST.get("query", "")).urlencode()
    return redirect(f"{reverse('promise_clocks')}?{asked}")


def _period(request: MemberRequest) -> tuple[str, datetime, datetime]:
    """So many weeks or which month is looked at, from when, and until when; the usual weeks where it is neither."""
    weeks = request.GET.get("weeks", USUAL)
    if weeks in MONTHS:
        zone = House.get().zone
        first = request.now.astimezone(ZoneInfo(zone)).date().replace(day=1)
        before = (first - timedelta(days=1)).replace(day=1)
        since, earlier = midnight(first, zone), midnight(before, zone)
        return (weeks, since, request.now) if weeks == THIS_MONTH else (weeks, earlier, since)
    weeks = weeks if weeks in PERIODS else USUAL
    return weeks, request.now - timedelta(weeks=int(weeks)), request.now


def _periods(weeks: str) -> list[tuple[str, Any, bool]]:
    return [(name, label, name == weeks) for name, label in (MONTHS | PERIODS).items()]


def _query(request: MemberRequest) -> str:
    kept = request.GET.copy()
    kept.pop("page", None)
    return kept.urlencode()
