"""The funnel as its page shows it: the drawing, and every number with the address of its list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from accord.kernel.intervals import FEW
from accord.kernel.survival import StageTime
from accord.rooms.funnel import rules
from accord.rooms.insight import reports
from accord.rooms.insight.onward import Expected
from accord.rooms.insight.questions import UNKNOWN
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.funnel import Funnel, Group, Stage
from accord.web.insight import drawing, figures
from accord.web.insight.asking import BY, Asked
from accord.web.insight.drawing import Ahead
from accord.web.insight.figures import Figure
from accord.web.shell.templatetags.shell import stage_side

WON = Cell(rules.WON)


@dataclass(frozen=True)
class Step:
    """A stage with its figures; `won` has no days, since nobody leaves it."""

    stage: str
    side: str
    entered: int
    entered_leads: str
    now: int
    now_leads: str
    share: Figure | None
    short_leads: str
    expected: Figure | None
    waiting: int
    waiting_leads: str
    days: StageTime | None
    stalled: int | None
    stalled_leads: str

    @property
    def short(self) -> int:
        """How many reached the stage before and did not come here."""
        return self.share.of - self.share.numerator if self.share else 0

    @property
    def outlook(self) -> Figure | None:
        """What is expected, where there are enough to say so."""
        return self.expected if self.expected and not self.expected.early else None

    @property
    def usual(self) -> StageTime | None:
        """The days, where there are enough stays to say so."""
        return self.days if self.days and self.days.entered >= FEW and self.days.median is not None else None

    @property
    def few(self) -> bool:
        return self.days is not None and self.days.entered < FEW

    @property
    def coming(self) -> tuple[float, float, float] | None:
        """How many leads are expected here in the end, of those that reached the stage before, and between what."""
        one = self.outlook
        return (one.of * one.share, one.of * one.low, one.of * one.high) if one else None

    @property
    def ends(self) -> bool:
        return self.stage == rules.WON


@dataclass(frozen=True)
class Part:
    """One group of a split funnel."""

    label: str
    entered: int
    leads: str
    alone: str
    steps: list[Step]


def page(asked: Asked, funnel: Funnel) -> dict[str, Any]:
    steps = [_step(asked, funnel, stage) for stage in funnel.stages]
    before = earlier(asked, funnel)
    return {
        "funnel": funnel,
        "steps": steps,
        "figures": list(zip_longest(steps, before)),
        "before": asked.before if before else None,
        "wide": {**_drawn(drawing.wide, steps), "ahead": _ahead(steps)},
        "narrow": _drawn(drawing.narrow, steps),
        "leads": {name: asked.leads(funnel.told, Cell(name)) for name in ("leads", "here", "won", "left", "early")},
        "exits": [(stage, count, _leads(asked, funnel, "exits", stage)) for stage, count in funnel.exits.items()],
        "left": sum(funnel.exits.values()),
        "groups": [_part(asked, funnel, group) for group in funnel.groups],
        **(_period(asked, funnel) if asked.question.start or asked.question.end else {}),
    }


def _period(asked: Asked, funnel: Funnel) -> dict[str, Any]:
    """What else belongs to the days that were asked for: the deals won in them, whenever their leads entered."""
    question = replace(asked.question, by=None)
    of_deals = replace(asked, report="winloss", typed={**asked.typed, BY: ""}, question=question)
    won = reports.records("winloss", question, WON, funnel.told.generation)
    return {"won_then": len(won), "won_then_deals": of_deals.leads(funnel.told, WON)}


def earlier(asked: Asked, funnel: Funnel) -> list[Step]:
    """The steps of the period before, from the same generation; none where no first and last day were asked for."""
    before = asked.before
    if before is None:
        return []
    found = reports.answer("funnel", replace(before.question, by=None), funnel.told.generation)
    return [_step(before, found, stage) for stage in found.stages]


def _step(asked: Asked, funnel: Funnel, stage: Stage, group: str | None = None) -> Step:
    return Step(
        stage=stage.stage,
        side=stage_side(stage.stage),
        entered=stage.entered,
        entered_leads=_leads(asked, funnel, "entered", stage.stage, group),
        now=stage.now,
        now_leads=_leads(asked, funnel, "now", stage.stage, group),
        share=figures.of_rate(stage.from_previous),
        short_leads=_leads(asked, funnel, "short", stage.stage, group),
        expected=_expected(stage.expected),
        waiting=stage.expected.waiting if stage.expected else 0,
        waiting_leads=_leads(asked, funnel, "waiting", stage.stage, group),
        days=stage.days,
        stalled=stage.stalled,
        stalled_leads=_leads(asked, funnel, rules.STALLED, stage.stage, group),
    )


def _expected(found: Expected | None) -> Figure | None:
    if found is None:
        return None
    return Figure(round(found.entered * found.rate), found.entered, found.rate, found.low, found.high)


def _ahead(steps: Sequence[Step]) -> list[tuple[Ahead, Step]]:
    counts, sides = [step.entered for step in steps], [step.side for step in steps]
    wanted = [step.coming[0] if step.coming else None for step in steps[1:]]
    found = drawing.ahead(drawing.wide(counts, sides).bars, wanted, max(counts, default=0))
    return [(one, step) for one, step in zip(found, steps[1:], strict=True) if one]


def _part(asked: Asked, funnel: Funnel, group: Group) -> Part:
    value = UNKNOWN if group.value is None else group.value
    steps = [_step(asked, funnel, stage, value) for stage in group.stages]
    leads = asked.leads(funnel.told, Cell("leads", group=value))
    return Part(group.label, group.entered, leads, asked.narrowed(group.value), steps)


def _leads(asked: Asked, funnel: Funnel, measure: str, stage: str, group: str | None = None) -> str:
    return asked.leads(funnel.told, Cell(measure, stage, group))


def _drawn(draw: Any, steps: Sequence[Step]) -> Mapping[str, Any]:
    """The geometry beside what is to be written into it."""
    drawn = draw([step.entered for step in steps], [step.side for step in steps])
    return {
        "box": drawn,
        "bars": list(zip(drawn.bars, steps, strict=True)),
        "flows": list(zip(drawn.flows, steps[1:], strict=True)),
        "rows": list(zip(drawn.bars, steps, [*drawn.flows, None], [*steps[1:], None], strict=True)),
    }
