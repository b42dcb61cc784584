"""The scores of contacts as of one instant, known at another, and what each touch gives to them."""

from dataclasses import dataclass

import ibis
from ibis import Table as Rows
from ibis import Value

from accord.rooms.agreement.document.conditions import OfField
from accord.rooms.agreement.document.model import EngagementRule
from accord.rooms.scoring.expression import attributes, counting
from accord.rooms.scoring.expression.asked import Asked, Feature, of_rule
from accord.rooms.scoring.expression.counting import has
from accord.rooms.scoring.expression.matching import NEVER, number, word
from accord.rooms.scoring.expression.predicate import Evaluated
from accord.rooms.scoring.expression.states import Tables, micros
from accord.rooms.scoring.expression.stream import Inputs

UNSEEN = 2**62


@dataclass(frozen=True)
class At:
    """`t` is the as-of instant, `k` the known-at instant, in microseconds.

    `stream`: of the same document and with all that is known at `k`; what it has put aside is not made again.
    """

    ledger: Tables
    asked: Asked
    t: int
    k: int
    stream: Inputs | None = None

    def touches(self) -> Rows:
        """Every touch that counts, for whom it does: touch, contact_id, occ, own (0: a colleague's) and the masks."""
        own = self.stream.own if self.stream else counting.counting(self.ledger, self.asked, self.k)
        own = own.filter(own.until > word(self.k), own.occ <= word(self.t))
        own = attributes.at(self.ledger, own, self.asked, self._held, self.k).mutate(own=word(1))
        return self._with_colleagues(own) if self._of_company else own

    def evaluated(self, contacts: Rows) -> tuple[Rows, Evaluated]:
        """One row for each of `contacts` (contact_id), with the scores as expressions over the row."""
        features = {of: f"f{place}" for place, of in enumerate(dict.fromkeys(map(of_rule, self._rules)))}
        touches = self.touches()
        sums = {name: self._sum(touches, feature) for feature, name in features.items()}
        summed = touches.group_by(toucher="contact_id").aggregate(**sums) if sums else None
        rows = contacts
        if summed is not None:
            rows = rows.left_join(summed, rows.contact_id == summed.toucher)
            rows = rows.mutate(**{name: rows[name].fill_null(self._nothing(of)) for of, name in features.items()})
        rows, names = self._with_fields(rows)

        def feature(of: Feature) -> Value:
            worth = rows[features[of]]
            return self._weight(worth, of) if self._earliest(of) else worth

        def holds(condition: OfField) -> Value:
            bit = self.asked.fields.get(condition)
            return has(rows[names[condition.kind, bit.column]], bit) if bit else NEVER

        return rows, Evaluated(self.asked, feature, holds)

    def given(self, touches: Rows, rule: EngagementRule) -> Rows:
        """What single touches give to a rule, before its cap: touch, contact_id, occ, points."""
        feature = of_rule(rule)
        matching = touches.filter(has(touches[f"m{self.asked.bit(feature).column}"], self.asked.bit(feature)))
        if not feature.pattern.of:
            matching = matching.filter(matching.own == 1)
        if rule.once:
            first = ibis.window(group_by="contact_id", order_by=[matching.occ, matching.touch])
            matching = matching.mutate(place=ibis.row_number().over(first))
            matching = matching.filter(matching.place == 0)
        points = number(rule.points)
        if rule.half_life_days:
            points = points * self._decay(matching.occ, rule.half_life_days)
        return matching.select("touch", "contact_id", "occ", points=points)

    @property
    def _rules(self) -> tuple[EngagementRule, ...]:
        return self.asked.document.scoring.engagement

    @property
    def _of_company(self) -> bool:
        return any(rule.when.of for rule in self._rules)

    def _earliest(self, feature: Feature) -> bool:
        return bool(feature.once and feature.half_life_days)

    def _nothing(self, feature: Feature) -> Value:
        if self._earliest(feature):
            return word(UNSEEN)
        return number(0) if feature.half_life_days else word(0)

    def _sum(self, touches: Rows, feature: Feature) -> Value:
        bit = self.asked.bit(feature)
        there = has(touches[f"m{bit.column}"], bit)
        if not feature.pattern.of:
            there = there & (touches.own == 1)
        if self._earliest(feature):
            return there.ifelse(touches.occ, word(UNSEEN)).min()
        if not feature.half_life_days:
            return there.ifelse(word(1), word(0)).sum()
        return there.ifelse(self._decay(touches.occ, feature.half_life_days), number(0)).sum()

    def _weight(self, earliest: Value, feature: Feature) -> Value:
        decayed = self._decay(ibis.least(earliest, word(self.t)), feature.half_life_days or 1)
        return (earliest < word(UNSEEN)).ifelse(decayed, number(0))

    def _decay(self, occ: Value, half_life_days: float) -> Value:
        return number(2) ** ((occ - word(self.t)).cast("float64") / number(micros(half_life_days)))

    def _values(self, kind: str) -> Rows:
        return self.stream.values(kind) if self.stream else counting.values(self.ledger, kind, self.k)

    def _held(self, rows: Rows) -> Rows:
        return counting.held(rows, self.t, self.k)

    def _with_fields(self, rows: Rows) -> tuple[Rows, dict[tuple[str, int], str]]:
        """The contacts with the masks of their own fields and of their company's."""
        names: dict[tuple[str, int], str] = {}
        own = self._held(self._values("contact"))
        for kind in ("contact", "company"):
            if not counting.asked_slugs(self.asked, kind):
                continue
            held = own if kind == "contact" else self._held(self._values("company"))
            masks = counting.field_masks(held, self.asked, kind)
            columns = {name: f"{kind}_{name}" for name in masks}
            found = held.select("record", **{columns[name]: mask for name, mask in masks.items()})
            found = found.group_by("record").aggregate(**{name: found[name].sum() for name in columns.values()})
            found = found.rename(**{f"{kind}_record": "record"})
            if kind == "company":
                rows = self._employed(rows, own)
            key = rows.contact_id if kind == "contact" else rows.employer
            rows = rows.left_join(found, key == found[f"{kind}_record"])
            rows = rows.mutate(**{name: rows[name].fill_null(0) for name in columns.values()})
            names.update({(kind, int(name[1:])): column for name, column in columns.items()})
        return rows, names

    def _employed(self, rows: Rows, own: Rows) -> Rows:
        company = own.filter(own.field == "company").select(employee="record", employer=own.number.cast("int64"))
        return rows.left_join(company, rows.contact_id == company.employee)

    def _with_colleagues(self, own: Rows) -> Rows:
        values = self._held(self._values("contact"))
        company = values.filter(values.field == "company")
        makers = company.select(maker="record", their_company="number")
        mates = company.select(mate="record", mate_company="number")
        made = own.rename(by="contact_id")
        made = made.inner_join(makers, made.by == makers.maker)
        shared = made.inner_join(mates, [made.their_company == mates.mate_company, made.maker != mates.mate])
        return own.union(shared.rename(contact_id="mate").mutate(own=word(0)).select(*own.columns))


__all__ = ["At"]
