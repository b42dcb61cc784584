"""Drafts: begun from a version or from the starter, edited as text beside what is in force."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.rooms.agreement import queries, starter
from accord.rooms.agreement.document.reading import read
from accord.rooms.agreement.models import ChangedMeanwhile, DraftOpen, Version
from accord.rooms.agreement.models.refusals import Refusal
from accord.rooms.team.models import House
from accord.web.agreement.forms import DocumentForm
from accord.web.shell.gate import MemberRequest, needs, visible_or_404

PAGE = require_http_methods(["GET", "HEAD", "POST"])


@needs("edit_agreement")
@PAGE
def begin(request: MemberRequest) -> HttpResponse:
    """A new agreement, or the next version of one, from a text; the starter stands there to begin with."""
    initial = {"text": starter.text(request.now, House.get().zone)}
    form = DocumentForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid() and form.read:
        try:
            made = Version.draft(form.read, by=request.user.pk, at=request.now, source=form.cleaned_data["text"])
        except DraftOpen as said:
            form.add_error("text", str(said))
        else:
            return redirect("agreement_version", made.pk)
    return render(request, "agreement/draft.html", {"form": form})


@needs("edit_agreement")
@require_POST
def draft_from(request: MemberRequest, pk: int) -> HttpResponse:
    """The next version begins as a copy of this one, with days of its own."""
    before = visible_or_404(Version.objects.visible_to(request.user).select_related("agreement"), pk)
    text = starter.dated(before.yaml, request.now, before.document.zone)
    try:
        made = Version.draft(read(text), by=request.user.pk, at=request.now, source=text)
    except Refusal as said:
        messages.error(request, str(said))
        return redirect("agreement_version", pk)
    return redirect("agreement_edit", made.pk)


@needs("edit_agreement")
@PAGE
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    draft = visible_or_404(Version.objects.visible_to(request.user).select_related("agreement"), pk)
    if not draft.is_draft:
        messages.error(request, _("A version that was proposed is never changed. Begin a draft of the next version."))
        return redirect("agreement_version", pk)
    form = DocumentForm(request.POST if request.method == "POST" else None, version=draft)
    theirs = ""
    if form.is_valid() and form.read:
        seen, text = form.cleaned_data["seen"] or 0, form.cleaned_data["text"]
        try:
            draft.edit(form.read, seen=seen, by=request.user.pk, at=request.now, source=text)
        except ChangedMeanwhile as said:
            draft.refresh_from_db()
            theirs, form = draft.yaml, _again(form, draft)
            form.add_error("text", str(said))
        else:
            messages.success(request, _("The draft is saved."))
            return redirect("agreement_version", pk)
    standing = [one for one in queries.standing(request.now) if one.agreement_id == draft.agreement_id]
    shown = {"form": form, "draft": draft, "before": standing[0] if standing else None, "theirs": theirs}
    return render(request, "agreement/draft.html", shown)


def _again(form: DocumentForm, draft: Version) -> DocumentForm:
    """What was typed, now against the text that somebody else has written meanwhile."""
    again = DocumentForm({"text": form.data["text"], "seen": draft.edition}, version=draft)
    again.is_valid()
    return again
