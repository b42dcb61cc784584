from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accord.kernel import ledger
from accord.rooms.people.models import Contact, Note
from accord.web.lists import pages
from accord.web.people.forms import ContactForm, NoteForm
from accord.web.people.listings import CONTACTS
from accord.web.records import frame
from accord.web.records.editing import edited, shown
from accord.web.shell.gate import MemberRequest, needs, visible_or_404

SUGGESTED = 5
FORM = "people/form.html"


@needs("see_records")
@require_GET
def contacts(request: MemberRequest) -> HttpResponse:
    return pages.show(request, CONTACTS, Contact.objects.visible_to(request.user).here())


@needs("export_records")
@require_GET
def contacts_export(request: MemberRequest) -> HttpResponse:
    return pages.to_file(request, CONTACTS, Contact.objects.visible_to(request.user).here())


@needs("see_records")
@require_GET
def contact(request: MemberRequest, pk: int) -> HttpResponse:
    return frame.page(request, "contact", _shown(request, pk))


@needs("edit_contact")
def contact_new(request: MemberRequest) -> HttpResponse:
    form = ContactForm(request.POST or None, initial=_given(request))
    if request.method == "POST" and form.is_valid():
        same = list(form.duplicates().visible_to(request.user)[:SUGGESTED])
        if same and "anyway" not in request.POST:
            return _form(request, form, duplicates=same)
        with ledger.write(request.now, request.user.pk):
            made = Contact.create(form.values(by=request.user.pk, at=request.now), by=request.user.pk, at=request.now)
        return redirect("contact", made.pk)
    return _form(request, form)


@needs("edit_contact")
def contact_edit(request: MemberRequest, pk: int) -> HttpResponse:
    kept = _here(request, pk)
    form = ContactForm(request.POST or None, record=kept)
    return edited(request, form, "contact", title=_("Edit contact"), template=FORM)


@needs("see_records")
@require_GET
def contact_field(request: MemberRequest, pk: int, slug: str) -> HttpResponse:
    """Every value that a field of the contact has had."""
    return frame.field_history(request, "contact", _shown(request, pk), slug)


@needs("write_note")
@require_POST
def contact_notes(request: MemberRequest, pk: int) -> HttpResponse:
    kept, form = _here(request, pk), NoteForm(request.POST)
    if not form.is_valid():
        return frame.page(request, "contact", kept, status=422, note_form=form)
    Note.write(kept, form.cleaned_data["text"], by=request.user, at=request.now)
    return redirect("contact", pk)


@needs("trash_record")
@require_POST
def contact_trashing(request: MemberRequest, pk: int) -> HttpResponse:
    _here(request, pk).trash(by=request.user.pk, at=request.now)
    return redirect("contact", pk)


@needs("trash_record")
@require_POST
def contact_restoring(request: MemberRequest, pk: int) -> HttpResponse:
    _shown(request, pk).restore(by=request.user.pk, at=request.now)
    return redirect("contact", pk)


def _shown(request: MemberRequest, pk: int) -> Contact:
    """Also one in the trash or merged away: its page says so."""
    return visible_or_404(
        Contact.objects.visible_to(request.user).select_related("company", "owner", "merged_into"), pk
    )


def _here(request: MemberRequest, pk: int) -> Contact:
    return visible_or_404(Contact.objects.visible_to(request.user).here().select_related("company", "owner"), pk)


def _given(request: MemberRequest) -> dict[str, str]:
    return {slug: request.GET[slug] for slug in ("name", "email", "company") if slug in request.GET}


def _form(request: MemberRequest, form: ContactForm, **more: Any) -> HttpResponse:
    more |= {"title": _("New contact"), "above": CONTACTS.title, "detail": "contact", "template": FORM}
    return shown(request, form, reverse("contacts"), **more)
