"""Who is away: what members plan and call off for themselves, and leads for others."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.kernel.instants import MICROSECOND
from accord.kernel.worktime import Calendar
from accord.rooms.team.models import Absence, AlreadyAway, Member
from accord.rooms.team.worktimes import calendar_of, calendars, coming, local_day, whole_days
from accord.web.shell import wording
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs
from accord.web.team.forms import LeaveForm, OthersLeaveForm
from accord.web.team.frame import page
from accord.web.team.holding import Held, held


@dataclass(frozen=True)
class Away:
    """An absence in the days of whoever is away."""

    absence: Absence
    calendar: Calendar
    at: datetime
    held: Held | None = None

    @property
    def now(self) -> bool:
        return self.absence.since <= self.at

    @property
    def first(self) -> str:
        return self._said(self.absence.since)

    @property
    def last(self) -> str:
        return self._said(self.absence.until - MICROSECOND)

    def _said(self, at: datetime) -> str:
        return wording.day(local_day(self.calendar, at))


@needs("manage_absences")
@require_http_methods(["GET", "HEAD", "POST"])
def absences(request: MemberRequest) -> HttpResponse:
    """Everybody who is or will be away, and a form to say so of somebody: with what they hold, once they are chosen."""
    today, posted = local_day(calendar_of(request.user), request.now), request.method == "POST"
    chosen = number((request.POST if posted else request.GET).get("member"))
    form = OthersLeaveForm(today, request.POST if posted else None, initial={"member": chosen})
    if form.is_valid() and planned(request, form.cleaned_data["member"], form):
        return redirect("absences")
    standing = away(coming(request.now), request.now)
    asked = list(Member.objects.filter(is_active=True, pk=chosen))
    holds = held({*asked, *(one.absence.member for one in standing)}, request.user)
    told = [replace(one, held=holds[one.absence.member_id]) for one in standing]
    return page(request, "absences", "absences", form=form, away=told, held=holds.get(chosen))


@needs("manage_absences")
@require_POST
def calling_off(request: MemberRequest, pk: int) -> HttpResponse:
    called_off(request, get_object_or_404(Absence.objects.select_related("member"), pk=pk))
    return redirect("absences")


@needs("set_own_preferences")
@require_POST
def own_calling_off(request: MemberRequest, pk: int) -> HttpResponse:
    called_off(request, get_object_or_404(Absence.objects.select_related("member"), pk=pk, member=request.user))
    return redirect("me")


def own_leave_form(request: MemberRequest, data: object = None) -> LeaveForm:
    return LeaveForm(local_day(calendar_of(request.user), request.now), data)


def own_away(request: MemberRequest) -> list[Away]:
    return away(coming(request.now).filter(member=request.user), request.now)


def away(standing: Iterable[Absence], at: datetime) -> list[Away]:
    """Two queries more than the absences themselves take."""
    found = list(standing)
    known = calendars({absence.member.team_id for absence in found}) if found else {}
    return [Away(absence, known[absence.member.team_id], at) for absence in found]


def planned(request: MemberRequest, member: Member, form: Form) -> bool:
    """Whether they are away on the days of the form; if not, the form says why."""
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    calendar = calendar_of(member)
    try:
        member.take_leave(*whole_days(calendar, first, last), by=request.user.pk, at=request.now)
    except AlreadyAway as standing:
        form.add_error("first", _already_away(Away(standing.args[0], calendar, request.now)))
        return False
    messages.success(request, _planned(member, first, last))
    return True


def called_off(request: MemberRequest, absence: Absence) -> None:
    absence.call_off(by=request.user.pk, at=request.now)
    if absence.called_off_at:
        messages.success(request, _("%(name)s is there after all.") % {"name": absence.member})
    else:
        messages.error(request, _("This absence is over: it stays as it was."))


def _planned(member: Member, first: date, last: date) -> str:
    said = {"name": member, "first": wording.day(first), "last": wording.day(last)}
    if first == last:
        return _("%(name)s is away on %(first)s and gets nothing new then.") % said
    return _("%(name)s is away from %(first)s to %(last)s and gets nothing new then.") % said


def _already_away(standing: Away) -> str:
    days = {"first": standing.first, "last": standing.last}
    return _("An absence from %(first)s to %(last)s stands already: call it off first, or choose other days.") % days
