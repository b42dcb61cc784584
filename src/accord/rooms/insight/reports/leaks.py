"""Leaks: every open lead that nobody answers for, that stands where it stands without a reason, or without a next date.

Counted in the operational database at the moment of asking, like the totals.
"""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
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
LACKS = {"no_owner": OWNER, "no_reason": REASON, "no_date": NEXT_DATE}
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
    """Two queries, however many leads there are."""
    leads = _open(question)
    found = _leaking(leads).values_list("pk", "contact__external_id", "stage", *LACKS)
    leaks = (
        Leak(lead, contact, stage, tuple(what for what, lacks in zip(LACKS.values(), lacking, strict=True) if lacks))
        for lead, contact, stage, *lacking in found.order_by("id").iterator()
    )
    return Leaks(leads.count(), tuple(leaks))


def lines(leaks: Leaks) -> list[dict[str, Any]]:
    return [
        {"lead": one.lead, "contact": one.contact, "stage": one.stage, "missing": ", ".join(one.missing)}
        for one in leaks.leaks
    ]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    flags = {what: flag for flag, what in LACKS.items()}
    if cell.measure not in flags:
        raise CannotAsk(_("Ask for owner, reason or next_date."))
    found = _leaking(_open(question)).filter(**{flags[cell.measure]: True})
    return list(found.order_by("id").values_list("pk", flat=True))


def _leaking(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """Those that are without something, each with what: one flag for each of LACKS."""
    told = leads.annotate(last_move=_last("move"), last_reason=_last("reason")).annotate(
        no_owner=_whether(Q(owner=None) | Q(owner__is_active=False)),
        no_reason=_whether(Q(last_move__in=rules.NEEDS_REASON) & Q(last_reason="")),
        no_date=_whether(Q(stage__in=WAITS_FOR_SOMEBODY) & ~_dated()),
    )
    return told.filter(Q(no_owner=True) | Q(no_reason=True) | Q(no_date=True))


def _open(question: Question) -> QuerySet[Lead]:
    open_leads = Lead.objects.open()
    return open_leads.visible_to(question.viewer) if question.viewer else open_leads


def _dated() -> Q:
    """A step is planned with it, a hand-off waits for an answer, a clock runs, or a deal of it is to close."""
    mine = OuterRef("pk")
    dated = (
        Task.objects.open().filter(lead=mine),
        Handoff.objects.open().filter(lead=mine),
        Clock.objects.going().filter(lead=mine),
        Deal.objects.here().filter(lead=mine, outcome="open").exclude(expected_close=""),
    )
    return reduce(or_, (Q(Exists(rows)) for rows in dated))


def _last(column: str) -> Subquery:
    """Of the last step: what nobody makes without a reason, and gives none, is a leak."""
    return Subquery(Transition.standing().filter(lead_id=OuterRef("pk")).order_by("-id").values(column)[:1])


def _whether(condition: Q) -> Case:
    return Case(When(condition, then=Value(value=True)), default=Value(value=False))


LEAKS = Report("leaks", _("Leaks"), (), answer, lines, records)
