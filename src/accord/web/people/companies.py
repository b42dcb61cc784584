from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accord.kernel import ledger, search
from accord.rooms.people.models import Company
from accord.web.lists import pages
from accord.web.people.contacts import FORM, SUGGESTED
from accord.web.people.forms import CompanyForm
from accord.web.people.listings import COMPANIES
from accord.web.records import frame
from accord.web.records.editing import edited, shown
from accord.web.shell.gate import MemberRequest, needs, visible_or_404

OFFERED = 10  # names while one types


@needs("see_records")
@require_GET
def companies(request: MemberRequest) -> HttpResponse:
    return pages.show(request, COMPANIES, Company.objects.visible_to(request.user).here())


@needs("export_records")
@require_GET
def companies_export(request: MemberRequest) -> HttpResponse:
    return pages.to_file(request, COMPANIES, Company.objects.visible_to(request.user).here())


@needs("see_records")
@require_GET
def company(request: MemberRequest, pk: int) -> HttpResponse:
    return frame.page(request, "company", _shown(request, pk))


@needs("see_records")
@require_GET
def company_names(request: MemberRequest) -> HttpResponse:
    """Names that hold what is being typed, for the list beside the field."""
    typed = next((request.GET[name] for name in ("company", "parent") if name in request.GET), "")
    found = Company.objects.visible_to(request.user).here().filter(pk__in=search.find(typed, "company", OFFERED))
    return render(request, "people/names.html", {"companies": found})


@needs("edit_company")
def company_new(request: MemberRequest) -> HttpResponse:
    form = CompanyForm(request.POST or None, initial={"name": request.GET.get("name", "")})
    if request.method == "POST" and form.is_valid():
        same = list(form.duplicates().visible_to(request.user)[:SUGGESTED])
        if same and "anyway" not in request.POST:
            return _form(request, form, duplicates=same)
        with ledger.write(request.now, request.user.pk):
            made = Company.create(form.values(by=request.user.pk, at=request.now), by=request.user.pk, at=request.now)
        return redirect("company", made.pk)
    return _form(request, form)


@needs("edit_company")
def company_edit(request: MemberRequest, pk: int) -> HttpResponse:
    form = CompanyForm(request.POST or None, record=_here(request, pk))
    return edited(request, form, "company", title=_("Edit company"), template=FORM)


@needs("see_records")
@require_GET
def company_field(request: MemberRequest, pk: int, slug: str) -> HttpResponse:
    """Every value that a field of the company has had."""
    return frame.field_history(request, "company", _shown(request, pk), slug)


@needs("trash_record")
@require_POST
def company_trashing(request: MemberRequest, pk: int) -> HttpResponse:
    _here(request, pk).trash(by=request.user.pk, at=request.now)
    return redirect("company", pk)


@needs("trash_record")
@require_POST
def company_restoring(request: MemberRequest, pk: int) -> HttpResponse:
    _shown(request, pk).restore(by=request.user.pk, at=request.now)
    return redirect("company", pk)


def _shown(request: MemberRequest, pk: int) -> Company:
    return visible_or_404(Company.objects.visible_to(request.user).select_related("parent"), pk)


def _here(request: MemberRequest, pk: int) -> Company:
    return visible_or_404(Company.objects.visible_to(request.user).here().select_related("parent"), pk)


def _form(request: MemberRequest, form: CompanyForm, **more: Any) -> HttpResponse:
    more |= {"title": _("New company"), "above": COMPANIES.title, "detail": "company", "template": FORM}
    return shown(request, form, reverse("companies"), **more)
