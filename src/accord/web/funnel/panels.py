"""What the room of the funnel shows on the pages of contacts, companies and deals."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accord.kernel import traits
from accord.kernel.ledger import Fact
from accord.rooms.agreement.models import Version
from accord.rooms.funnel import rules, usual
from accord.rooms.funnel.fields import OUTCOME_NAMES, reason_name
from accord.rooms.funnel.models import Deal, Lead, Transition
from accord.rooms.funnel.models.deal import LOST, OPEN
from accord.rooms.people import queries
from accord.rooms.team.models import Member
from accord.web.funnel import wording
from accord.web.funnel.forms import owners
from accord.web.funnel.walking import held, walked
from accord.web.records import known, timeline, values
from accord.web.records.frame import ACTS, BANNER, HEAD, MAIN, SIDE, Panel, Viewing
from accord.web.records.panels import here
from accord.web.records.timeline import Wanted
from accord.web.shell.templatetags.shell import initials

SHOWN = 50
SAID_AT_THE_END = ("reason", "note", "lost_to", "come_back_on")


def path(viewing: Viewing) -> dict[str, Any] | None:
    """The passage as one line: of the lead that the page is about, or of the contact's open one."""
    lead = _lead(viewing)
    if lead is None:
        return None
    steps = _steps(viewing, lead)
    age = usual.ages([lead], viewing.request.now).get(lead.pk)
    return {
        "lead": lead,
        "age": age,
        "spent": wording.spent(steps, viewing.request.now),
        "skipped": wording.skipped(steps),
        "reached": wording.furthest(steps),
    }


def doubt(viewing: Viewing) -> dict[str, Any] | None:
    """That the passage would not have qualified by what is known since, and the one key to take it back."""
    lead = _lead(viewing)
    if lead is None or lead.stage != rules.MQL or not here(viewing):
        return None
    latest = lead.qualifications.order_by("-at").first()
    if latest is None or not latest.doubtful:
        return None
    may = viewing.member.may("move_lead")
    return {"lead": lead, "at": latest.at, "why": wording.DOUBTS[latest.doubtful], "may_withdraw": may}


def moves(viewing: Viewing) -> dict[str, Any] | None:
    """The moves that the rules allow from here: the next stage as the one act, the rest behind it."""
    lead = _lead(viewing)
    if lead is None or lead.trashed_at or not here(viewing):
        return None
    # Asked once: it is the same question for every move that goes past the rule.
    overrides = lead.overrides("to_mql", viewing.request.now)
    allowed = [
        (
            move, wording.move_name(move), wording.side_of(move.target),
            move.needs_reason or (overrides and rules.places(move.name, lead.stage)),
        )
        for move in lead.moves
    ]  # fmt: skip
    following = next((one for one in allowed if one[0].name.startswith("to_")), None)
    others = [one for one in allowed if one is not following]
    return {
        "lead": lead,
        "next": following,
        "others": others,
        "answers": viewing.member.may("answer_handoff"),
        "may_reopen": lead.stage in rules.EXITS,
        "may_trash": viewing.member.may("trash_record"),
    }


def owner(viewing: Viewing) -> dict[str, Any] | None:
    lead = _lead(viewing)
    if lead is None or lead.trashed_at or not lead.is_open or not here(viewing):
        return None
    return {"lead": lead, "members": owners(lead.stage, lead.owner_id)}


def transitions(viewing: Viewing) -> dict[str, Any] | None:
    """Every step of the passage that the page is about: who, when, why, and under which version."""
    lead = viewing.open.get("lead")
    if lead is None:
        return None
    steps = _steps(viewing, lead)
    members = Member.objects.in_bulk({step.by_id for step in steps if step.by_id})
    under = {step.version_id for step in steps if step.version_id}
    versions = Version.objects.select_related("agreement").in_bulk(under)
    told = [
        (step, members.get(step.by_id or 0), wording.reason(step.reason), versions.get(step.version_id or 0))
        for step in steps
    ]
    return {"steps": told}


