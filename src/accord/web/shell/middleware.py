"""The edge of a page request: its moment, its language, and what it set in motion."""

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accord.kernel import clock, fields, journal, ledger
from accord.rooms.team.models import House, Member

SEEN_EVERY = timedelta(minutes=5)
MACHINES = "/api/"  # they look at no clock on a wall
DRAIN_FACTS, DRAIN_MILLISECONDS = 200, 300


class LanguageMiddleware:
    """The member's language; before sign-in the browser's. Chosen once the session is there, before a word is said."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.session.get("language") or translation.get_language_from_request(request)
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        return response


class MomentMiddleware:
    """`request.now` is the one reading of business time; after the view, the facts it caused are run."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = clock.now()  # type: ignore[attr-defined]
        token = ledger.caused.set([])
        try:
            with fields.read_once(), timezone.override(_zone(request)):
                response = self.get_response(request)
            caused = ledger.caused.get() or []
        finally:
            ledger.caused.reset(token)
        if caused:
            slow = not request.path_info.startswith(MACHINES)
            journal.drain_caused(caused, most=DRAIN_FACTS, milliseconds=DRAIN_MILLISECONDS, slow=slow)
        _seen(request)
        return response


def _zone(request: HttpRequest) -> str:
    if request.path_info.startswith(MACHINES):
        return "UTC"
    if own := getattr(request.user, "zone", ""):
        return own
    request.house = House.get()  # type: ignore[attr-defined]  # the frame of the page shows it as well
    return request.house.zone  # type: ignore[attr-defined]


def _seen(request: HttpRequest) -> None:
    member, now = request.user, clock.machine()
    if isinstance(member, Member) and (member.last_seen_at is None or member.last_seen_at < now - SEEN_EVERY):
        Member.objects.filter(pk=member.pk).update(last_seen_at=now)
