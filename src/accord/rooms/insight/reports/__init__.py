"""The reports by name, for the command line, the API and the pages. Each refreshes the mirror before it reads."""

from typing import Any

from accord.kernel.warehouse.generation import generation
from accord.rooms.insight.questions import Question
from accord.rooms.insight.reports.cohorts import COHORTS
from accord.rooms.insight.reports.flow import FLOW
from accord.rooms.insight.reports.frame import Cell, Report, as_json
from accord.rooms.insight.reports.funnel import FUNNEL
from accord.rooms.insight.reports.leaks import LEAKS
from accord.rooms.insight.reports.nudges import NUDGES
from accord.rooms.insight.reports.overrides import OVERRIDES
from accord.rooms.insight.reports.sla import SLA
from accord.rooms.insight.reports.sources import SOURCES
from accord.rooms.insight.reports.totals import TOTALS
from accord.rooms.insight.reports.touched import TOUCHED
from accord.rooms.insight.reports.usual import USUAL
from accord.rooms.insight.reports.velocity import VELOCITY
from accord.rooms.insight.reports.winloss import WINLOSS

NAMES: dict[str, Report] = {
    report.name: report
    for report in (
        TOTALS,
        FUNNEL,
        FLOW,
        VELOCITY,
        COHORTS,
        SOURCES,
        SLA,
        WINLOSS,
        NUDGES,
        OVERRIDES,
        LEAKS,
        USUAL,
        TOUCHED,
    )
}

__all__ = ["NAMES", "Cell", "Report", "answer", "as_json", "records"]


def answer(name: str, question: Question, number: int | None = None) -> Any:
    """The answer of a report, from the generation of that number while it is kept, else from a fresh one."""
    with generation(number) as read:
        return NAMES[name].answer(read, question)


def records(name: str, question: Question, cell: Cell, number: int | None = None) -> list[int]:
    """The ids behind one number, from the generation that the number was read from. Raises CannotAsk."""
    with generation(number) as read:
        return NAMES[name].records(read, question, cell)
