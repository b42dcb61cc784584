"""The page of a score, and how it came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accord.rooms.agreement.queries import unsigned_starter
from accord.rooms.agreement.words import strung
from accord.rooms.funnel import whys
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact
from accord.rooms.scoring.explaining import Step
from accord.web.scoring import drawing, figures
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404

LISTED = 60  # steps of a score in the table
LEAST = 0.05  # points that are told
TOLD = 3  # touches of one step that are told by name


@dataclass(frozen=True)
class Told:
    """A step of a score in the table: how much it moved it, and by what."""

    step: Step
    change: float
    words: str


@needs("see_records")
@require_GET
def contact_score(request: MemberRequest, pk: int) -> HttpResponse:
    """Why this score, in full, and how it came about; alone the former, where it is asked for by a part of a page."""
    contact = visible_or_404(Contact.objects.visible_to(request.user).here().select_related("company", "owner"), pk)
    lead = _lead(request, contact)
    why = whys.why(contact, lead, request.now)
    context: dict[str, Any] = {"contact": contact, "lead": lead}
    if why:
        told = figures.shown(why, whys.now(request.now))
        starter = unsigned_starter(request.now) is not None
        context["d"] = {**told, "contact": contact, "starter": starter, "page": not request.htmx}
    if request.htmx:
        return render(request, "scoring/part.html", context)
    return render(request, "scoring/score.html", context | (_course(whys.course(contact, request.now)) if why else {}))


def _lead(request: MemberRequest, contact: Contact) -> Lead | None:
    """The passage that is asked for; else the open one."""
    leads = Lead.objects.visible_to(request.user).here().filter(contact=contact)
    asked = leads.filter(pk=number(request.GET.get("lead"))).first()
    return asked or leads.filter(ended_at=None).first()


def _course(steps: Sequence[Step]) -> dict[str, Any]:
    """The chart, and the table of what moved the score, newest first. It begins where something is known."""
    steps = list(dropwhile(lambda step: not step.fact, steps))
    if len(steps) < 2:
        return {"spec": None, "steps": []}
    named = figures.touches_of(touch for step in steps for touch in step.touches)
    before = [0.0, *(step.total for step in steps)]
    words = [_moved(step, was, named, step is steps[0]) for step, was in zip(steps, before, strict=False)]
    told = [Told(step, step.total - was, said) for step, was, said in zip(steps, before, words, strict=False) if said]
    return {"spec": drawing.spec(steps, words), "steps": told[: -LISTED - 1 : -1]}


def _moved(step: Step, was: float, named: dict[int, tuple[str, str]], first: bool) -> str:
    """By what the score moved; empty where it did not, or only faded."""
    if not step.fact or abs(step.total - was) < LEAST:
        return ""
    found = [" · ".join(filter(None, named[touch])) for touch in step.touches if touch in named]
    if len(found) > TOLD:
        return _("%(touches)s and %(count)s more") % {"touches": strung(found[:TOLD]), "count": len(found) - TOLD}
    return strung(found) or (_("First known") if first else _("Something else became known"))
