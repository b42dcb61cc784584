"""What came of nudges, as their page shows it: by kind and side, and how many leads moved on soon after the answer."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.rooms.desk.fields import DECLINE_NAMES, NUDGE_NAMES
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.nudges import MOVED, WATCHED, WITHIN, YOUNG, After, Nudges, Part
from accord.rooms.team.fields import SIDES
from accord.web.insight import figures
from accord.web.insight.asking import Asked
from accord.web.insight.figures import Figure

STATES = ("proposed", "waiting", "accepted", "declined", "withdrawn", "ended")
TITLES: dict[str, Promise] = {
    "proposed": gettext_lazy("Leads for which something was proposed"),
    "waiting": gettext_lazy("Leads whose proposal waits for its answer"),
    "accepted": gettext_lazy("Leads whose proposal was accepted"),
    "declined": gettext_lazy("Leads whose proposal was declined"),
    "withdrawn": gettext_lazy("Leads whose proposal was withdrawn"),
    "ended": gettext_lazy("Leads that went on before the answer"),
    "accepted_moved": gettext_lazy("Accepted, and moved on within 30 days"),
    "accepted_watched": gettext_lazy("Accepted 30 days ago or more"),
    "accepted_young": gettext_lazy("Accepted less than 30 days ago"),
    "declined_moved": gettext_lazy("Declined, and moved on within 30 days"),
    "declined_watched": gettext_lazy("Declined 30 days ago or more"),
    "declined_young": gettext_lazy("Declined less than 30 days ago"),
}


@dataclass(frozen=True)
class Number:
    count: int
    href: str


@dataclass(frozen=True)
class AfterLine:
    moved: Number
    watched: Number
    young: Number
    rate: Figure


@dataclass(frozen=True)
class Line:
    name: Any
    side: str
    by: Any
    counts: list[Number]
    accepted: AfterLine
    declined: AfterLine


def title(cell: Cell) -> str:
    said = [str(TITLES.get(cell.measure, TITLES["proposed"]))]
    said += [str(NUDGE_NAMES[cell.stage])] if cell.stage in NUDGE_NAMES else []
    said += [str(SIDES[cell.group])] if cell.group in SIDES else []
    said += [str(DECLINE_NAMES[cell.cohort])] if cell.cohort in DECLINE_NAMES else []
    return " · ".join(said)


def page(asked: Asked, answered: Nudges) -> dict[str, Any]:
    return {
        "answered": answered,
        "there": answered.all.proposed > 0,
        "lines": [_line(asked, answered, part) for part in answered.parts],
        "all": _line(asked, answered, answered.all),
        "reasons": [
            (DECLINE_NAMES.get(reason, reason), _number(asked, answered, answered.all, "declined", count, reason))
            for reason, count in answered.all.reasons.items()
        ],
        "days": WITHIN.days,
    }


def _line(asked: Asked, answered: Nudges, part: Part) -> Line:
    counts = [_number(asked, answered, part, state, getattr(part, state)) for state in STATES]
    return Line(
        name=NUDGE_NAMES.get(part.kind, _("All")), side=part.side or "none", by=SIDES.get(part.side, ""),
        counts=counts, accepted=_after(asked, answered, part, "accepted", part.after_accepted),
        declined=_after(asked, answered, part, "declined", part.after_declined),
    )  # fmt: skip


def _after(asked: Asked, answered: Nudges, part: Part, state: str, after: After) -> AfterLine:
    moved, watched, young = (
        _number(asked, answered, part, f"{state}_{name}", getattr(after, name)) for name in (MOVED, WATCHED, YOUNG)
    )
    early = Figure(after.moved, after.watched, 0.0, 0.0, 1.0)
    return AfterLine(moved, watched, young, figures.of_rate(after.rate) or early)


def _number(asked: Asked, answered: Nudges, part: Part, measure: str, count: int, reason: str | None = None) -> Number:
    return Number(count, asked.leads(answered.told, Cell(measure, part.kind or None, part.side or None, reason)))
