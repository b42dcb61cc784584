"""Points, scores and conditions as expressions over features, wherever the features come from.

The one place where the arithmetic of an agreement stands: for one lead, for all, for any day, for a replay.
"""

from collections.abc import Callable
from functools import reduce
from operator import add, and_, or_

import ibis
from ibis import Value

from accord.rooms.agreement.document.conditions import (
    All,
    AnyOf,
    Condition,
    Count,
    InSegment,
    Not,
    OfField,
    Ready,
    Score,
    Verified,
)
from accord.rooms.agreement.document.model import EngagementRule
from accord.rooms.scoring.expression.asked import Asked, Feature, of_count, of_rule, positive
from accord.rooms.scoring.expression.matching import ALWAYS, NEVER, number

EPSILON = 1e-6  # running sums of decayed points miss an exact threshold by rounding


class Evaluated:
    """`feature` gives the value of a feature (a count, or a decayed one), `field` whether a field condition holds."""

    def __init__(self, asked: Asked, feature: Callable[[Feature], Value], field: Callable[[OfField], Value]) -> None:
        self.asked, self._feature, self._field = asked, feature, field

    def rule(self, rule: EngagementRule) -> Value:
        worth = self._feature(of_rule(rule))
        if rule.once and not rule.half_life_days:
            worth = (worth > 0).ifelse(number(1), number(0))
        points = worth.cast("float64") * number(rule.points)
        if rule.cap is None:
            return points
        return ibis.least(points, number(rule.cap)) if rule.points > 0 else ibis.greatest(points, number(-rule.cap))

    def group(self, name: str) -> Value:
        """The rules of a group together, at most its cap."""
        rules = [rule for rule in self.asked.document.scoring.engagement if rule.group == name]
        whole = reduce(add, [self.rule(rule) for rule in rules])
        group = self.asked.document.scoring.groups.get(name)
        return ibis.least(whole, number(group.cap)) if group and group.cap is not None else whole

    @property
    def engagement(self) -> Value:
        scoring = self.asked.document.scoring
        groups = dict.fromkeys(rule.group for rule in scoring.engagement if rule.group)
        parts = [self.group(name) for name in groups]
        parts += [self.rule(rule) for rule in scoring.engagement if not rule.group]
        whole = ibis.greatest(reduce(add, parts, number(0)), number(0))
        return whole if scoring.engagement_cap is None else ibis.least(whole, number(scoring.engagement_cap))

    @property
    def fit(self) -> Value:
        rules = self.asked.document.scoring.fit
        return reduce(add, [self.holds(r.when).ifelse(number(r.points), number(0)) for r in rules], number(0))

    def holds(self, condition: Condition) -> Value:
        match condition:
            case All():
                return reduce(and_, [self.holds(part) for part in condition.all], ALWAYS)
            case AnyOf():
                return reduce(or_, [self.holds(part) for part in condition.any], NEVER)
            case Not():
                return ~self.holds(condition.not_)
            case InSegment() | Ready():
                return self.holds(self.asked.part(condition))
            case OfField():
                held = self._field(positive(condition))
                return ~held if condition.known is False else held
            case Score():
                return self.score(condition.score) + number(EPSILON) >= number(condition.at_least)
            case Verified():
                return self.holds(condition.count)
            case Count():
                return self._feature(of_count(condition)) >= condition.at_least
        raise TypeError(condition)

    def score(self, which: str) -> Value:
        if which == "total":
            return self.fit + self.engagement
        return self.fit if which == "fit" else self.engagement

    @property
    def fresh(self) -> Value:
        """Whether something happened since the base that lets a lead qualify again."""
        return reduce(or_, [self._feature(feature) > 0 for feature in self.asked.fresh])

    @property
    def grade(self) -> Value:
        grades = self.asked.document.scoring.grades
        return _graded(self.fit, grades.fit, "D") + _graded(self.engagement, grades.engagement, "4")


def _graded(score: Value, thresholds: dict, lowest: str) -> Value:
    graded: Value = ibis.literal(lowest)
    for name in sorted(thresholds, reverse=True):
        graded = (score + number(EPSILON) >= number(thresholds[name])).ifelse(ibis.literal(str(name)), graded)
    return graded
