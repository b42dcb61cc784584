"""Where somebody outside books a meeting: by an address of their own, or by one that everybody can reach.

Nobody signs in here. Whoever has a contact's address sees when somebody has time and the contact's own meeting.
"""

import zoneinfo
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from allauth.core.ratelimit import consume, respond_429
from babel.dates import format_skeleton
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accord.kernel import spoken
from accord.kernel.mail.models import is_set_up
from accord.rooms.desk import booking, inviting, rules
from accord.rooms.desk.booking import Taken
from accord.rooms.desk.models import Booking
from accord.rooms.people.models import Contact
from accord.rooms.people.personal import contact_of, visit_of, visitor
from accord.rooms.team.models import ApiKey, House
from accord.web.booking.forms import BookForm, MeetForm
from accord.web.shell.settling import settle
from accord.web.shell.zones import zones

OFTEN = "booking"  # how often from one address of the network: ACCOUNT_RATE_LIMITS
LISTED = 10  # days


class GuestRequest(HttpRequest):
    """Nobody of the house; `now` is its business time."""

    now: datetime


@require_http_methods(["GET", "HEAD", "POST"])
def meet(request: GuestRequest, key: str) -> HttpResponse:
    """Who are you? Then on to the times. The key is a website's: with it, the page goes."""
    _key_or_404(key)
    form = MeetForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        shown = {"form": form, "house": House.get().name}
        return render(request, "booking/meet.html", shown, status=422 if form.errors else 200)
    if not consume(request, action=OFTEN):
        return respond_429(request)
    contact = booking.met(**form.cleaned_data, **_campaign(request), at=request.now)
    settle(judging=False)
    return redirect("visit", key, visit_of(contact))


@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: GuestRequest, key: str, visit: str) -> HttpResponse:
    """The times for somebody who has said who they are: they book one, and see no meeting that was booked before.

    Anybody can write down anybody's address, so what moves a meeting or calls it off goes to the mailbox alone.
    """
    _key_or_404(key)
    contact, zone = visitor(visit), _zone(request) or _zone_of(None)
    if contact is None:
        return redirect("meet", key)
    with timezone.override(zone):
        if Booking.of(contact, request.now):
            shown = {"house": House.get().name, "mailed": is_set_up()}
            return render(request, "booking/elsewhere.html", shown, status=409 if request.method == "POST" else 200)
        if request.method != "POST":
            return _times(request, contact, BookForm())
        booked = _book(request, contact, zone)
        return booked if isinstance(booked, HttpResponse) else _booked(request, booked)


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: GuestRequest, token: str) -> HttpResponse:
    """The meeting that they have booked, or the times that they can choose from."""
    contact, now = _contact_or_404(token), request.now
    standing = Booking.of(contact, now)
    zone = _zone(request) or _zone_of(standing)
    with timezone.override(zone):
        if request.method == "POST":
            booked = _book(request, contact, zone, token)
            return booked if isinstance(booked, HttpResponse) else redirect("book", token)
        if standing and "other" not in request.GET:
            return _booked(request, standing, token)
        return _times(request, contact, BookForm(), token)


def _book(request: GuestRequest, contact: Contact, zone: ZoneInfo, token: str = "") -> Booking | HttpResponse:
    form = BookForm(request.POST)
    if not form.is_valid():
        return _times(request, contact, form, token, status=422)
    if not consume(request, action=OFTEN):
        return respond_429(request)
    said, language = form.cleaned_data, translation.get_language() or "en"
    try:
        made = booking.book(
            contact, said["begins"], note=said["note"], zone=zone.key, language=language, at=request.now
        )
    except Taken:
        form.add_error(None, _("This time is not free any more. Choose another one."))
        return _times(request, contact, form, token, status=409)
    settle(judging=False)
    return made


@require_POST
def calling_off(request: GuestRequest, token: str) -> HttpResponse:
    contact, now = _contact_or_404(token), request.now
    if standing := Booking.of(contact, now):
        booking.call_off(standing, now)
        settle(judging=False)
    return redirect("book", token)


@require_safe
def invitation(request: GuestRequest, token: str) -> HttpResponse:
    """The meeting for the guest's calendar."""
    contact, now = _contact_or_404(token), request.now
    standing = Booking.of(contact, now)
    if standing is None:
        return redirect("book", token)
    told = inviting.invitation(standing, "PUBLISH", now)
    private = {"Cache-Control": "private, no-store"}
    return HttpResponse(told, content_type="text/calendar; charset=utf-8", headers=private)


def _booked(request: GuestRequest, one: Booking, token: str = "") -> HttpResponse:
    """`token`: theirs, by which they move it and call it off."""
    shown = {"one": one, "token": token, "house": House.get().name, "mailed": is_set_up()}
    return render(request, "booking/booked.html", shown)


def _times(request: GuestRequest, contact: Contact, form: BookForm, token: str = "", status: int = 200) -> HttpResponse:
    now = request.now
    context = {
        "token": token, "form": form, "days": _days(booking.times(contact, now)), "house": House.get().name,
        "zones": zones(), "zone": timezone.get_current_timezone_name(), "length": rules.LENGTH.seconds // 60,
        "standing": Booking.of(contact, now), "others": "other" in request.GET,
        "host": booking.holder(contact) if token else None,  # who only knows an address is told nobody's name
    }  # fmt: skip
    return render(request, "booking/times.html", context, status=status)


def _days(begins: Sequence[datetime]) -> list[tuple[str, list[datetime]]]:
    """By day where the guest is."""
    here = [timezone.localtime(one) for one in begins]
    return [(_day(day), list(its)) for day, its in groupby(here, key=datetime.date)][:LISTED]


def _day(day: date) -> str:
    return format_skeleton("MMMMEEEEd", day, locale=spoken.locale())


def _contact_or_404(token: str) -> Contact:
    contact = contact_of(token)
    if contact is None:
        raise Http404
    return contact


def _key_or_404(key: str) -> None:
    source = ApiKey.held_by(key, "capture")
    if source is None or not source.is_public:
        raise Http404


def _zone(request: GuestRequest) -> ZoneInfo | None:
    """The one that the guest has chosen."""
    wanted = request.POST.get("zone") or request.GET.get("zone") or ""
    return ZoneInfo(wanted) if wanted in zoneinfo.available_timezones() else None


def _zone_of(standing: Booking | None) -> ZoneInfo:
    return ZoneInfo(standing.zone if standing else House.get().zone)


def _campaign(request: GuestRequest) -> Mapping[str, Any]:
    """From which campaign they come, as the address says it."""
    named = {"campaign": request.GET.get("utm_campaign"), "channel": request.GET.get("utm_medium")}
    return {name: (said or "").replace("\0", "").strip()[:60] or None for name, said in named.items()}
