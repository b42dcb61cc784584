"""Who can qualify at all: most people of a house never come near.

Everything is taken at its most: nothing is taken away, what is negative is nothing and what is denied is granted.
Every leaf then only grows, so whoever is not enough by this never was. First by counts that neither decay nor expire,
in one look at each contact; of those who are left, closer: by the most that ever stood at one moment.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import add

import ibis
from ibis import Table as Rows
from ibis import Value

from accord.rooms.agreement.document.conditions import Condition, Not, OfField, Score
from accord.rooms.agreement.document.model import EngagementRule
from accord.rooms.scoring.expression import counting
from accord.rooms.scoring.expression.asked import Asked, Feature, of_rule
from accord.rooms.scoring.expression.counting import has
from accord.rooms.scoring.expression.matching import ALWAYS, NEVER, number, word
from accord.rooms.scoring.expression.predicate import EPSILON, Evaluated
from accord.rooms.scoring.expression.states import micros, span
from accord.rooms.scoring.expression.stream import HALF_LIVES, Inputs


@ibis.udf.agg.builtin
def bit_or(mask: int) -> int:  # type: ignore[empty-body]
    """The engines' own: Ibis knows its name on DuckDB alone, though Spark calls it the same."""


class AtMost(Evaluated):
    """An upper bound of everything that is positive. `peak`: the most that decaying rules ever gave at one moment."""

    def __init__(
        self,
        asked: Asked,
        feature: Callable[[Feature], Value],
        field: Callable[[OfField], Value],
        peak: Value | None = None,
    ) -> None:
        super().__init__(asked, feature, field)
        self._peak = peak

    def rule(self, rule: EngagementRule) -> Value:
        return super().rule(rule) if rule.points > 0 else number(0)

    @property
    def engagement(self) -> Value:
        whole = super().engagement
        if self._peak is None:
            return whole
        lasting = [self.rule(rule) for rule in gaining(self.asked) if not rule.half_life_days]
        return ibis.least(whole, reduce(add, lasting, self._peak))

    @property
    def fit(self) -> Value:
        rules = [rule for rule in self.asked.document.scoring.fit if rule.points > 0]
        return reduce(add, [self.holds(r.when).ifelse(number(r.points), number(0)) for r in rules], number(0))

    def holds(self, condition: Condition) -> Value:
        match condition:
            case Not():
                return ALWAYS
            case OfField() if condition.known is False:
                return ALWAYS
            case Score():
                return self.score(condition.score) + number(2 * EPSILON) >= number(condition.at_least)
        return super().holds(condition)


def gaining(asked: Asked) -> list[EngagementRule]:
    return [rule for rule in asked.document.scoring.engagement if rule.points > 0]


def narrowed(inputs: Inputs) -> Inputs:
    """The same question, of those alone who can qualify at all, and with anchors laid out over their time.

    Where touches count for colleagues it stays as it is: there facts come from everybody.
    """
    if inputs.asked.of_company:
        return replace(inputs, span=_span(inputs))
    fewer = _narrowed(inputs, _Bounds(inputs))
    fewer = replace(fewer, span=_span(fewer))
    return _narrowed(fewer, _Closer(fewer))


def _narrowed(inputs: Inputs, bounds: "_Bounds") -> Inputs:
    some = inputs.put_aside("candidates", bounds.candidates())
    own = inputs.own.semi_join(some, "contact_id")
    values = inputs.values("contact").semi_join(some, [("record", "contact_id")])
    made = {"own": inputs.put_aside("own", own), "values_contact": inputs.put_aside("values_contact", values)}
    made["values_company"] = inputs.values("company")
    return replace(inputs, moves=inputs.moves.semi_join(some, "contact_id"), made=made)


def _span(inputs: Inputs) -> tuple[int, int]:
    """From the first touch to the last one."""
    touches = inputs.own
    (found,) = touches.aggregate(first=touches.occ.min(), last=touches.occ.max()).to_pyarrow().to_pylist()
    first = inputs.k - 1 if found["first"] is None else found["first"]
    return first, max(found["last"] or inputs.k, first + 1)


