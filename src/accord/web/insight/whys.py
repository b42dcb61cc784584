"""Why the records behind a number were returned, left or were closed; asked once for all rows of a page."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from accord.kernel import fields
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Transition
from accord.rooms.handoff.fields import reason_name
from accord.rooms.insight import questions
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.frame import DEAL, LEAD

RETURNS = ("returned", "back")
UNREACHED = ("short", "waiting")  # they were given back or left, or nothing has happened to them yet


def told(kind: str, cell: Cell) -> bool:
    """Whether the number is about records that have one."""
    return kind == DEAL or (kind == LEAD and _about(cell) is not None)


def of(kind: str, cell: Cell, records: Sequence[Any]) -> Mapping[int, str]:
    """By the id of the record; nothing where the number is about no end."""
    if kind == DEAL:
        return _of_deals(records)
    about = _about(cell) if kind == LEAD else None
    return _of_leads(about, records) if about is not None else {}


def _about(cell: Cell) -> Q | None:
    """The moves that the number counts: returns, exits of one kind or of all, or both."""
    if cell.measure in UNREACHED:
        return Q(move=rules.RETURNED) | Q(to_stage__in=rules.EXITS)
    if cell.measure in RETURNS:
        return Q(move=rules.RETURNED)
    if cell.measure in rules.EXITS:
        return Q(to_stage=cell.measure)
    if cell.measure == "exits" and cell.stage in rules.EXITS:
        return Q(to_stage=cell.stage)
    return Q(to_stage__in=rules.EXITS) if cell.measure in ("left", "ended", "exits") else None


def _of_leads(about: Q, leads: Sequence[Any]) -> Mapping[int, str]:
    """The first return counts, as the report counts it; of exits the last, and more than a return before it."""
    moves = Transition.standing().filter(about, lead_id__in=[lead.pk for lead in leads]).order_by("occurred_at", "id")
    found: dict[int, str] = {}
    for lead, move, reason in moves.values_list("lead_id", "move", "reason"):
        if lead is not None and (move != rules.RETURNED or lead not in found):
            found[lead] = str(reason_name(reason)) if reason else ""
    return found


def _of_deals(deals: Sequence[Any]) -> Mapping[int, str]:
    said = {deal.pk: deal.reason for deal in deals if deal.reason}
    called = questions.labels(fields.of("deal")["reason"], sorted(set(said.values())))
    return {pk: called.get(reason, reason) for pk, reason in said.items()}
