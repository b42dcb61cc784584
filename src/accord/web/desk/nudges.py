"""What somebody proposes for a lead of somebody else: proposed, accepted, declined with a reason, withdrawn."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accord.rooms.desk import nudging, rules
from accord.rooms.desk.models import AnsweredAlready, Ended, NotReturnable, NotTheirs, Nudge, Stands
from accord.rooms.funnel.models import AlreadyMoved, Lead
from accord.rooms.funnel.models.deal import OPEN
from accord.rooms.handoff.models import Answered, HasOpenDeal
from accord.web.desk import wording
from accord.web.desk.acting import asked, done, ended, lead_or_404, refused
from accord.web.desk.forms import DeclineForm, NudgeForm
from accord.web.records.frame import BANNER, SIDE, Panel, Viewing
from accord.web.records.panels import here
from accord.web.shell import wording as words
from accord.web.shell.addresses import number, ours
from accord.web.shell.gate import MemberRequest, needs, visible_or_404
from accord.web.shell.settling import settle

LISTED = 5


@needs("propose_nudge")
@require_http_methods(["GET", "POST"])
def lead_nudges(request: MemberRequest, pk: int) -> HttpResponse:
    """Propose something to whoever answers for the lead."""
    lead, posted = lead_or_404(request, pk), request.POST if request.method == "POST" else None
    if not lead.is_open:
        return ended(request, Ended(lead.stage), pk)
    if lead.owner_id in (None, request.user.pk):
        return refused(request, _("Nothing to propose"), _own(lead), pk)
    form = NudgeForm(posted, kinds=Nudge.possible(lead))
    if posted is None or not form.is_valid():
        action = reverse("lead_nudges", args=[pk])
        title = _("Propose something to %(member)s") % {"member": lead.owner}
        return asked(request, "desk/nudge.html", title, form, lead, action=action)
    return _told(request, lead, lambda: _propose(request, lead, form))


@needs("propose_nudge")
@require_POST
def nudges_of_many(request: MemberRequest) -> HttpResponse:
    """Propose the same to everybody who answers for one of these leads, such as those behind a number."""
    wanted = [pk for said in request.POST.get("leads", "").split(",")[: nudging.MANY] if (pk := number(said))]
    leads = Lead.objects.visible_to(request.user).here().filter(pk__in=wanted).select_related("owner").order_by("pk")
    form = NudgeForm(request.POST if "said" in request.POST else None, kinds=rules.NUDGES)
    back = ours(request.POST.get("back", ""), reverse("desk"))
    if not form.is_valid():
        title = ngettext("Propose something for %(number)s lead", "Propose something for %(number)s leads", len(leads))
        more = {"leads": ",".join(str(lead.pk) for lead in leads), "back": back}
        title %= {"number": words.number(len(leads))}
        return asked(request, "desk/nudge_many.html", title, form, None, action=reverse("nudges_of_many"), **more)
    said = form.cleaned_data
    found = nudging.propose_each(leads, kind=said["kind"], said=said["said"], by=request.user, at=request.now)
    settle(judging=False)
    messages.add_message(request, messages.SUCCESS if found.made else messages.WARNING, wording.proposed(found))
    return redirect(back)


@needs("answer_nudge")
@require_POST
def nudge_acceptance(request: MemberRequest, pk: int) -> HttpResponse:
    """Accept. What is proposed becomes a step; a return gives the lead back."""
    nudge = _kept(request, pk)

    def accept() -> str:
        nudge.accept(by=request.user, at=request.now)
        if nudge.step_id is None:
            return _("Accepted: it goes back to marketing.")
        return _("Accepted: “%(what)s” is a step of your next working day.") % {"what": nudge.said}

    return _told(request, nudge.lead, accept, stays=nudge.kind != rules.RETURN)


@needs("answer_nudge")
@require_http_methods(["GET", "POST"])
def nudge_decline(request: MemberRequest, pk: int) -> HttpResponse:
    nudge, posted = _kept(request, pk), request.POST if request.method == "POST" else None
    form = DeclineForm(posted)
    if posted is None or not form.is_valid():
        action = reverse("nudge_decline", args=[pk])
        title = _("Decline: %(what)s") % {"what": nudge}
        return asked(request, "desk/decline.html", title, form, nudge.lead, action=action, nudge=nudge)

    def decline() -> str:
        said = form.cleaned_data
        nudge.decline(said["reason"], note=said["note"], by=request.user, at=request.now)
        return _("Declined. %(member)s is told why.") % {"member": nudge.by}

    return _told(request, nudge.lead, decline)


@needs("propose_nudge")
@require_POST
def nudge_withdrawal(request: MemberRequest, pk: int) -> HttpResponse:
    nudge = _kept(request, pk)

    def withdraw() -> str:
        nudge.withdraw(by=request.user, at=request.now)
        return _("Withdrawn: %(what)s.") % {"what": nudge}

    return _told(request, nudge.lead, withdraw)


def waiting(viewing: Viewing) -> dict[str, Any] | None:
    """What waits for the owner's answer, at the head of the page of the lead."""
    lead = _lead(viewing)
    nudges = nudging.about(lead, viewing.member) if lead else []
    return {"nudges": nudges, "member": viewing.member, "came": "lead"} if nudges else None


