from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accord.rooms.team.models import House
from accord.web.shell.gate import MemberRequest, needs
from accord.web.team.forms import HouseForm
from accord.web.team.frame import page


@needs("manage_house")
@require_http_methods(["GET", "HEAD", "POST"])
def house(request: MemberRequest) -> HttpResponse:
    """What is true for all: name, zone, money, year, holidays, and to which side inside sales belongs."""
    kept = House.get()
    form = HouseForm.of(kept, request.now, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return page(request, "house", "house", form=form)
    kept.edit(name=form.cleaned_data["name"], values=form.settled(), by=request.user.pk, at=request.now)
    messages.success(request, _("The house is changed."))
    return redirect("house")
