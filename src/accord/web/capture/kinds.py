"""Which kind of touch the name of an event means: what ships with Accord, and what the house says instead."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.rooms.agreement.words import touch_name
from accord.rooms.capture.models import KindAlias
from accord.rooms.capture.rules import ALIASES
from accord.web.capture.forms import KindForm
from accord.web.shell.gate import MemberRequest, needs


@needs("manage_sources")
@require_http_methods(["GET", "HEAD", "POST"])
def kinds(request: MemberRequest) -> HttpResponse:
    form = KindForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        KindAlias.objects.update_or_create(name=given["name"], defaults={"kind": given["kind"] or given["own"]})
        messages.success(request, _("Events that come from now on are read so."))
        return redirect("touch_kinds")
    own = [(one, touch_name(one.kind)) for one in KindAlias.objects.all()]
    ours = {one.name for one, _called in own}
    shipped = sorted((name, kind, touch_name(kind)) for name, kind in ALIASES.items() if name not in ours)
    return render(request, "capture/kinds.html", {"form": form, "own": own, "shipped": shipped})


@needs("manage_sources")
@require_POST
def removal(request: MemberRequest, pk: int) -> HttpResponse:
    get_object_or_404(KindAlias, pk=pk).delete()
    return redirect("touch_kinds")
