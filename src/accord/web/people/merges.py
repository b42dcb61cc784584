from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accord.kernel import search
from accord.rooms.people.models import CannotMerge, Contact, Merge
from accord.web.people.forms import MergeForm
from accord.web.records import values
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404

OFFERED = 20


@needs("merge_contacts")
def contact_merge(request: MemberRequest, pk: int) -> HttpResponse:
    """Two contacts side by side: who stays, and why they are one."""
    mine = Contact.objects.visible_to(request.user).here().select_related("company", "owner")
    contact = visible_or_404(mine, pk)
    other = mine.filter(pk=number(request.GET.get("with") or request.POST.get("with"))).exclude(pk=pk).first()
    form = MergeForm(request.POST or None)
    if other is None:
        return render(
            request,
            "people/merge_with.html",
            {"contact": contact, "found": _found(request, contact), "q": request.GET.get("q", "")},
        )
    if request.method == "POST" and form.is_valid():
        return _merged(request, contact, other, form)
    return render(
        request,
        "people/merge.html",
        {"contact": contact, "other": other, "form": form, "fields": _beside(contact, other)},
    )


@needs("merge_contacts")
@require_POST
def merge_undoing(request: MemberRequest, pk: int) -> HttpResponse:
    visible = Contact.objects.visible_to(request.user)
    merge = visible_or_404(Merge.objects.filter(survivor__in=visible, loser__in=visible), pk)
    merge.undo(by=request.user.pk, at=request.now)
    messages.success(request, _("They are two again."))
    return redirect("contact", merge.loser_id)


def _merged(request: MemberRequest, contact: Contact, other: Contact, form: MergeForm) -> HttpResponse:
    survivor, loser = (other, contact) if form.cleaned_data["survivor"] == other.pk else (contact, other)
    try:
        Merge.of(survivor, loser, reason=form.cleaned_data["reason"], by=request.user.pk, at=request.now)
    except CannotMerge:
        messages.error(request, _("Somebody merged or trashed one of them just now: look again."))
        return redirect("contact", contact.pk)
    return redirect("contact", survivor.pk)


def _beside(contact: Contact, other: Contact) -> list[dict[str, Any]]:
    """Field by field what both say, where at least one says something."""
    left, right = (values.now("contact", one.pk) for one in (contact, other))
    pairs = zip(left, right, strict=True)
    return [
        {"label": a.field.label, "left": a.text, "right": b.text, "same": a.text == b.text}
        for a, b in pairs
        if a.text or b.text
    ]


def _found(request: MemberRequest, contact: Contact) -> list[Contact]:
    visible = Contact.objects.visible_to(request.user).here().exclude(pk=contact.pk).select_related("company")
    if typed := request.GET.get("q", "").strip():
        return list(visible.filter(pk__in=search.find(typed, "contact", OFFERED)))
    same = Contact.probable_duplicates(name=contact.name, email=contact.email, company=contact.company)
    return list(same.visible_to(request.user).exclude(pk=contact.pk).select_related("company")[:OFFERED])