def leads(viewing: Viewing) -> dict[str, Any]:
    found = _leads(viewing)
    may_open = viewing.kind == "contact" and viewing.member.may("open_lead") and not any(lead.is_open for lead in found)
    return {
        "leads": found,
        "open": viewing.open.get("lead"),
        "contact": viewing.record,
        "may_open": may_open and here(viewing),
        "kind": viewing.kind,
    }


def deals(viewing: Viewing) -> dict[str, Any]:
    about = Q(contact__in=_contacts(viewing)) if viewing.kind == "contact" else Q(company=viewing.record)
    found = (
        Deal.objects.visible_to(viewing.member)
        .here()
        .filter(about)
        .select_related("owner", "company", "contact")
        .order_by("-pk")
    )
    lead = _lead(viewing) if viewing.kind == "contact" else None
    begins = f"?lead={lead.pk}" if lead and not lead.trashed_at else f"?{viewing.kind}={viewing.record.pk}"
    shown = [(deal, OUTCOME_NAMES.get(deal.outcome, deal.outcome)) for deal in found[:SHOWN]]
    return {
        "deals": shown,
        "may_open": viewing.member.may("edit_deal") and here(viewing),
        "new": reverse("deal_new") + begins,
    }


def deal_head(viewing: Viewing) -> dict[str, Any]:
    """Of a lost deal also why, to whom, and the day to ask again. One query more."""
    deal = viewing.record
    said = traits.now("deal", [deal.pk])[deal.pk] if deal.outcome == LOST else {}
    return {
        "deal": deal,
        "outcome": OUTCOME_NAMES.get(deal.outcome, deal.outcome),
        "sign": initials(str(deal)),
        "reason": reason_name(deal.reason) if deal.outcome == LOST else "",
        "lost_to": said["lost_to"].text if "lost_to" in said else "",
        "back_on": said["come_back_on"].text if "come_back_on" in said else "",
    }


def company_acts(viewing: Viewing) -> dict[str, Any] | None:
    return {"company": viewing.record} if here(viewing) else None


def deal_acts(viewing: Viewing) -> dict[str, Any] | None:
    return {"deal": viewing.record} if here(viewing) else None


def deal_path(viewing: Viewing) -> dict[str, Any]:
    """The pipeline as one line, how long the deal has been where it is against what is usual, and what may come."""
    deal, now = viewing.record, viewing.request.now
    return walked(deal, viewing.member.may("edit_deal") and here(viewing), now)


def deal_holds(viewing: Viewing) -> dict[str, Any]:
    return held(viewing.record, viewing.member, viewing.member.may("edit_deal") and here(viewing))


def lead_trashed(viewing: Viewing) -> dict[str, Any] | None:
    lead = viewing.open.get("lead")
    return _trashed(viewing, "lead", lead) if lead else None


def deal_trashed(viewing: Viewing) -> dict[str, Any] | None:
    return _trashed(viewing, "deal", viewing.record)


def deal_facts(viewing: Viewing) -> dict[str, Any]:
    deal = viewing.record
    shown = values.now("deal", deal.pk, deal.currency)
    may_edit = viewing.member.may("edit_deal") and here(viewing)
    return {
        "title": _("Deal"),
        "pk": deal.pk,
        "values": [one for one in shown if one.text],
        "unknown": [one.field.label for one in shown if not one.text and one.field.slug not in SAID_AT_THE_END],
        "history": "deal_field",
        "edit": reverse("deal_edit", args=[deal.pk]) if may_edit else "",
        "past": "expected_close" if deal.outcome == OPEN and _is_past(deal.expected_close, viewing) else "",
    }


def _is_past(day: str, viewing: Viewing) -> bool:
    return bool(day) and day < timezone.localtime(viewing.request.now).date().isoformat()


