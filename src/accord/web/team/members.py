from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.rooms.team.models import SIDES, EmailTaken, House, LastAdministrator, Member, Oneself
from accord.rooms.team.queries import by_side
from accord.web.shell.gate import MemberRequest, needs
from accord.web.team import invitations
from accord.web.team.forms import MemberChangeForm, MemberForm
from accord.web.team.frame import page, secret_page

PAGE = require_http_methods(["GET", "HEAD", "POST"])


@needs("manage_members")
@PAGE
def members(request: MemberRequest) -> HttpResponse:
    """Everybody by side; whoever is invited gets a mail with a link."""
    form = MemberForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (member := _joined(request, form)):
        return _told(request, invitations.send(request, member))
    return page(request, "members", "members", form=form, **_everybody())


@needs("manage_members")
@PAGE
def member(request: MemberRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Member, pk=pk)
    form = MemberChangeForm.of(shown, request.POST if request.method == "POST" else None)
    if form.is_valid() and _edited(request, shown, form):
        messages.success(request, _("%(name)s is changed.") % {"name": shown})
        return redirect("members")
    return page(request, "members", "member", form=form, member=shown)


@needs("manage_members")
@require_POST
def invitation(request: MemberRequest, pk: int) -> HttpResponse:
    """A new link for somebody who has not come yet, or who forgot the password."""
    return _told(request, invitations.send(request, get_object_or_404(Member, pk=pk, is_active=True)))


@needs("manage_members")
@require_POST
def deactivation(request: MemberRequest, pk: int) -> HttpResponse:
    leaving = get_object_or_404(Member, pk=pk)
    try:
        leaving.leave(by=request.user.pk, at=request.now)
    except (LastAdministrator, Oneself) as refused:
        messages.error(request, _refusal(refused, leaving))
        return redirect("member", pk=pk)
    messages.success(request, _("%(name)s is signed out and cannot sign in any longer.") % {"name": leaving})
    return redirect("members")


@needs("manage_members")
@require_POST
def reactivation(request: MemberRequest, pk: int) -> HttpResponse:
    back = get_object_or_404(Member, pk=pk)
    back.come_back(by=request.user.pk, at=request.now)
    messages.success(request, _("%(name)s can sign in again.") % {"name": back})
    return redirect("members")


def _everybody() -> dict[str, Any]:
    everybody = list(Member.objects.select_related("team"))
    sides = by_side(everybody, House.get())
    secured = set(Authenticator.objects.filter(type=Authenticator.Type.TOTP).values_list("user_id", flat=True))
    return {"sides": [(side, SIDES[side], people) for side, people in sides.items()], "secured": secured}


def _told(request: MemberRequest, sent: invitations.Invitation) -> HttpResponse:
    return secret_page(request, "members", "members", form=MemberForm(), invitation=sent, **_everybody())


def _joined(request: MemberRequest, form: MemberForm) -> Member | None:
    try:
        return Member.join(**form.cleaned_data, by=request.user.pk, at=request.now)
    except EmailTaken:
        form.add_error("email", _email_taken())
    return None


def _edited(request: MemberRequest, member: Member, form: MemberForm) -> bool:
    try:
        member.edit(**form.cleaned_data, by=request.user.pk, at=request.now)
    except EmailTaken:
        form.add_error("email", _email_taken())
    except (LastAdministrator, Oneself) as refused:
        form.add_error("role", _refusal(refused, member))
    return form.is_valid()


def _email_taken() -> str:
    return _("Somebody signs in with this address already: find them in the list of members.")


def _refusal(refused: LastAdministrator | Oneself, member: Member) -> str:
    if isinstance(refused, LastAdministrator):
        return _("%(name)s is the only administrator: make somebody else one first.") % {"name": member}
    return _("Nobody shuts themselves out: ask another administrator.")
