"""A record page is a frame of panels: the rooms register them, and the frame knows none of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accord.kernel import fields
from accord.web.records import values
from accord.web.shell.gate import MemberRequest

HEAD, ACTS, BANNER, MAIN, SIDE = "head", "acts", "banner", "main", "side"
SLOTS = (HEAD, ACTS, BANNER, MAIN, SIDE)


@dataclass(frozen=True)
class Viewing:
    """Who looks at which record; `open` is what else the page is about, such as a passage of the contact."""

    request: MemberRequest
    kind: str
    record: Any
    open: Mapping[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)  # what panels of one page share, so that it is asked for once

    @property
    def member(self) -> Any:
        return self.request.user

    def once(self, name: str, ask: Callable[[], Any]) -> Any:
        if name not in self.kept:
            self.kept[name] = ask()
        return self.kept[name]


@dataclass(frozen=True)
class Panel:
    """A part of the page of a kind of record. `data` gives what its template needs, or None for nothing to show.

    Whoever may not do `action` does not see it.
    """

    kind: str
    slot: str
    place: int
    template: str
    data: Callable[[Viewing], dict[str, Any] | None]
    action: str = "see_records"


_panels: list[Panel] = []


def register(panels: Sequence[Panel]) -> None:
    _panels.extend(panel for panel in panels if panel not in _panels)


def page(request: MemberRequest, kind: str, record: models.Model, *, status: int = 200, **opened: Any) -> HttpResponse:
    """The page of a record, with what each panel shows to this member."""
    viewing = Viewing(request, kind, record, opened)
    slots: dict[str, list[tuple[str, dict[str, Any]]]] = {slot: [] for slot in SLOTS}
    for panel in sorted(_panels, key=lambda p: p.place):
        if panel.kind == kind and request.user.may(panel.action):
            data = panel.data(viewing)
            if data is not None:
                slots[panel.slot].append((panel.template, data))
    context = {"record": record, "kind": kind, "slots": slots, "viewing": viewing}
    return render(request, "records/record.html", context, status=status)


def field_history(request: MemberRequest, kind: str, record: models.Model, slug: str) -> HttpResponse:
    """The page of all that was known of one field, with both times and by whom."""
    known = fields.of(kind).get(slug)
    if known is None:
        raise Http404
    found = values.history(kind, record.pk, slug, getattr(record, "currency", ""))
    context = {"record": record, "field": known, "values": found, "back": reverse(kind, args=[record.pk])}
    return render(request, "records/history.html", context)
