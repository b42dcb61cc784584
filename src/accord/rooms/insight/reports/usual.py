"""Usual: how long leads and deals stand in a stage before they move on, computed anew from the mirror.

What pages mark by is what the daily computation published last.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel.rules import ENOUGH
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.insight.reports.frame import Cell, Report, Told
from accord.rooms.insight.usual import computed


@dataclass(frozen=True)
class Stage:
    """Days by which half, three quarters and 95 in 100 of those that move on have; `chances` as `Usual` holds them.

    `too_early` where too few moved on to say anything; then there are no days.
    """

    kind: str
    stage: str
    segment: str
    stays: int
    moved_on: int
    too_early: bool
    median: float | None
    p75: float | None
    p95: float | None
    chances: list[list[float | int | None]]


@dataclass(frozen=True)
class UsualTimes:
    stages: list[Stage]
    told: Told


def answer(generation: Generation, question: Question) -> UsualTimes:
    stages = [
        Stage(
            row.kind, row.stage, row.segment, row.n, row.left, row.left < ENOUGH,
            *((row.median, row.p75, row.p95) if row.left >= ENOUGH else (None, None, None)), row.chances,
        )
        for row in computed(generation, question)
    ]  # fmt: skip
    return UsualTimes(stages, Told.by(generation, question))


def lines(found: UsualTimes) -> list[dict[str, Any]]:
    return [
        {
            "kind": one.kind, "stage": one.stage, "segment": one.segment, "stays": one.stays, "moved_on": one.moved_on,
            "median_days": one.median, "p75_days": one.p75, "p95_days": one.p95,
            "chance_on_entry": one.chances[0][1] if one.chances else None,
        }
        for one in found.stages
    ]  # fmt: skip


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    raise CannotAsk(_("A usual time is of a whole stage: the leads in it are behind the numbers of the funnel."))


USUAL = Report("usual", _("Usual times"), ("as-of",), answer, lines, records)