def proposing(viewing: Viewing) -> dict[str, Any] | None:
    """The way to propose something, and what became of what was proposed."""
    lead = _lead(viewing)
    return _proposing(viewing, lead, "lead") if lead else None


def proposing_of_deal(viewing: Viewing) -> dict[str, Any] | None:
    """What is proposed for a deal is proposed for the lead that has opened it."""
    deal = viewing.record
    if deal.lead is None or deal.outcome != OPEN or not here(viewing):
        return None
    return _proposing(viewing, deal.lead, f"deal-{deal.pk}")


def propose_for_deal(viewing: Viewing) -> dict[str, Any] | None:
    """The way to it, beside the mark of a deal that stands long."""
    told = proposing_of_deal(viewing)
    return told if told and told["may"] else None


def _proposing(viewing: Viewing, lead: Lead, came: str) -> dict[str, Any] | None:
    answered = (
        Nudge.objects.filter(lead=lead)
        .exclude(state=rules.PROPOSED)
        .select_related("by", "answered_by")
        .order_by("-answered_at", "-id")
    )
    told = [(one, wording.nudge_state(one)) for one in answered[:LISTED]]
    other = lead.is_open and lead.owner_id not in (None, viewing.member.pk)
    may = other and viewing.member.may("propose_nudge")
    return {"lead": lead, "told": told, "may": may, "came": came} if told or may else None


def _own(lead: Lead) -> str:
    """Why there is nobody to propose anything to."""
    if lead.owner:
        return _("You answer for this lead yourself: plan its next step instead.")
    return wording.not_nudged(NotTheirs(None))


def _propose(request: MemberRequest, lead: Lead, form: NudgeForm) -> str:
    said = form.cleaned_data
    Nudge.propose(lead, kind=said["kind"], said=said["said"], by=request.user, at=request.now)
    return _("Proposed: %(member)s is told, and says yes or no.") % {"member": lead.owner}


def _told(request: MemberRequest, lead: Lead, act: Callable[[], str], *, stays: bool = True) -> HttpResponse:
    """Do it, or say why it was not done; nothing is done by halves."""
    try:
        return done(request, act(), lead.pk if stays else None)
    except Ended as how:
        return ended(request, how, lead.pk)
    except (NotTheirs, Stands, AnsweredAlready, NotReturnable, HasOpenDeal, Answered, AlreadyMoved) as why:
        return refused(request, _("Nothing was changed"), wording.not_nudged(why), lead.pk)


def _kept(request: MemberRequest, pk: int) -> Nudge:
    seen = Nudge.objects.visible_to(request.user).here().select_related("lead__contact", "lead__owner", "by")
    return visible_or_404(seen, pk)


def _lead(viewing: Viewing) -> Lead | None:
    lead: Lead | None = viewing.open.get("lead")
    return lead if lead and lead.trashed_at is None and here(viewing) else None


PANELS = [
    Panel("contact", BANNER, 8, "desk/nudges.html", waiting),
    Panel("contact", SIDE, 36, "desk/proposing.html", proposing),
    Panel("deal", BANNER, 21, "desk/propose.html", propose_for_deal),
    Panel("deal", SIDE, 6, "desk/proposing.html", proposing_of_deal),
]
