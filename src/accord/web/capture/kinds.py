"""Which kind of touch the name of an event means: what ships with Accord, and what the house says instead."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.rooms.capture.models import KindAlias
from accord.rooms.capture.rules import ALIASES
from accord.web.capture.forms import KindForm
from accord.web.shell.gate import MemberRequest, needs


@needs("manage_sources")
@require_http_methods(["GET", "HEAD", "POST"])
def kinds(request: MemberRequest) -> HttpResponse:
    form = KindForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        KindAlias.objects.update_or_create(name=form.cleaned_data["name"], defaults={"kind": form.cleaned_data["kind"]})
        messages.success(request, _("Events that come from now on are read so."))
        return redirect("touch_kinds")
    own = list(KindAlias.objects.all())
    shipped = sorted((name, kind) for name, kind in ALIASES.items() if name not in {one.name for one in own})
    return render(request, "capture/kinds.html", {"form": form, "own": own, "shipped": shipped})


@needs("manage_sources")
@require_POST
def removal(request: MemberRequest, pk: int) -> HttpResponse:
    get_object_or_404(KindAlias, pk=pk).delete()
    return redirect("touch_kinds")
