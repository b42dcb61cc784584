from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accord.rooms.team.models import House, NameTaken, Team
from accord.web.shell.gate import MemberRequest, needs
from accord.web.team import hours
from accord.web.team.forms import TeamChangeForm, TeamForm
from accord.web.team.frame import page

PAGE = require_http_methods(["GET", "HEAD", "POST"])


@needs("manage_members")
@PAGE
def teams(request: MemberRequest) -> HttpResponse:
    form = TeamForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (formed := _formed(request, form)):
        messages.success(request, _("The team %(name)s is there.") % {"name": formed})
        return redirect("teams")
    counted = Team.objects.annotate(active=Count("members", filter=Q(members__is_active=True)))
    return page(request, "teams", "teams", form=form, teams=counted)


@needs("manage_members")
@PAGE
def team(request: MemberRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Team, pk=pk)
    given = request.POST if request.method == "POST" else None
    held = {name: getattr(shown, name) for name in TeamChangeForm.base_fields}
    form = TeamChangeForm(House.get(), given, initial={**held, "hours": hours.said(shown.hours)}, but=shown)
    if form.is_valid():
        shown.edit(**form.cleaned_data, by=request.user.pk, at=request.now)
        messages.success(request, _("The team %(name)s is changed.") % {"name": shown})
        return redirect("teams")
    return page(request, "teams", "team", form=form, team=shown)


def _formed(request: MemberRequest, form: TeamForm) -> Team | None:
    try:
        return Team.form(**form.cleaned_data, by=request.user.pk, at=request.now)
    except NameTaken:
        form.add_error("name", _("There is a team whose name reads like this one: choose another."))
    return None
