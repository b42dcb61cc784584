from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.kernel.worktime import known_until
from accord.rooms.team.models import DayOff, House
from accord.web.shell import wording
from accord.web.shell.gate import MemberRequest, needs
from accord.web.team.forms import HouseForm, OwnDayForm
from accord.web.team.frame import page


@needs("manage_house")
@require_http_methods(["GET", "HEAD", "POST"])
def house(request: MemberRequest) -> HttpResponse:
    """What is true for all: name, zone, money, year, working time, and to which side inside sales belongs."""
    kept = House.get()
    form = HouseForm.of(kept, request.now, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, kept, form=form)
    kept.edit(name=form.cleaned_data["name"], values=form.settled(), by=request.user.pk, at=request.now)
    messages.success(request, _("The house is changed."))
    return redirect("house")


@needs("manage_house")
@require_POST
def own_days(request: MemberRequest) -> HttpResponse:
    """The house says of a day whether it is worked; said again, it is said anew."""
    kept, form = House.get(), OwnDayForm(_today(request), request.POST)
    if not form.is_valid():
        return _page(request, kept, day_form=form)
    said = form.cleaned_data
    kept.set_day(said["day"], said["works"], said["label"], by=request.user.pk, at=request.now)
    told = _("On %(day)s people work.") if said["works"] else _("On %(day)s nobody works.")
    messages.success(request, told % {"day": wording.day(said["day"])})
    return redirect("house")


@needs("manage_house")
@require_POST
def own_day_removal(request: MemberRequest, pk: int) -> HttpResponse:
    day = get_object_or_404(DayOff, pk=pk)
    House.get().unset_day(day.date, by=request.user.pk, at=request.now)
    messages.success(request, _("%(day)s is as the calendar has it again.") % {"day": wording.day(day.date)})
    return redirect("house")


def _page(request: MemberRequest, kept: House, **forms: Any) -> HttpResponse:
    known = known_until(kept.calendar)
    shown = {
        "form": HouseForm.of(kept, request.now),
        "day_form": OwnDayForm(_today(request)),
        "days": [(day, wording.day(day.date)) for day in DayOff.objects.order_by("-date")],
        "known_until": known and wording.day(known),
    }
    return page(request, "house", "house", **shown | forms)


def _today(request: MemberRequest) -> date:
    return timezone.localtime(request.now).date()
