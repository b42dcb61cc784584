from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accord.kernel import fields as registry
from accord.kernel.fields import Field
from accord.kernel.intervals import FEW
from accord.rooms.team.fields import SIDES
from accord.rooms.team.models import FieldTaken, House
from accord.rooms.team.queries import filled
from accord.web.shell.gate import MemberRequest, needs
from accord.web.team.forms import KINDS, DescriptionForm, FieldForm
from accord.web.team.frame import page

TYPE_NAMES = registry.TYPES | {registry.MONEY: gettext_lazy("Amount"), registry.REF: gettext_lazy("Link to a record")}
PAGE = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Filled:
    """A field, and of how many records it has a value."""

    field: Field
    type: Any
    side: Any
    known: int
    total: int

    @property
    def share(self) -> float | None:
        return self.known / self.total if self.total >= FEW else None

    @property
    def whole(self) -> float:
        """In whole per cents that are reached: a hundred only where none is missing."""
        return self.known * 100 // self.total / 100


@needs("define_fields")
@require_GET
def first(request: MemberRequest) -> HttpResponse:
    return redirect("fields_of", kind=next(iter(KINDS)))


@needs("define_fields")
@PAGE
def fields_of(request: MemberRequest, kind: str) -> HttpResponse:
    """The fields of a kind of record, how far each is filled, and a form for one of the house's own."""
    _known(kind)
    form = FieldForm(kind, request.POST if request.method == "POST" else None)
    if form.is_valid() and _defined(request, kind, form):
        messages.success(request, _("The field “%(label)s” is there.") % {"label": form.cleaned_data["label"]})
        return redirect("fields_of", kind=kind)
    shown = {"form": form, "kinds": KINDS, "kind": kind, "rows": _rows(request, kind), "enough": FEW}
    return page(request, "fields", "fields", **shown)


@needs("define_fields")
@PAGE
def field_of(request: MemberRequest, kind: str, slug: str) -> HttpResponse:
    """What is said about a field of the house's own."""
    _known(kind)
    shown = registry.of(kind).get(slug)
    if shown is None or not shown.custom:
        raise Http404
    said = {name: getattr(shown, name) for name in DescriptionForm.base_fields}
    form = DescriptionForm(request.POST if request.method == "POST" else None, initial=said)
    if form.is_valid():
        House.get().describe_field(kind, slug, by=request.user.pk, at=request.now, **form.cleaned_data)
        messages.success(request, _("The field “%(label)s” is changed.") % {"label": form.cleaned_data["label"]})
        return redirect("fields_of", kind=kind)
    return page(request, "fields", "field", form=form, field=shown, kind=kind, type=TYPE_NAMES[shown.type])


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise Http404


def _rows(request: MemberRequest, kind: str) -> list[Filled]:
    records = registry.table_of(kind)._default_manager.visible_to(request.user).here()  # type: ignore[attr-defined]
    total, known = filled(kind, records)
    return [
        Filled(field, TYPE_NAMES[field.type], SIDES[field.owner], known.get(slug, 0), total)
        for slug, field in registry.of(kind).items()
        if slug != "trashed"  # it is about the record, not about what it stands for
    ]


def _defined(request: MemberRequest, kind: str, form: FieldForm) -> bool:
    try:
        House.get().define_field(kind, by=request.user.pk, at=request.now, **form.cleaned_data)
    except FieldTaken:
        form.add_error("slug", _("A field has this short name: choose another."))
    return form.is_valid()
