from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accord.rooms.funnel import rules, whys
from accord.rooms.funnel.fields import STAGE_NAMES
from accord.rooms.funnel.models import AlreadyMoved, AlreadyOpen, Lead, NeedsReason
from accord.rooms.people.models import Contact
from accord.web.funnel import wording
from accord.web.funnel.choosing import choose
from accord.web.funnel.forms import LeadForm, MoveForm, OwnerForm
from accord.web.funnel.listings import LEADS
from accord.web.lists import pages
from accord.web.records import frame
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404


@needs("see_records")
@require_GET
def leads(request: MemberRequest) -> HttpResponse:
    return pages.show(request, LEADS, Lead.objects.visible_to(request.user).here())


@needs("export_records")
@require_GET
def leads_export(request: MemberRequest) -> HttpResponse:
    return pages.to_file(request, LEADS, Lead.objects.visible_to(request.user).here())


@needs("see_records")
@require_GET
def lead(request: MemberRequest, pk: int) -> HttpResponse:
    """The page of the contact, with the passage open. Also of one in the trash: the page says so."""
    kept = visible_or_404(Lead.objects.visible_to(request.user).select_related("contact", "owner"), pk)
    contact = kept.contact
    while contact.merged_into:  # whoever was merged away is met as the one who stayed
        contact = contact.merged_into
    contacts = Contact.objects.visible_to(request.user).select_related("company", "owner")
    return frame.page(request, "contact", visible_or_404(contacts, contact.pk), lead=kept)


@needs("open_lead")
def lead_new(request: MemberRequest) -> HttpResponse:
    contacts = Contact.objects.visible_to(request.user).here()
    contact = contacts.filter(pk=number(request.GET.get("contact"))).select_related("company").first()
    if contact is None:
        return choose(request, _("Whose lead begins?"), "contact", contacts)
    form = LeadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _opened(request, contact, form)
    return render(
        request, "funnel/lead_new.html", {"contact": contact, "form": form, "own": request.user.scope == "own"}
    )


@needs("move_lead")
def lead_moves(request: MemberRequest, pk: int) -> HttpResponse:
    """A move of the lead; one that needs a reason is asked for it first."""
    kept = _here(request, pk)
    form = MoveForm(request.POST if request.method == "POST" else {**request.GET.dict(), "stage": kept.stage})
    if not form.is_valid():
        return render(request, "funnel/move.html", {"lead": kept, "form": form}, status=422)
    move = rules.MOVES[form.cleaned_data["name"]]
    if request.method == "POST":
        return _moved(request, kept, move, form)
    return _ask(request, kept, move, form)


@needs("assign_lead")
@require_POST
def lead_owner(request: MemberRequest, pk: int) -> HttpResponse:
    kept = _here(request, pk)
    if not kept.is_open:
        _say_moved(request, kept.stage)
        return redirect("lead", pk)
    form = OwnerForm(request.POST, lead=kept)
    if form.is_valid() and form.cleaned_data["owner"] == kept.owner:
        messages.info(request, _("%(member)s has this lead already: nothing was changed.") % {"member": kept.owner})
    elif form.is_valid():
        kept.assign(form.cleaned_data["owner"], by=request.user.pk, at=request.now)
        messages.success(request, _("Given to %(member)s.") % {"member": form.cleaned_data["owner"]})
    else:
        messages.error(request, _("Choose who is to have this lead."))
    return redirect("lead", pk)


@needs("move_lead")
@require_POST
def lead_reopening(request: MemberRequest, pk: int) -> HttpResponse:
    kept = _here(request, pk)
    try:
        kept.reopen(by=request.user.pk, at=request.now)
    except AlreadyOpen as standing:
        _say_open(request, standing.args[0])
    except AlreadyMoved as moved:
        _say_moved(request, moved.args[0])
    return redirect("lead", pk)


def _opened(request: MemberRequest, contact: Contact, form: LeadForm) -> HttpResponse:
    # Somebody who sees only their own would lose sight of a lead of another owner at once.
    owner = request.user if request.user.scope == "own" else form.cleaned_data["owner"]
    try:
        made = Lead.open(contact, entry=form.cleaned_data["entry"], owner=owner, by=request.user.pk, at=request.now)
    except AlreadyOpen as standing:
        context = {"contact": contact, "form": form, "standing": standing.args[0], "own": request.user.scope == "own"}
        return render(request, "funnel/lead_new.html", context, status=409)
    return redirect("lead", made.pk)


def _moved(request: MemberRequest, kept: Lead, move: rules.Move, form: MoveForm) -> HttpResponse:
    kept.stage = form.cleaned_data["stage"]  # the move is made from where the person saw it, or not at all
    try:
        kept.move(move.name, reason=form.cleaned_data["reason"], by=request.user.pk, at=request.now)
    except NeedsReason:
        form.add_error("reason", _("Say why in a few words: whoever meets this person next will need it."))
        return _ask(request, kept, move, form, status=422)
    except AlreadyMoved as moved:
        _say_moved(request, moved.args[0])
    return redirect("lead", kept.pk)


def _ask(request: MemberRequest, kept: Lead, move: rules.Move, form: MoveForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"lead": kept, "form": form, "move": move, "title": wording.move_name(move)}
    if kept.overrides(move.name, request.now):
        context |= {"overrides": True, "missing": whys.lines([kept], request.now).get(kept.pk, "")}
    return render(request, "funnel/move.html", context, status=status)


def _say_moved(request: MemberRequest, stage: str) -> None:
    words = _("Somebody was faster: this lead is in %(stage)s now. Look again before you move it.")
    messages.warning(request, words % {"stage": STAGE_NAMES.get(stage, stage)})


def _say_open(request: MemberRequest, standing: Lead) -> None:
    address = reverse("lead", args=[standing.pk])
    words = _("This contact has another lead open.")
    messages.warning(request, format_html('{} <a href="{}">{}</a>', words, address, _("Show it")))


def _here(request: MemberRequest, pk: int) -> Lead:
    return visible_or_404(Lead.objects.visible_to(request.user).here().select_related("contact", "owner"), pk)
