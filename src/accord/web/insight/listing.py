"""The leads behind one number, from the generation that the number was read from."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.kernel.warehouse.generation import generation
from accord.rooms.desk.nudging import MANY
from accord.rooms.funnel import rules
from accord.rooms.funnel.fields import STAGE_NAMES
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.insight import reports
from accord.rooms.insight.questions import UNKNOWN, CannotAsk, dimension, labels
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.frame import CLOCK, CONTACT, DEAL, LEAD
from accord.rooms.insight.reports.sources import ORIGIN
from accord.rooms.people.models import Contact
from accord.rooms.promises.models import Clock
from accord.rooms.team.models import Member
from accord.web.insight import figures, flowing, keeping, overriding, timing, whys
from accord.web.insight.asking import Asked
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest

PAGE = 50
# Sums that the funnel's page tells and the report counts by stage.
SUMS = {"here": ("now", rules.OPEN), "left": ("exits", rules.EXITS)}
TITLES = {
    "leads": gettext_lazy("Leads that came in"),
    "here": gettext_lazy("Leads that are here now"),
    "left": gettext_lazy("Leads that left"),
    "won": gettext_lazy("Leads that were won"),
    "open": gettext_lazy("Leads that are open"),
    "early": gettext_lazy("Wins dated before the first contact"),
    "lost": gettext_lazy("Leads that were lost"),
    "disqualified": gettext_lazy("Leads that were disqualified"),
    "recycled": gettext_lazy("Leads that were recycled"),
    "joined": gettext_lazy("Leads that were joined to another one"),
}


RECORDS: Mapping[str, Callable[[Member], QuerySet]] = {
    LEAD: lambda member: Lead.objects.visible_to(member).here().select_related("contact__company", "owner"),
    DEAL: lambda member: Deal.objects.visible_to(member).here().select_related("company", "contact", "owner"),
    CONTACT: lambda member: Contact.objects.visible_to(member).here().select_related("company", "owner"),
    CLOCK: lambda member: Clock.objects.visible_to(member).whole().select_related("lead__contact__company", "owner"),
}


# Of reports whose period is another one than when leads entered: what a list says of it.
DAYS: Mapping[str, Callable[[Asked, Cell], str]] = {
    "velocity": timing.days,
    "sla": keeping.days,
    "overrides": overriding.days,
}


@dataclass(frozen=True)
class Found:
    """`anew`: the generation of the number is gone, and this was counted in a newer one."""

    leads: list[int]
    anew: bool


def read(request: MemberRequest, asked: Asked, cell: Cell) -> Found:
    """Raises CannotAsk where the report has no such number."""
    for problem in asked.problems.values():
        raise CannotAsk(problem)
    wanted = number(request.GET.get("generation"))
    report = reports.NAMES[asked.report]
    with generation(wanted or None) as kept:
        leads = [lead for one in _cells(asked, cell) for lead in report.records(kept, asked.question, one)]
        return Found(sorted(leads, reverse=True), bool(wanted) and kept.number != wanted)


def page(request: MemberRequest, asked: Asked, cell: Cell, found: Found) -> dict[str, Any]:
    place = max(number(request.GET.get("page")) or 1, 1)
    here = found.leads[(place - 1) * PAGE : place * PAGE]
    kind = reports.NAMES[asked.report].of
    rows = RECORDS[kind](request.user).in_bulk(here)
    shown = [rows[lead] for lead in here if lead in rows]
    said = whys.of(kind, cell, shown)
    return {
        "kind": kind,
        "template": f"insight/behind_{kind}.html",
        "report": asked.report,
        "asked": asked,
        **(_whose(asked, cell) if found.leads else {}),
        "total": len(found.leads),
        "proposed_for": list(dict.fromkeys(found.leads))[:MANY] if kind == LEAD else [],
        "anew": found.anew,
        "rows": _shown(kind, shown, said),
        "reasoned": whys.told(kind, cell),
        "gone": sum(lead not in rows for lead in here),
        "following": place + 1 if place * PAGE < len(found.leads) else None,
        "shown": min(place * PAGE, len(found.leads)),
    }


def _shown(kind: str, rows: list[Any], said: Mapping[int, str]) -> list[Any]:
    return keeping.rows(rows) if kind == CLOCK else [(row, said.get(row.pk, "")) for row in rows]


def title(cell: Cell) -> str:
    stage = STAGE_NAMES.get(cell.stage or "", "")
    if cell.measure == "entered":
        return _("Leads that reached %(stage)s") % {"stage": stage}
    if cell.measure == "short" and cell.stage in rules.PLACE:
        before = STAGE_NAMES[rules.STAGES[rules.PLACE[cell.stage] - 1]]
        return _("Leads that reached %(before)s and not %(stage)s") % {"before": before, "stage": stage}
    if cell.measure == "waiting":
        return _("Leads that may still come to %(stage)s") % {"stage": stage}
    if cell.measure == "stalled":
        return _("Leads that are stalled in %(stage)s") % {"stage": stage}
    if cell.measure == "now":
        return _("Leads in %(stage)s now") % {"stage": stage}
    left = TITLES.get(cell.stage or "", gettext_lazy("Leads that left"))
    return str(left if cell.measure == "exits" else TITLES[cell.measure])


def then(asked: Asked, cell: Cell) -> str:
    """What a list is called of leads that stood somewhere on a past day; empty for every other."""
    if not asked.then or asked.report != "funnel":
        return ""
    if cell.measure == "here":
        return _("Leads that were here on %(day)s") % {"day": asked.then}
    if cell.measure != "now":
        return ""
    stage = STAGE_NAMES.get(cell.stage or "", "")
    return _("Leads in %(stage)s on %(day)s") % {"stage": stage, "day": asked.then}


def _cells(asked: Asked, cell: Cell) -> Iterator[Cell]:
    if asked.report != "funnel" or cell.measure not in SUMS:
        yield cell
        return
    measure, stages = SUMS[cell.measure]
    yield from (Cell(measure, stage, cell.group) for stage in stages)


def _whose(asked: Asked, cell: Cell) -> dict[str, Any]:
    """The group, month or days of the leads, as they are called."""
    if asked.report == "flow":
        return {"days": flowing.days(asked, cell)}
    if asked.report == "cohorts" and not asked.question.by:
        return {"cohort": figures.month(cell.cohort) if cell.cohort else ""}
    if asked.report == "nudges":
        return {}  # kind, side and reason stand in the title
    began = {"days": DAYS[asked.report](asked, cell)} if asked.report in DAYS else {}
    by = asked.question.by or dimension(ORIGIN)
    group = cell.cohort if asked.report == "cohorts" else cell.group
    if group is None:
        return began
    called = _("not known") if group == UNKNOWN else labels(by, [group]).get(group, group)
    return {"group": called, "dimension": by.label, **began}
