"""Leaks: every open lead that nobody answers for, that stands where it stands without a reason, or without a next date.

Counted in the operational database at the moment of asking, like the totals.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accord.kernel.warehouse.generation import Generation
from accord.rooms.desk.models import Task
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Deal, Lead, Transition
from accord.rooms.handoff.models import Handoff
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.insight.reports.frame import Cell, Report
from accord.rooms.promises.models import Clock

OWNER, REASON, NEXT_DATE = "owner", "reason", "next_date"
# In the pools of marketing a lead waits for something of its own to happen; beyond them for somebody, by a date.
WAITS_FOR_SOMEBODY = (rules.MQL, rules.SAL, rules.SQL, rules.OPPORTUNITY)


@dataclass(frozen=True)
class Leak:
    """A lead and what it is without: `owner`, `reason`, `next_date`."""

    lead: int
    contact: str
    stage: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Leaks:
    """`open` leads were looked at; every one that leaks is named."""

    open: int
    leaks: tuple[Leak, ...]


def answer(generation: Generation, question: Question) -> Leaks:
    found = _missing(question)
    leads = Lead.objects.filter(pk__in={pk for its in found.values() for pk in its}).select_related("contact")
    leaks = [
        Leak(
            lead.pk, lead.contact.external_id, lead.stage, tuple(what for what, its in found.items() if lead.pk in its)
        )
        for lead in leads.order_by("id")
    ]
    return Leaks(_open(question).count(), tuple(leaks))


def lines(leaks: Leaks) -> list[dict[str, Any]]:
    return [
        {"lead": one.lead, "contact": one.contact, "stage": one.stage, "missing": ", ".join(one.missing)}
        for one in leaks.leaks
    ]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    found = _missing(question)
    if cell.measure not in found:
        raise CannotAsk(_("Ask for owner, reason or next_date."))
    return sorted(found[cell.measure])


def _missing(question: Question) -> dict[str, set[int]]:
    """Three queries, however many leads there are."""
    leads = _open(question)
    return {
        OWNER: _ids(leads.filter(Q(owner=None) | Q(owner__is_active=False))),
        REASON: _unexplained(leads),
        NEXT_DATE: _ids(_without_date(leads.filter(stage__in=WAITS_FOR_SOMEBODY))),
    }


def _open(question: Question) -> QuerySet[Lead]:
    open_leads = Lead.objects.open()
    return open_leads.visible_to(question.viewer) if question.viewer else open_leads


def _without_date(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """No step is planned with it, no hand-off waits for an answer, no clock runs, and no deal of it is to close."""
    mine = OuterRef("pk")
    dated = (
        Task.objects.open().filter(lead=mine),
        Handoff.objects.open().filter(lead=mine),
        Clock.objects.going().filter(lead=mine),
        Deal.objects.here().filter(lead=mine, outcome="open").exclude(expected_close=""),
    )
    for rows in dated:
        leads = leads.exclude(Exists(rows))
    return leads


def _unexplained(leads: QuerySet[Lead]) -> set[int]:
    """The last step is one that nobody makes without a reason, and gives none."""
    last = Transition.standing().filter(lead_id=OuterRef("pk")).order_by("-id")
    needs = Q(last_move__in=rules.NEEDS_REASON) & Q(last_reason="")
    told = leads.annotate(last_move=last.values("move")[:1], last_reason=last.values("reason")[:1])
    return _ids(told.filter(needs))


def _ids(leads: QuerySet[Lead]) -> set[int]:
    return set(leads.values_list("pk", flat=True))


LEAKS = Report("leaks", _("Leaks"), (), answer, lines, records)
