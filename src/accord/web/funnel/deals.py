from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accord.kernel import ledger
from accord.kernel.fields import Refused
from accord.rooms.funnel.fields import STAGE_NAMES
from accord.rooms.funnel.models import AlreadyMoved, Deal, Lead
from accord.rooms.funnel.models.deal import DealQuerySet
from accord.rooms.people.models import Company, Contact
from accord.web.funnel.choosing import choose
from accord.web.funnel.forms import DealForm
from accord.web.funnel.listings import DEALS
from accord.web.lists import pages
from accord.web.records import frame
from accord.web.records.editing import edited, shown
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404


@needs("see_records")
@require_GET
def deals(request: MemberRequest) -> HttpResponse:
    return pages.show(request, DEALS, Deal.objects.visible_to(request.user).here())


@needs("export_records")
@require_GET
def deals_export(request: MemberRequest) -> HttpResponse:
    return pages.to_file(request, DEALS, Deal.objects.visible_to(request.user).here())


@needs("see_records")
@require_GET
def deal(request: MemberRequest, pk: int) -> HttpResponse:
    return frame.page(request, "deal", _shown(request, pk))


@needs("edit_deal")
def deal_new(request: MemberRequest) -> HttpResponse:
    subject = _subject(request)
    if not any(subject.values()):
        contacts, companies = Contact.objects.visible_to(request.user), Company.objects.visible_to(request.user)
        return choose(request, _("Whose deal is it?"), "contact", contacts.here(), companies.here())
    form = DealForm(request.POST or None, initial={"owner": str(request.user.pk)})
    if request.method == "POST" and form.is_valid():
        return _opened(request, form, subject)
    return _form(request, form, subject)


@needs("edit_deal")
def deal_edit(request: MemberRequest, pk: int) -> HttpResponse:
    return edited(request, DealForm(request.POST or None, record=_here(request, pk)), "deal", title=_("Edit deal"))


@needs("see_records")
@require_GET
def deal_field(request: MemberRequest, pk: int, slug: str) -> HttpResponse:
    """Every value that a field of the deal has had."""
    return frame.field_history(request, "deal", _shown(request, pk), slug)


def _subject(request: MemberRequest) -> dict[str, Any]:
    """The lead, contact or company that the deal is opened for, if this member sees it."""
    member = request.user
    visible: dict[str, QuerySet] = {
        "lead": Lead.objects.visible_to(member).here().select_related("contact__company"),
        "contact": Contact.objects.visible_to(member).here().select_related("company"),
        "company": Company.objects.visible_to(member).here(),
    }
    return {name: rows.filter(pk=number(request.GET.get(name))).first() for name, rows in visible.items()}


def _opened(request: MemberRequest, form: DealForm, subject: dict[str, Any]) -> HttpResponse:
    by = request.user.pk
    try:
        with ledger.write(request.now, by):
            values = form.values(by=by, at=request.now)
            if request.user.scope == "own":
                values["owner"] = by
            made = _open(request, subject, values)
    except Refused as refused:
        for name, words in refused.fields.items():
            form.add_error(name, str(words))
        return _form(request, form, subject)
    except AlreadyMoved as moved:
        stage = STAGE_NAMES.get(moved.args[0], moved.args[0])
        form.add_error(None, _("The lead was moved to %(stage)s just now: look at it first.") % {"stage": stage})
        return _form(request, form, subject)
    return redirect("deal", made.pk)


def _open(request: MemberRequest, subject: dict[str, Any], values: dict[str, Any]) -> Deal:
    """Of a contact alone: its open passage, or one that begins with the deal."""
    member, contact = request.user, subject["contact"]
    if contact is None or subject["lead"]:
        return Deal.open(**subject, values=values, by=member.pk, at=request.now)
    return Deal.open_by_hand(contact, owner=member, values=values, by=member.pk, at=request.now)


def _form(request: MemberRequest, form: DealForm, subject: dict[str, Any]) -> HttpResponse:
    return shown(request, form, reverse("deals"), title=_("New deal"), above=_above(subject))


def _above(subject: dict[str, Any]) -> str:
    """Whom the deal will be of: the person, and the company."""
    lead = subject["lead"]
    contact = lead.contact if lead else subject["contact"]
    company = subject["company"] or (contact.company if contact else None)
    return " · ".join(str(one) for one in (contact, company) if one)


def _shown(request: MemberRequest, pk: int) -> Deal:
    """Also one in the trash: its page says so."""
    return visible_or_404(_visible(request), pk)


def _here(request: MemberRequest, pk: int) -> Deal:
    return visible_or_404(_visible(request).here(), pk)


def _visible(request: MemberRequest) -> DealQuerySet:
    return Deal.objects.visible_to(request.user).select_related("company", "contact", "lead__contact", "owner")
