"""The frame of the settings pages: which of them a member may open."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accord.web.shell.gate import MemberRequest, needs

# name of the page: its label, and what it needs
SECTIONS: dict[str, tuple[Promise, str]] = {
    "members": (_("Members"), "manage_members"),
    "teams": (_("Teams"), "manage_members"),
    "fields": (_("Fields"), "define_fields"),
    "pipeline_stages": (_("Pipeline"), "shape_pipeline"),
    "absences": (_("Absences"), "manage_absences"),
    "keys": (_("Keys"), "manage_keys"),
    "house": (_("The house"), "manage_house"),
    "me": (_("My preferences"), "set_own_preferences"),
}


@needs("set_own_preferences")
@require_GET
def first(request: MemberRequest) -> HttpResponse:
    """Settings open on the first page that this member may use."""
    return redirect(open_to(request)[0][0])


def open_to(request: MemberRequest) -> list[tuple[str, Promise]]:
    return [(name, label) for name, (label, needed) in SECTIONS.items() if request.user.may(needed)]


def page(request: MemberRequest, section: str, template: str, **shown: Any) -> HttpResponse:
    frame = {"sections": open_to(request), "section": section, "heading": SECTIONS[section][0]}
    return render(request, f"team/{template}.html", frame | shown)


def secret_page(request: MemberRequest, section: str, template: str, **shown: Any) -> HttpResponse:
    """A page with something that is shown this once: no browser and no proxy keeps it."""
    response = page(request, section, template, **shown)
    response.headers["Cache-Control"] = "no-store"
    return response
