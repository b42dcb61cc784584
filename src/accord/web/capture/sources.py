"""Sources: what sends events, how to make it send, and what became of the last ones."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accord.kernel.instants import to_micros
from accord.rooms.capture.inbox.store import DAY
from accord.rooms.capture.queries import looking
from accord.rooms.team.models import ApiKey
from accord.web.capture.forms import SourceForm
from accord.web.capture.snippets import BROWSER, CURL, SNIPPETS
from accord.web.capture.watching import events_of
from accord.web.shell.gate import MemberRequest, needs

DAYS = 7  # by UTC, today among them
STANDS_FOR = "WRITE_KEY"  # where the real key is not known any longer


@needs("see_sources")
@require_GET
def sources(request: MemberRequest) -> HttpResponse:
    return _listed(request, SourceForm())


def _listed(request: MemberRequest, form: SourceForm) -> HttpResponse:
    found = ApiKey.objects.filter(scope="capture", revoked_at=None).select_related("made_by")
    days = _days(to_micros(request.now))
    rows = [(source, days.get(source.pk, _nothing())) for source in found]
    shown = {"rows": rows, "form": form, "may_make": request.user.may("manage_sources")}
    return render(request, "capture/sources.html", shown)


@needs("manage_sources")
@require_POST
def making(request: MemberRequest) -> HttpResponse:
    """A new source; its key is in this one answer and nowhere else."""
    form = SourceForm(request.POST)
    if not form.is_valid():
        return _listed(request, form)
    made, secret = ApiKey.make(**form.cleaned_data, scope="capture", by=request.user, at=request.now)
    response = render(request, "capture/source.html", _shown(request, made, secret))
    response.headers["Cache-Control"] = "no-store"
    return response


@needs("see_sources")
@require_GET
def source(request: MemberRequest, pk: int) -> HttpResponse:
    return render(request, "capture/source.html", _shown(request, _one(pk)))


@needs("see_sources")
@require_GET
def events(request: MemberRequest, pk: int) -> HttpResponse:
    """The last events alone, for the page that looks again every few seconds."""
    return render(request, "capture/events.html", {"source": _one(pk), "events": events_of(pk)})


@needs("manage_sources")
@require_POST
def revocation(request: MemberRequest, pk: int) -> HttpResponse:
    found = _one(pk)
    found.revoke(by=request.user.pk, at=request.now)
    messages.success(request, _("“%(name)s” can send nothing any longer.") % {"name": found})
    return redirect("event_sources")


def _one(pk: int) -> ApiKey:
    return get_object_or_404(ApiKey, pk=pk, scope="capture", revoked_at=None)


def _shown(request: MemberRequest, found: ApiKey, secret: str = "") -> dict[str, Any]:
    host = request.build_absolute_uri("/").rstrip("/")
    protocol, _sign, address = host.partition("://")
    filled = {"key": secret or STANDS_FOR, "host": host, "protocol": protocol, "address": address}
    here = (*SNIPPETS, CURL)
    written = [(label, code % filled) for label, code in ((BROWSER, *here) if found.is_public else here)]
    days = _days(to_micros(request.now - timedelta(days=DAYS - 1)))
    return {
        "source": found, "secret": secret, "snippets": written, "events": events_of(found.pk),
        "booking": f"{host}{reverse('meet', args=[secret or STANDS_FOR])}" if found.is_public else "",
        "counts": days.get(found.pk, _nothing()), "days": DAYS, "may_manage": request.user.may("manage_sources"),
    }  # fmt: skip


def _days(since: int) -> dict[int, dict[str, int]]:
    """What came by each key from the day of `since` (µs) on."""
    with looking() as inbox:
        days = inbox.days_of_keys(since // DAY)
    found: dict[int, dict[str, int]] = {}
    for day in days:
        counts = found.setdefault(day.key, _nothing())
        for name in counts:
            counts[name] += getattr(day, name)
    return found


def _nothing() -> dict[str, int]:
    return {"accepted": 0, "repeated": 0, "rejected": 0}
