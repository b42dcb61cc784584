"""The stages that open deals stand in: how they are called, in which order, and which of them no deal comes to."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.rooms.funnel.models import AlreadyStage, Deal, LastStage, PipelineStage
from accord.rooms.funnel.models.deal import OPEN
from accord.web.shell.gate import MemberRequest, needs
from accord.web.team.forms import StageForm
from accord.web.team.frame import page

PAGE = require_http_methods(["GET", "HEAD", "POST"])


@needs("shape_pipeline")
@PAGE
def stages(request: MemberRequest) -> HttpResponse:
    form = StageForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _added(request, form):
        return redirect("pipeline_stages")
    return page(request, "pipeline_stages", "pipeline", form=form, **_shown())


@needs("shape_pipeline")
@PAGE
def stage(request: MemberRequest, pk: int) -> HttpResponse:
    """Another name; for one that ships, none gives it back the one that it ships with."""
    kept = _standing(pk)
    form = StageForm(request.POST if request.method == "POST" else None, initial={"name": kept.name}, kept=kept)
    if form.is_valid() and _renamed(request, form, kept):
        return redirect("pipeline_stages")
    return page(request, "pipeline_stages", "stage", form=form, stage=kept)


@needs("shape_pipeline")
@require_POST
def placing(request: MemberRequest, pk: int) -> HttpResponse:
    """One place up or down."""
    kept, keys = _standing(pk), [one.key for one in PipelineStage.standing()]
    here = keys.index(kept.key)
    there = here + (1 if request.POST.get("to") == "down" else -1)
    if 0 <= there < len(keys):
        keys[here], keys[there] = keys[there], keys[here]
        PipelineStage.arrange(keys, by=request.user.pk, at=request.now)
    return redirect("pipeline_stages")


@needs("shape_pipeline")
@require_POST
def retirement(request: MemberRequest, pk: int) -> HttpResponse:
    kept = _standing(pk)
    try:
        kept.retire(by=request.user.pk, at=request.now)
    except LastStage:
        messages.warning(request, _("This is the last stage: add another one before you retire it."))
    else:
        messages.success(request, _("No deal comes to “%(stage)s” any more.") % {"stage": kept})
    return redirect("pipeline_stages")


def _standing(pk: int) -> PipelineStage:
    return get_object_or_404(PipelineStage, pk=pk, retired_at=None)


def _added(request: MemberRequest, form: StageForm) -> bool:
    try:
        added = PipelineStage.add(form.cleaned_data["name"], by=request.user.pk, at=request.now)
    except AlreadyStage:
        form.add_error("name", _("A stage is called so already: choose another name."))
        return False
    messages.success(request, _("“%(stage)s” is the last stage now.") % {"stage": added})
    return True


def _renamed(request: MemberRequest, form: StageForm, kept: PipelineStage) -> bool:
    try:
        kept.rename(form.cleaned_data["name"], by=request.user.pk, at=request.now)
    except AlreadyStage:
        form.add_error("name", _("A stage is called so already: choose another name."))
        return False
    return True


def _shown() -> dict[str, object]:
    counted = Deal.objects.here().filter(outcome=OPEN).values_list("stage").annotate(Count("pk"))
    counts = dict(counted.order_by())
    every = PipelineStage.every()
    return {
        "stages": [(one, counts.get(one.key, 0)) for one in every if one.retired_at is None],
        "retired": [(one, counts.get(one.key, 0)) for one in every if one.retired_at],
    }
