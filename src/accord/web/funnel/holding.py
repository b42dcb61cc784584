"""What a deal holds, changed in place: contacts in their roles, products, competitors."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accord.kernel import ledger
from accord.kernel.fields import Refused
from accord.rooms.content.models import Competitor, Product
from accord.rooms.funnel.models import Deal, DealCompetitor, DealContact, DealProduct, InTrash
from accord.rooms.people.models import Contact
from accord.web.funnel.choosing import choose
from accord.web.funnel.holding_forms import CompetitorForm, ProductForm, RoleForm, known_contacts
from accord.web.funnel.walking import known
from accord.web.shell import wording
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404


@needs("edit_deal")
def deal_contacts(request: MemberRequest, pk: int) -> HttpResponse:
    """Somebody of the company, or whoever is found by name."""
    deal, seen = _here(request, pk), Contact.objects.visible_to(request.user).here()
    asked = seen.filter(pk=number(request.GET.get("contact")))
    if request.method != "POST" and not asked.exists():
        return choose(request, _("Who has a part in this deal?"), "contact", seen)
    people = (known_contacts(deal, request.user) | asked).distinct()
    form = RoleForm(request.POST or None, people=people, initial={"contact": request.GET.get("contact")})

    def add(said: dict[str, Any]) -> str:
        link = deal.add_contact(said["contact"], said["role"], by=request.user.pk, at=request.now)
        return _("%(name)s has a part in the deal: %(role)s.") % {"name": link.contact, "role": link.get_role_display()}

    return _added(request, deal, form, add, _("Contact in the deal"))


@needs("edit_deal")
@require_POST
def deal_products(request: MemberRequest, pk: int) -> HttpResponse:
    """By its name; one that is new is kept as a product of the house."""
    deal = _here(request, pk)
    form = ProductForm(request.POST, deal=deal, known=known(Product, request.user))

    def add(said: dict[str, Any]) -> str:
        with ledger.write(request.now, request.user.pk) as writing:
            product = Product.called(writing, said["product"])
            amounts = {"quantity": said["quantity"], "amount_minor": said["amount"]}
            deal.add_product(product, **amounts, by=request.user.pk, at=request.now)
        told = {"count": wording.number(said["quantity"]), "name": product}
        return _("%(count)s × %(name)s is in the deal.") % told

    return _added(request, deal, form, add, _("Product in the deal"))


@needs("edit_deal")
@require_POST
def deal_competitors(request: MemberRequest, pk: int) -> HttpResponse:
    deal, form = _here(request, pk), CompetitorForm(request.POST, known=known(Competitor, request.user))

    def add(said: dict[str, Any]) -> str:
        with ledger.write(request.now, request.user.pk) as writing:
            competitor = Competitor.called(writing, said["competitor"])
            deal.add_competitor(competitor, by=request.user.pk, at=request.now)
        return _("%(name)s is named as a competitor.") % {"name": competitor}

    return _added(request, deal, form, add, _("Competitor in the deal"))


@needs("edit_deal")
@require_POST
def deal_contact_removal(request: MemberRequest, pk: int, link: int) -> HttpResponse:
    return _removed(request, _here(request, pk), DealContact, link, Deal.remove_contact)


@needs("edit_deal")
@require_POST
def deal_product_removal(request: MemberRequest, pk: int, link: int) -> HttpResponse:
    return _removed(request, _here(request, pk), DealProduct, link, Deal.remove_product)


@needs("edit_deal")
@require_POST
def deal_competitor_removal(request: MemberRequest, pk: int, link: int) -> HttpResponse:
    return _removed(request, _here(request, pk), DealCompetitor, link, Deal.remove_competitor)


def _added(
    request: MemberRequest, deal: Deal, form: forms.Form, add: Callable[[dict[str, Any]], str], title: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            told = add(form.cleaned_data)
        except Refused as refused:
            _say(form, refused.fields)
        except InTrash:
            messages.warning(request, _("The deal was put in the trash just now: take it back first."))
            return redirect("deal", deal.pk)
        else:
            messages.success(request, told)
            return redirect("deal", deal.pk)
    return render(
        request, "funnel/holding.html", {"deal": deal, "form": form, "title": title}, status=422 if form.errors else 200
    )


def _say(form: forms.Form, wrong: Any) -> None:
    words: str | Promise
    for name, words in wrong.items():
        form.add_error(name, str(words))


def _removed(request: MemberRequest, deal: Deal, kind: Any, link: int, remove: Callable[..., bool]) -> HttpResponse:
    kept = get_object_or_404(kind, deal=deal, pk=link)
    try:
        remove(deal, kept, by=request.user.pk, at=request.now)
    except InTrash:
        messages.warning(request, _("The deal was put in the trash just now: take it back first."))
    return redirect("deal", deal.pk)


def _here(request: MemberRequest, pk: int) -> Deal:
    return visible_or_404(Deal.objects.visible_to(request.user).here().select_related("company", "contact"), pk)
