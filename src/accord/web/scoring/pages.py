"""The page of a score, and how it came about; and the overrides."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accord.rooms.agreement.queries import unsigned_starter
from accord.rooms.funnel import rules, whys
from accord.rooms.funnel.fields import STAGE_NAMES
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.queries import Override, overrides
from accord.rooms.people.models import Contact
from accord.rooms.scoring.explaining import Step
from accord.rooms.scoring.saying import points
from accord.web.records.addresses import number
from accord.web.scoring import drawing, figures
from accord.web.shell.gate import MemberRequest, needs, visible_or_404

LISTED = 60  # steps of a score in the table
LEAST = 0.05  # points that are told
PAGE = 50
OUTCOMES = {
    rules.WON: gettext_lazy("Won"),
    rules.LOST: gettext_lazy("Left"),
    rules.RETURNED: gettext_lazy("Returned"),
    "open": gettext_lazy("Still open"),
}


@dataclass(frozen=True)
class Told:
    """A step of a score in the table: how much it moved it, and by what."""

    step: Step
    change: str
    total: str
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
    words = [_moved(step, was, named) for step, was in zip(steps, before, strict=False)]
    told = [
        Told(step, points(step.total - was), points(step.total), said)
        for step, was, said in zip(steps, before, words, strict=False)
        if said
    ]
    return {"spec": drawing.spec(steps, words), "steps": told[: -LISTED - 1 : -1]}


def _moved(step: Step, was: float, named: dict[int, tuple[str, str]]) -> str:
    """By what the score moved; empty where it did not, or only faded."""
    if not step.fact or abs(step.total - was) < LEAST:
        return ""
    found = [" · ".join(filter(None, named[touch])) for touch in step.touches if touch in named]
    more = _(" and %(count)s more") % {"count": len(found) - 3} if len(found) > 3 else ""
    return ", ".join(found[:3]) + more if found else _("Something else became known")


@dataclass(frozen=True)
class Row:
    """So many overrides of one person, or of one reason: in all, and by what became of the leads."""

    key: str
    label: str
    counts: Sequence[tuple[str, int]]
    whole: int


@needs("see_overrides")
@require_GET
def overridden(request: MemberRequest) -> HttpResponse:
    """Leads that people placed in a stage before its rule held: by person, by reason, by outcome; the list behind."""
    found = overrides(request.user)
    asked = {name: request.GET.get(name, "") for name in ("by", "reason", "outcome")}
    behind = [one for one in found if _answers(one, asked)]
    context = {
        "all": found, "outcomes": OUTCOMES.items(), "asked": asked, "chosen": any(asked.values()),
        "sums": _counts(found), "people": _rows(found, _who, lambda one: str(one.by or _("somebody who is gone"))),
        "reasons": _rows(found, lambda one: one.reason, lambda one: one.reason),
        "behind": [(one, OUTCOMES[one.outcome], STAGE_NAMES[one.stage]) for one in behind[:PAGE]],
        "count": len(behind), "more": max(len(behind) - PAGE, 0),
    }  # fmt: skip
    return render(request, "scoring/overrides.html", context)


def _who(one: Override) -> str:
    return str(one.by.pk) if one.by else "0"


def _answers(one: Override, asked: dict[str, str]) -> bool:
    own = {"by": _who(one), "reason": one.reason, "outcome": one.outcome}
    return all(not wanted or own[name] == wanted for name, wanted in asked.items())


def _rows(found: Sequence[Override], key: Callable[[Override], str], label: Callable[[Override], str]) -> list[Row]:
    labels = {key(one): label(one) for one in found}
    parts = {name: [one for one in found if key(one) == name] for name in labels}
    rows = [Row(name, labels[name], _counts(part), len(part)) for name, part in parts.items()]
    return sorted(rows, key=lambda row: (-row.whole, row.label))


def _counts(found: Sequence[Override]) -> list[tuple[str, int]]:
    counted = Counter(one.outcome for one in found)
    return [(outcome, counted[outcome]) for outcome in rules.OUTCOMES]
