"""The pages of records that touches name: list, file, record, form, history of a field, trash."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_GET, require_POST

from accord.rooms.content.named import Named, NamedQuerySet
from accord.rooms.people.models import AlreadyThere
from accord.web.content.forms import NamedForm
from accord.web.lists import pages
from accord.web.lists.columns import Listing
from accord.web.records import frame
from accord.web.records.editing import edited, shown
from accord.web.shell.gate import MemberRequest, needs, visible_or_404


def _begun(request: MemberRequest) -> dict[str, str]:
    """Whoever begins it owns it, unless they say otherwise."""
    return {"name": request.GET.get("name", ""), "owner": str(request.user.pk)}


@dataclass(frozen=True)
class Pages:
    listing: Listing
    model: type[Named]
    form: type[NamedForm]
    new: str | Promise
    change: str | Promise

    def urls(self) -> list[URLPattern]:
        """Named after the kind of record, as the list and the record's frame look for them."""
        kind, stem, editing = self.listing.kind, self.listing.name, self.listing.begin_action
        reading, trashing = needs("see_content"), needs("trash_record")
        return [
            path(f"{stem}/", reading(require_GET(self.all)), name=stem),
            path(f"{stem}/export/", needs("export_records")(require_GET(self.export)), name=f"{stem}_export"),
            path(f"{stem}/new/", needs(editing)(self.begin), name=f"{kind}_new"),
            path(f"{stem}/<int:pk>/", reading(require_GET(self.one)), name=kind),
            path(f"{stem}/<int:pk>/edit/", needs(editing)(self.edit), name=f"{kind}_edit"),
            path(f"{stem}/<int:pk>/fields/<str:slug>/", reading(require_GET(self.history)), name=f"{kind}_field"),
            path(f"{stem}/<int:pk>/trashing/", trashing(require_POST(self.trash)), name=f"{kind}_trashing"),
            path(f"{stem}/<int:pk>/restoring/", trashing(require_POST(self.restore)), name=f"{kind}_restoring"),
        ]

    def all(self, request: MemberRequest) -> HttpResponse:
        return pages.show(request, self.listing, self._visible(request).here())

    def export(self, request: MemberRequest) -> HttpResponse:
        return pages.to_file(request, self.listing, self._visible(request).here())

    def one(self, request: MemberRequest, pk: int) -> HttpResponse:
        return frame.page(request, self.listing.kind, self._record(request, pk))

    def begin(self, request: MemberRequest) -> HttpResponse:
        form = self.form(request.POST or None, initial=_begun(request))
        if request.method == "POST" and form.is_valid():
            try:
                made = self.model.create(form.changed(), by=request.user.pk, at=request.now)
            except (AlreadyThere, IntegrityError):
                form.full_clean()  # somebody was faster by a blink: now the form sees theirs
            else:
                return redirect(self.listing.kind, made.pk)
        return shown(request, form, reverse(self.listing.name), title=self.new, above=self.listing.title)

    def edit(self, request: MemberRequest, pk: int) -> HttpResponse:
        record = visible_or_404(self._visible(request).here(), pk)
        return edited(request, self.form(request.POST or None, record=record), self.listing.kind, title=self.change)

    def history(self, request: MemberRequest, pk: int, slug: str) -> HttpResponse:
        return frame.field_history(request, self.listing.kind, self._record(request, pk), slug)

    def trash(self, request: MemberRequest, pk: int) -> HttpResponse:
        visible_or_404(self._visible(request).here(), pk).trash(by=request.user.pk, at=request.now)
        return redirect(self.listing.kind, pk)

    def restore(self, request: MemberRequest, pk: int) -> HttpResponse:
        self._record(request, pk).restore(by=request.user.pk, at=request.now)
        return redirect(self.listing.kind, pk)

    def _record(self, request: MemberRequest, pk: int) -> Any:
        """Also one in the trash: its page says so."""
        return visible_or_404(self._visible(request), pk)

    def _visible(self, request: MemberRequest) -> NamedQuerySet:
        return self.model.objects.visible_to(request.user)
