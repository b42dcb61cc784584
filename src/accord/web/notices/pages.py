"""What a member was told: the newest first, by days; opening one marks it as read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from babel.dates import format_time
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accord.rooms.funnel.models import Lead
from accord.rooms.notices import rules
from accord.rooms.notices.models import Notice, NoticeQuerySet
from accord.rooms.notices.queries import unread
from accord.rooms.notices.sentences import Line, lines
from accord.web.shell import wording
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404

PAGE = 50
AT_THE_DESK = (rules.OFFERED, rules.PASSED_ON, rules.DUE_SOON, rules.BROKEN, rules.NUDGED)


@dataclass(frozen=True)
class Day:
    """`lines`: each with the time of the day."""

    name: str
    lines: Sequence[tuple[str, Line]]


@needs("see_notices")
@require_safe
def notices(request: MemberRequest) -> HttpResponse:
    rows = _own(request).listed()
    if before := number(request.GET.get("before")):
        rows = rows.filter(pk__lt=before)
    found = list(rows.whole().order_by("-id")[: PAGE + 1])
    shown = lines(found[:PAGE], request.user)
    context = {
        "days": _days(shown, request.now),
        "count": unread(request.user),
        "earlier": found[PAGE - 1].pk if len(found) > PAGE else None,
    }
    return render(request, "notices/notices.html", context)


@needs("see_notices")
@require_safe
def notice(request: MemberRequest, pk: int) -> HttpResponse:
    """To what it is about. The links of the digest lead here too."""
    found = visible_or_404(_own(request).whole(), pk)
    _own(request).filter(pk=found.pk).read(request.now)
    if found.version_id:
        return redirect("agreement_version", found.version_id)
    if not Lead.objects.visible_to(request.user).here().filter(pk=_lead(found)).exists():
        messages.info(request, _("This lead is with somebody else now, and you do not see it any more."))
        return redirect("notices")
    return redirect(_place(request, found))


@needs("see_notices")
@require_POST
def notices_reading(request: MemberRequest) -> HttpResponse:
    _own(request).listed().read(request.now)
    messages.success(request, _("All notices are marked as read."))
    return redirect("notices")


def _own(request: MemberRequest) -> NoticeQuerySet:
    return Notice.objects.visible_to(request.user).here()


def _days(shown: Sequence[Line], now: datetime) -> list[Day]:
    today = timezone.localtime(now).date()
    timed = [(timezone.localtime(line.notice.at), line) for line in shown]
    return [
        Day(_("Today") if day == today else wording.day(day, today), [(_time(at), line) for at, line in its])
        for day, its in groupby(timed, key=lambda one: one[0].date())
    ]


def _time(here: datetime) -> str:
    return format_time(here, "HH:mm", tzinfo=here.tzinfo, locale=wording.locale())


def _lead(found: Notice) -> int:
    return found.lead.pk if found.lead else 0


def _place(request: MemberRequest, found: Notice) -> str:
    lead = _lead(found)
    if found.settled:  # type: ignore[attr-defined]
        return reverse("lead", args=[lead])
    if found.kind in AT_THE_DESK and request.user.may("see_desk"):
        return f"{reverse('desk')}?lead={lead}"
    if found.kind == rules.RETURNED and request.user.may("take_up_return"):
        return reverse("returns")
    return reverse("lead", args=[lead])