@dataclass
class _Bounds:
    """One row a contact: how many touches ever had each bit, and which field conditions ever held."""

    inputs: Inputs

    @property
    def asked(self) -> Asked:
        return self.inputs.asked

    def candidates(self) -> Rows:
        """contact_id: who has touches and values enough."""
        of, document = self.at_most(), self.asked.document
        enough = of.holds(document.qualified)
        if self.asked.scope is not None:
            enough = enough & of.holds(self.asked.scope)
        return self.rows.filter(enough).select("contact_id")

    def at_most(self) -> AtMost:
        return AtMost(self.asked, self.count, self.ever)

    def count(self, feature: Feature) -> Value:
        return self.rows[self._name(feature)]

    def ever(self, condition: OfField) -> Value:
        bit = self.asked.fields.get(condition)
        if bit is None:
            return NEVER
        return has(self.rows[f"{condition.kind}_d{bit.column}"].fill_null(0), bit)

    @cached_property
    def rows(self) -> Rows:
        rows = self._counted()
        for kind, found in self._fields().items():
            rows = rows.left_join(found, rows.contact_id == found[f"{kind}_of"])
        return rows

    def _name(self, feature: Feature) -> str:
        bit = self.asked.bit(feature)
        return f"n{bit.column}_{bit.value}"

    def _counted(self) -> Rows:
        touches = self.inputs.own
        ones = {
            self._name(feature): has(touches[f"m{bit.column}"], bit).ifelse(word(1), word(0)).sum()
            for feature in self.asked.features
            if (bit := self.asked.bit(feature))
        }
        touched = touches.group_by("contact_id").aggregate(**ones)
        # Who entered without any touch may qualify by what is known of them.
        others = self.inputs.moves.select("contact_id").distinct().anti_join(touched, "contact_id")
        return touched.union(others.mutate(**dict.fromkeys(ones, word(0))))

    def _fields(self) -> dict[str, Rows]:
        found = {}
        if counting.asked_slugs(self.asked, "contact"):
            found["contact"] = self._masks("contact").rename(contact_of="record")
        if counting.asked_slugs(self.asked, "company"):
            masks, employed = self._masks("company"), self.inputs.employed.rename(company_of="contact_id")
            there = employed.inner_join(masks, employed.company == masks.record)
            names = [name for name in there.columns if name.startswith("company_d")]
            found["company"] = there.group_by("company_of").aggregate(**{n: bit_or(there[n]) for n in names})
        return found

    def _masks(self, kind: str) -> Rows:
        values = self.inputs.values(kind)
        values = values.filter(values.field.isin(counting.asked_slugs(self.asked, kind)))
        values = values.select("record", **counting.field_masks(values, self.asked, kind))
        names = [name for name in values.columns if name != "record"]
        return values.group_by("record").aggregate(**{f"{kind}_{name}": bit_or(values[name]) for name in names})


class _Closer(_Bounds):
    """Counts of a window by the most touches that ever fell into one, decaying rules by the most they ever gave."""

    def at_most(self) -> AtMost:
        peak = self.rows.peak.fill_null(0.0) if self._half_life else None
        return AtMost(self.asked, self.count, self.ever, peak)

    def count(self, feature: Feature) -> Value:
        if feature.within_days is None:
            return super().count(feature)
        return self.rows[f"most_{self._name(feature)}"].fill_null(0)

    def _counted(self) -> Rows:
        rows = super()._counted()
        for feature in {self._name(f): f for f in self.asked.features if f.within_days is not None}.values():
            rows = self._with(rows, self._most(feature), f"most_{self._name(feature)}")
        return self._with(rows, self._peaks(), "peak") if self._half_life else rows

    def _with(self, rows: Rows, found: Rows, name: str) -> Rows:
        found = found.rename(whose="contact_id")
        return rows.left_join(found, rows.contact_id == found.whose).select(*rows.columns, name)

    def _most(self, feature: Feature) -> Rows:
        bit = self.asked.bit(feature)
        touches = self.inputs.own.filter(lambda r: has(r[f"m{bit.column}"], bit))
        window = ibis.window(group_by="contact_id", order_by=touches.occ, range=(-span(feature.within_days or 0), 0))
        counted = touches.select("contact_id", fell=touches.touch.count().over(window))
        return counted.group_by("contact_id").aggregate(**{f"most_{self._name(feature)}": counted.fell.max()})

    @property
    def _half_life(self) -> float | None:
        """The longest one (µs); none where nothing decays, or so fast that one anchor would not do."""
        days = max((rule.half_life_days or 0 for rule in gaining(self.asked)), default=0)
        first, last = self.inputs.span
        return float(micros(days)) if days and (last - first) / micros(days) < HALF_LIVES else None

    def _peaks(self) -> Rows:
        """A sum that decays by the longest half-life stands highest when a touch comes in."""
        touches, half_life = self.inputs.own, number(self._half_life or 1)
        middle = word(sum(self.inputs.span) // 2)
        worth = self._worth(touches) * number(2) ** ((touches.occ - middle).cast("float64") / half_life)
        touches = touches.select("contact_id", "since", worth=worth).filter(lambda r: r.worth > 0)
        window = ibis.window(group_by="contact_id", order_by=touches.since, range=(None, 0))
        decay = number(2) ** (-(touches.since - middle).cast("float64") / half_life)
        stood = touches.select("contact_id", stood=touches.worth.sum().over(window) * decay)
        return stood.group_by("contact_id").aggregate(peak=stood.stood.max())

    def _worth(self, touches: Rows) -> Value:
        parts = []
        for rule in gaining(self.asked):
            if rule.half_life_days:
                bit = self.asked.bit(of_rule(rule))
                parts.append(has(touches[f"m{bit.column}"], bit).ifelse(number(rule.points), number(0)))
        return reduce(add, parts)
