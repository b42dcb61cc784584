"""What the desk shows on the page of a lead: the hand-off that waits, the next step, and those before."""

from typing import Any

from accord.rooms.desk import rules
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.models.deal import OPEN
from accord.rooms.handoff.models import Handoff
from accord.rooms.people.personal import booking_path
from accord.rooms.team.worktimes import calendar_of
from accord.web.desk import showing, wording
from accord.web.records.frame import BANNER, SIDE, Panel, Viewing
from accord.web.records.panels import here


def handoff(viewing: Viewing) -> dict[str, Any] | None:
    """The open hand-off with its clock, who has it and why, and the answers for whoever may give them."""
    lead = _lead(viewing)
    handed = _handed(viewing, lead) if lead else []
    waits = next((one for one in handed if one.is_offered), None)
    if lead is None or waits is None:
        return None
    may = viewing.member.may("answer_handoff")
    return {
        "handoff": waits, "kind": wording.kind(waits), "why": showing.reasons_of(waits), "mine": _is(viewing, waits),
        "chip": showing.clock(waits, calendar_of(viewing.member), viewing.request.now), "may": may,
        "gives_back": may and waits.may_return,
    }  # fmt: skip


def next_step(viewing: Viewing) -> dict[str, Any] | None:
    return _next_of(viewing, _lead(viewing), "lead")


def next_of_deal(viewing: Viewing) -> dict[str, Any] | None:
    """The next step of a deal is that of its lead; its own where no lead has opened it."""
    deal = viewing.record
    if deal.lead_id or not here(viewing) or deal.outcome != OPEN:
        return _next_of(viewing, deal.lead, f"deal-{deal.pk}") if here(viewing) else None
    tasks = showing.tasks_of(deal, viewing.member, viewing.request.now)
    return {
        "deal": deal, "steps": showing.steps(tasks, viewing.request.now),
        "missing": all(one.done_at for one in tasks), "may_plan": viewing.member.may("plan_task"),
    }  # fmt: skip


def _next_of(viewing: Viewing, lead: Lead | None, came: str) -> dict[str, Any] | None:
    if lead is None or not lead.is_open:
        return None
    tasks = showing.tasks_of(lead, viewing.member, viewing.request.now)
    return {
        "lead": lead, "steps": showing.steps(tasks, viewing.request.now),
        "missing": lead.stage in rules.SELLING and all(one.done_at for one in tasks),
        "may_plan": viewing.member.may("plan_task"), "may_log": viewing.member.may("log_call"), "came": came,
        "may_desk": viewing.member.may("see_desk"),
        "booking": viewing.request.build_absolute_uri(booking_path(lead.contact)),
    }  # fmt: skip


def handed_over(viewing: Viewing) -> dict[str, Any] | None:
    lead = _lead(viewing)
    answered = [one for one in _handed(viewing, lead) if not one.is_offered] if lead else []
    return {"handed": showing.history(answered)} if answered else None


def _lead(viewing: Viewing) -> Lead | None:
    lead: Lead | None = viewing.open.get("lead")
    return lead if lead and lead.trashed_at is None and here(viewing) else None


def _handed(viewing: Viewing, lead: Lead) -> list[Handoff]:
    return viewing.once("handed", lambda: showing.handoffs_of(lead, viewing.member))


def _is(viewing: Viewing, waits: Handoff) -> bool:
    return waits.owner_id == viewing.member.pk


PANELS = [
    Panel("contact", BANNER, 7, "desk/handoff.html", handoff),
    Panel("contact", SIDE, 5, "desk/next.html", next_step),
    Panel("deal", SIDE, 5, "desk/next.html", next_of_deal),
    Panel("contact", SIDE, 35, "desk/handed.html", handed_over),
]
