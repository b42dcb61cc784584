"""The cohorts as their page shows them, months or groups: curves by age, and the table beneath."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accord.kernel.intervals import FEW
from accord.rooms.funnel import rules
from accord.rooms.funnel.fields import STAGE_NAMES
from accord.rooms.insight.fates import CAUSES
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.cohorts import AGES, AtAge, Cohort, Cohorts
from accord.web.insight import curves, figures
from accord.web.insight.asking import Asked
from accord.web.insight.figures import Figure

OUTCOME = "outcome"
DRAWN = 6  # more lines than these cannot be told apart


@dataclass(frozen=True)
class Age:
    """`share` is None where no lead of the cohort is as old as that; `observed` is the share that is."""

    days: int
    share: Figure | None
    observed: float

    @property
    def whole(self) -> bool:
        return self.observed >= 1


@dataclass(frozen=True)
class Row:
    label: str
    leads: int
    leads_list: str
    count: int
    count_list: str
    ages: list[Age]
    projected: Any
    expected: str

    @property
    def early(self) -> bool:
        return self.leads < FEW


def page(asked: Asked, answered: Cohorts) -> dict[str, Any]:
    typed = asked.own.get(OUTCOME, "")
    outcome = typed if typed in CAUSES else rules.WON
    rows = [_row(asked, answered, cohort, outcome) for cohort in answered.cohorts]
    whole = _row(asked, answered, answered.all, outcome)
    old_enough = [row for row in rows if not row.early]
    drawn = old_enough[:DRAWN] if answered.by else old_enough[-DRAWN:]
    return {
        "answered": answered,
        "rows": rows,
        "all": whole,
        "ages": AGES,
        "outcome": outcome,
        "outcomes": [(name, STAGE_NAMES[name], name == outcome) for name in CAUSES],
        "ends": outcome == rules.WON,
        "drawn": len(drawn),
        "spec": curves.spec(_lines(drawn, whole)) if not whole.early else None,
    }


def drawn_of(shown: Mapping[str, Any]) -> Sequence[str]:
    return [str(STAGE_NAMES[shown["outcome"]])]


def _row(asked: Asked, answered: Cohorts, cohort: Cohort, outcome: str) -> Row:
    projected = cohort.projected if outcome == rules.WON and cohort.leads >= FEW else None
    return Row(
        label=_label(answered, cohort),
        leads=cohort.leads,
        leads_list=asked.leads(answered.told, Cell("leads", cohort=cohort.cohort)),
        count=cohort.outcomes[outcome],
        count_list=asked.leads(answered.told, Cell(outcome, cohort=cohort.cohort)),
        ages=[_age(at, cohort, outcome) for at in cohort.ages],
        projected=projected,
        expected=figures.wins(projected) if projected else "",
    )


def _label(answered: Cohorts, cohort: Cohort) -> str:
    if cohort.cohort is None:
        return _("All")
    return cohort.label if answered.by else figures.month(cohort.cohort)


def _age(at: AtAge, cohort: Cohort, outcome: str) -> Age:
    return Age(at.days, figures.of_share(at.shares[outcome] if at.shares else None, cohort.leads), at.observed)


def _lines(drawn: Sequence[Row], whole: Row) -> list[curves.Line]:
    return [_curve(row, whole=False) for row in drawn] + [_curve(whole, whole=True)]


def _curve(row: Row, *, whole: bool) -> curves.Line:
    points = [curves.Point(age.days, age.share.share, _words(age.share), age.whole) for age in row.ages if age.share]
    return curves.Line(row.label, row.leads, points, _end(row), whole)


def _end(row: Row) -> curves.End | None:
    if row.projected is None:
        return None
    found = row.projected
    share, low, high = (value / row.leads for value in (found.wins, found.low, found.high))
    return curves.End(share, low, high, f"{figures.wording.percent(share)} ({figures.interval(low, high)})")


def _words(share: Figure) -> str:
    return f"{figures.wording.percent(share.share)} ({share.interval})"
