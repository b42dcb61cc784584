"""What a document asks of touches and fields: every pattern and every field condition once, each with its bit.

A touch or a value is looked at once and turned into a mask of bits; everything after that is arithmetic.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from accord.rooms.agreement.document.conditions import (
    PASSED,
    All,
    AnyOf,
    Condition,
    Count,
    InSegment,
    Not,
    OfField,
    Ready,
    Score,
    Touches,
    Verified,
)
from accord.rooms.agreement.document.model import STAGES_OF_EVERY_HOUSE, Document, EngagementRule, Share

BITS = 62  # of a mask column: the sign of a 64-bit integer stays out of it


@dataclass(frozen=True)
class Feature:
    """Something of which a running sum is kept over a contact's touches.

    `penalty`: it counts all touches, also those before the base. `once`: only the earliest matching touch.
    `within_days` and `distinct` are those of a count; `half_life_days` decays.
    """

    pattern: Touches
    penalty: bool = False
    once: bool = False
    half_life_days: float | None = None
    within_days: float | None = None
    distinct: str | None = None

    @property
    def plain(self) -> bool:
        """Whether each matching touch counts from when it is known until it is not, and nothing else matters."""
        return self.within_days is None and self.distinct is None and not (self.once and self.half_life_days)

    @property
    def bit_key(self) -> tuple:
        """Features that add the same touches over the same times share a bit."""
        if self.plain:
            return (self.pattern, self.penalty)
        if self.once:
            return (self.pattern, self.penalty, "once")
        return (self.pattern, self.penalty, self.within_days, self.distinct)


@dataclass(frozen=True)
class Bit:
    """One bit of the masks: of the mask column `column`."""

    column: int
    value: int

    @classmethod
    def at(cls, place: int) -> "Bit":
        return cls(place // BITS, 1 << (place % BITS))


class Asked:
    """A document as the expression needs it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.readiness = {one.id: one.when for one in document.readiness}
        self.stages = {stage.kind: stage for stage in document.stages or STAGES_OF_EVERY_HOUSE}

    def part(self, condition: InSegment | Ready) -> Condition:
        """The condition that a name stands for."""
        if isinstance(condition, InSegment):
            return self.document.segments[condition.segment]
        return self.readiness[condition.readiness]

    @property
    def engaged(self) -> Condition | None:
        stage = self.stages.get("engaged")
        return stage.enter if stage and stage.enter != "qualified" else None

    @property
    def scope(self) -> Condition | None:
        """The condition of the scope; a share is told by who is in it."""
        return None if isinstance(self.document.scope, Share) else self.document.scope

    @property
    def fresh(self) -> tuple[Feature, Feature]:
        """What has to have happened since the base: a touch that opens leads, or a passed check."""
        return Feature(self.document.leads.open_on), Feature(PASSED)

    @cached_property
    def features(self) -> list[Feature]:
        wanted = [*self.fresh]
        wanted += [of_rule(rule) for rule in self.document.scoring.engagement]
        wanted += [of_count(one) for one in self._leaves(Count)]
        return list(dict.fromkeys(wanted))

    @cached_property
    def bits(self) -> dict[tuple, Bit]:
        keys = dict.fromkeys(feature.bit_key for feature in self.features)
        return {key: Bit.at(place) for place, key in enumerate(keys)}

    @cached_property
    def fields(self) -> dict[OfField, Bit]:
        """Field conditions, each as what makes it true of a known value; `known: false` is the absence of one."""
        conditions = dict.fromkeys(positive(one) for one in self._leaves(OfField))
        return {condition: Bit.at(place) for place, condition in enumerate(conditions)}

    @property
    def mask_columns(self) -> int:
        return 1 + max((bit.column for bit in self.bits.values()), default=0)

    @property
    def field_columns(self) -> int:
        return 1 + max((bit.column for bit in self.fields.values()), default=0)

    @property
    def of_company(self) -> bool:
        return any(feature.pattern.of for feature in self.features)

    def asks(self, *kinds: type) -> bool:
        """Whether a condition of such a kind is among all that are asked."""
        return any(True for kind in kinds for _leaf in self._leaves(kind))

    def bit(self, feature: Feature) -> Bit:
        return self.bits[feature.bit_key]

    def features_where(self, plain: bool) -> list[Feature]:
        """One feature of each bit."""
        found = {feature.bit_key: feature for feature in self.features if feature.plain is plain}
        return list(found.values())

    def _leaves(self, kind: type) -> Iterator:
        rules: Iterable[Condition] = (rule.when for rule in self.document.scoring.fit)
        for top in (self.document.qualified, self.engaged, self.scope, *rules):
            if top is not None:
                yield from self._walk(top, kind)

    def _walk(self, condition: Condition, kind: type) -> Iterator:
        if isinstance(condition, Verified):
            condition = condition.count
        if isinstance(condition, kind):
            yield condition
        elif isinstance(condition, All | AnyOf):
            for part in condition.all if isinstance(condition, All) else condition.any:
                yield from self._walk(part, kind)
        elif isinstance(condition, Not):
            yield from self._walk(condition.not_, kind)
        elif isinstance(condition, InSegment | Ready):
            yield from self._walk(self.part(condition), kind)


def of_rule(rule: EngagementRule) -> Feature:
    return Feature(rule.when, rule.points < 0, rule.once, rule.half_life_days)


def of_count(count: Count) -> Feature:
    return Feature(count.count, within_days=count.within_days, distinct=count.distinct)


def positive(condition: OfField) -> OfField:
    if condition.operator != "known":
        return condition
    return OfField.model_validate({"field": condition.field, "known": True})


__all__ = ["Asked", "Bit", "Feature", "Score", "of_count", "of_rule", "positive"]
