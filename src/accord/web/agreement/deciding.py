"""Propose, sign, withdraw, rank: each one act with one verb."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accord.rooms.agreement.models import Agreement, Version
from accord.rooms.agreement.models.refusals import Refusal
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404
from accord.web.shell.wording import whole


@needs("propose_agreement")
@require_POST
def proposal(request: MemberRequest, pk: int) -> HttpResponse:
    found = _one(request, pk)
    seen = request.POST.get("seen")
    edition = number(seen) if seen else None
    return _done(
        request, found, lambda: found.propose(by=request.user.pk, at=request.now, seen=edition), _("It is proposed.")
    )


@needs("sign_agreement")
@require_POST
def signature(request: MemberRequest, pk: int) -> HttpResponse:
    """Signs the text whose hash the page has shown. The signature that binds both sides is asked for twice."""
    found = _one(request, pk)
    if found.is_proposed and found.signatures.exists() and "sure" not in request.POST:
        messages.warning(request, _("Your signature makes it binding for both sides: say that this is what you want."))
        return redirect(f"{reverse('agreement_version', args=[found.pk])}#signed-h")
    seen = request.POST.get("hash", "")
    answer = _done(request, found, lambda: found.sign(request.user, hash=seen, at=request.now), _("You have signed."))
    if found.in_force_from and found.in_force_from > request.now:
        messages.info(request, _("It is in force from %(when)s.") % {"when": whole(found.in_force_from)})
    return answer


@needs("propose_agreement")
@require_POST
def withdrawal(request: MemberRequest, pk: int) -> HttpResponse:
    found = _one(request, pk)
    return _done(request, found, lambda: found.withdraw(by=request.user.pk, at=request.now), _("It is withdrawn."))


@needs("edit_agreement")
@require_POST
def rank(request: MemberRequest, pk: int) -> HttpResponse:
    """One place up or down."""
    found = visible_or_404(Agreement.objects.visible_to(request.user), pk)
    try:
        found.move(above=request.POST.get("to") == "above", by=request.user.pk, at=request.now)
    except Refusal as said:
        messages.error(request, str(said))
    return redirect("agreement")


def _one(request: MemberRequest, pk: int) -> Version:
    return visible_or_404(Version.objects.visible_to(request.user).select_related("agreement"), pk)


def _done(request: MemberRequest, found: Version, verb: Callable[[], None], said: str) -> HttpResponse:
    try:
        verb()
    except Refusal as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return redirect("agreement_version", found.pk)
