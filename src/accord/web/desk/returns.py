"""Leads that came back to marketing: why, from whom, on which track, and who takes them up."""

from collections import Counter
from datetime import timedelta

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accord.rooms.handoff.fields import reason_name
from accord.rooms.handoff.models import Answered, Handoff, HandoffQuerySet, Return
from accord.rooms.handoff.queries import waiting_returns
from accord.web.desk import wording
from accord.web.shell.gate import MemberRequest, needs, visible_or_404
from accord.web.shell.settling import settle

MOST = 200
LATELY = timedelta(days=28)


@needs("take_up_return")
@require_GET
def returns(request: MemberRequest) -> HttpResponse:
    """Those that wait; with a `reason`, those of the last 28 days that were given it, or of these those that wait."""
    waiting, reason = waiting_returns(request.user), request.GET.get("reason", "")
    if reason:
        waiting = _came(request).filter(reason=reason)
        waiting = waiting.filter(taken_up_at=None) if request.GET.get("waiting") else waiting
    waiting = waiting.select_related("by", "taken_up_by", "lead__contact__company").order_by("at", "id")
    lines = [(one, reason_name(one.reason), wording.track(one.track)) for one in waiting[:MOST]]
    named = reason_name(reason) if reason else ""
    context = {"lines": lines, "count": waiting.count(), "most": MOST, "reasons": _reasons(request), "reason": named}
    return render(request, "desk/returns.html", context)


@needs("take_up_return")
@require_POST
def return_taking_up(request: MemberRequest, pk: int) -> HttpResponse:
    kept = visible_or_404(Return.objects.filter(handoff__in=_seen(request)).select_related("lead__contact"), pk)
    try:
        kept.take_up(by=request.user, at=request.now)
    except Answered as answered:
        if answered.who != request.user:
            said = {"member": answered.who or _("Somebody"), "name": kept.lead}
            messages.warning(request, _("%(member)s was first and has taken up %(name)s.") % said)
            return redirect("returns")
    settle(judging=False)
    taken = _("Taken up: %(name)s is yours.") % {"name": kept.lead}
    address = reverse("lead", args=[kept.lead_id])
    messages.success(request, format_html('{} <a href="{}">{}</a>', taken, address, _("Show it")))
    return redirect("returns")


def _seen(request: MemberRequest) -> HandoffQuerySet:
    return Handoff.objects.visible_to(request.user).here()


def _came(request: MemberRequest) -> QuerySet[Return]:
    """Those of the last 28 days."""
    return Return.objects.filter(handoff__in=_seen(request), at__gt=request.now - LATELY, at__lte=request.now)


def _reasons(request: MemberRequest) -> list[tuple[str, str, int, int]]:
    """How often each reason was given in the last 28 days, and how many of those wait, the most frequent first."""
    rows = list(_came(request).values_list("reason", "taken_up_at"))
    counted = Counter(reason for reason, _taken in rows)
    waits = Counter(reason for reason, taken in rows if taken is None)
    return [(one, reason_name(one), number, waits[one]) for one, number in sorted(counted.items(), key=_most)]


def _most(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