def deal_leads(viewing: Viewing) -> dict[str, Any]:
    """The lead that opened the deal, and those that were joined to it."""
    deal = viewing.record
    joined = Fact.objects.filter(deal_id=deal.pk, kind="lead_joined").values_list("lead_id", flat=True)
    visible = Lead.objects.visible_to(viewing.member).here().select_related("contact")
    found = {lead.pk: lead for lead in visible.filter(pk__in=[*joined, *([deal.lead_id] if deal.lead_id else [])])}
    return {"opener": found.pop(deal.lead_id, None), "joined": list(found.values())}


def deal_timeline(viewing: Viewing) -> dict[str, Any]:
    return {"told": timeline.told(Q(deal_id=viewing.record.pk), Wanted.of(viewing.request)), "touches": False}


def _trashed(viewing: Viewing, kind: str, record: Lead | Deal) -> dict[str, Any] | None:
    if record.trashed_at is None:
        return None
    may_come_back = record.may_come_back
    return {
        "kind": kind,
        "at": record.trashed_at,
        "restoring": reverse(f"{kind}_restoring", args=[record.pk]),
        "may_restore": may_come_back and viewing.member.may("trash_record"),
        "taken_back": not may_come_back,
    }


def _contacts(viewing: Viewing) -> list[int]:
    return viewing.once("contacts", lambda: queries.selves(viewing.record.pk))


def _leads(viewing: Viewing) -> list[Lead]:
    about = Q(contact__in=_contacts(viewing)) if viewing.kind == "contact" else Q(contact__company=viewing.record)
    visible = Lead.objects.visible_to(viewing.member).here().filter(about)
    return viewing.once(
        "leads", lambda: list(visible.select_related("contact", "owner").order_by("-opened_at", "-pk")[:SHOWN])
    )


def _lead(viewing: Viewing) -> Lead | None:
    """The lead that the page is about; else the open passage."""
    return viewing.open.get("lead") or next((lead for lead in _leads(viewing) if lead.is_open), None)


def _steps(viewing: Viewing, lead: Lead) -> list[Transition]:
    return viewing.once("steps", lambda: list(Transition.objects.filter(lead_id=lead.pk).order_by("occurred_at", "id")))


PANELS = [
    Panel("contact", ACTS, 10, "funnel/moves.html", moves, "move_lead"),
    Panel("contact", BANNER, 4, "funnel/trashed.html", lead_trashed),
    Panel("contact", BANNER, 5, "funnel/path.html", path),
    Panel("contact", BANNER, 6, "funnel/doubt.html", doubt),
    Panel("contact", MAIN, 30, "funnel/transitions.html", transitions),
    Panel("contact", SIDE, 10, "funnel/owner.html", owner, "assign_lead"),
    Panel("contact", SIDE, 30, "funnel/leads.html", leads),
    Panel("contact", SIDE, 40, "funnel/deals.html", deals),
    Panel("company", ACTS, 10, "funnel/company_acts.html", company_acts, "edit_deal"),
    Panel("company", SIDE, 40, "funnel/leads.html", leads),
    Panel("company", SIDE, 50, "funnel/deals.html", deals),
    Panel("deal", HEAD, 10, "funnel/deal_head.html", deal_head),
    Panel("deal", ACTS, 10, "funnel/deal_acts.html", deal_acts, "edit_deal"),
    Panel("deal", ACTS, 90, "funnel/deal_trash.html", deal_acts, "trash_record"),
    Panel("deal", BANNER, 10, "funnel/trashed.html", deal_trashed),
    Panel("deal", BANNER, 20, "funnel/deal_path.html", deal_path),
    Panel("deal", MAIN, 90, "records/timeline.html", deal_timeline),
    Panel("deal", SIDE, 10, "records/facts.html", deal_facts),
    Panel("deal", SIDE, 20, "funnel/deal_holds.html", deal_holds),
    Panel("deal", SIDE, 30, "funnel/deal_leads.html", deal_leads),
    Panel("deal", SIDE, 90, "records/known.html", known.panel),
]
