"""Sales' control over marketing to a person: the veto and its list, the hold while they are talked with, and an address
that mail came back from."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accord.rooms.people import rules
from accord.rooms.people.fields import VETO_NAMES
from accord.rooms.people.models import AlreadyLifted, AlreadyVetoed, Contact, Hold, Suppression, Veto
from accord.rooms.people.queries import selves
from accord.rooms.team.models import Member
from accord.web.people.forms import VetoForm
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, typed, visible_or_404

MOST = 200


@needs("see_records")
@require_GET
def do_not_market(request: MemberRequest) -> HttpResponse:
    """Everybody whom sales has vetoed, the newest first."""
    seen = Veto.objects.visible_to(request.user).here()
    reason = request.GET.get("reason", "")
    owner = number(request.GET.get("owner"))
    rows = seen.filter(**({"reason": reason} if reason in VETO_NAMES else {}))
    rows = rows.filter(contact__owner=owner) if owner else rows
    people = rows.select_related("contact__company", "contact__owner", "contact__merged_into", "by")
    context = {
        "rows": people.order_by("-since", "-id")[:MOST], "count": rows.count(), "most": MOST, "all": seen.exists(),
        "reasons": [(name, label, name == reason) for name, label in VETO_NAMES.items()],
        "owners": [(one.pk, one, one.pk == owner) for one in _owners(seen)],
        "may_lift": request.user.may("veto_marketing"),
    }  # fmt: skip
    return render(request, "people/do_not_market.html", context)


@needs("veto_marketing")
@require_http_methods(["GET", "POST"])
def contact_veto(request: MemberRequest, pk: int) -> HttpResponse:
    contact, posted = _contact(request, pk), request.POST if request.method == "POST" else None
    form = VetoForm(posted)
    if posted is None or not form.is_valid():
        context = {"form": form, "contact": contact, "back": _back(request, pk), "lead": _lead(request)}
        return render(request, "people/veto.html", context, status=422 if form.errors else 200)
    try:
        said = form.cleaned_data
        Veto.lay(contact, said["reason"], note=said["note"], by=request.user, at=request.now)
    except AlreadyVetoed as already:
        if already.veto.by != request.user:
            who = already.veto.by or _("Somebody")
            messages.warning(request, _("%(member)s was first: nobody markets to them already.") % {"member": who})
        return redirect(_back(request, pk))
    messages.success(request, _("Nobody markets to %(name)s from now on.") % {"name": contact})
    return redirect(_back(request, pk))


@needs("veto_marketing")
@require_POST
def veto_lifting(request: MemberRequest, pk: int) -> HttpResponse:
    contact = _contact(request, pk)
    vetoes = Veto.objects.filter(contact__in=selves(contact.pk))
    veto = vetoes.filter(lifted_at=None).first() or vetoes.order_by("-lifted_at").first()
    if veto is None:
        messages.warning(request, _("Nobody has vetoed marketing to %(name)s.") % {"name": contact})
        return redirect(_back(request, pk))
    try:
        veto.lift(because=typed(request, "because")[:2000], by=request.user, at=request.now)
    except AlreadyLifted as lifted:
        if lifted.who != request.user:
            said = {"member": lifted.who or _("Somebody"), "name": contact}
            messages.warning(request, _("%(member)s was first: %(name)s may be marketed to already.") % said)
        return redirect(_back(request, pk))
    messages.success(request, _("%(name)s may be marketed to again.") % {"name": contact})
    return redirect(_back(request, pk))


@needs("veto_marketing")
@require_POST
def hold_lifting(request: MemberRequest, pk: int) -> HttpResponse:
    """Marketing need not wait for the end of the conversation."""
    contact = _contact(request, pk)
    for hold in Hold.objects.here().filter(contact__in=selves(contact.pk)):
        hold.lift(by=request.user, at=request.now)
    messages.success(request, _("Marketing does not wait any longer."))
    return redirect(_back(request, pk))


@needs("veto_marketing")
@require_POST
def address_release(request: MemberRequest, pk: int) -> HttpResponse:
    """Mail to the address is tried again. What its owner has said stands."""
    contact = _contact(request, pk)
    for one in Suppression.objects.here().filter(address=contact.email_norm or "", reason=rules.BOUNCED):
        one.lift(by=request.user, at=request.now)
    messages.success(request, _("Mail to this address is tried again."))
    return redirect(_back(request, pk))


def _contact(request: MemberRequest, pk: int) -> Contact:
    return visible_or_404(Contact.objects.visible_to(request.user).here(), pk)


def _lead(request: MemberRequest) -> int:
    return number(request.POST.get("lead") or request.GET.get("lead"))


def _back(request: MemberRequest, contact: int) -> Any:
    """To the page that the act was begun on."""
    if request.POST.get("back") == "list":
        return reverse("do_not_market")
    lead = _lead(request)
    return reverse("lead", args=[lead]) if lead else reverse("contact", args=[contact])


def _owners(seen: QuerySet[Veto]) -> QuerySet[Member]:
    return Member.objects.filter(pk__in=seen.values("contact__owner")).order_by("name", "id")
