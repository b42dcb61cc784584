"""Conditions, rules, scores and grades of the agreement's text, at one moment, touch by touch."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.rooms.scoring.plain_known import DAY, JSON_NUMBER, Known, Row, normalised

TOLERANCE = 1e-6
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPS = ("is", "in", "contains", "starts_with", "at_least", "at_most", "known")
CONDITIONS = ("all", "any", "not", "segment", "readiness", "field", "score", "count", "verified")
PASSED: Mapping[str, Any] = {"touch": "verified", "where": [{"property": "result", "is": "passed"}]}
Item = float | str
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Moment:
    """A contact seen at (t, k). With a base, only what occurred after it counts, penalties excepted."""

    contact: str
    t: int
    k: int
    base: int | None = None


@dataclass(frozen=True)
class Score:
    fit: float
    engagement: float

    @property
    def total(self) -> float:
        return self.fit + self.engagement


def item(given: Any) -> Item:
    if isinstance(given, bool):
        return "true" if given else "false"
    return float(given) if isinstance(given, int | float) else normalised(given)


def items(given: Any) -> list[Item]:
    """A property's values: a list has many, an empty one has none."""
    many = given if isinstance(given, list | tuple) else [given]
    return [item(one) for one in many if one is not None and not (isinstance(one, str) and not one.strip())]


def measured(given: Any) -> list[Item]:
    """A property under at_least or at_most: a text that has the form of a JSON number is one."""
    many = given if isinstance(given, list | tuple) else [given]
    return items([float(m) if isinstance(m, str) and JSON_NUMBER.fullmatch(m.strip()) else m for m in many])


def same(one: Item, other: Item) -> bool:
    return isinstance(one, float) == isinstance(other, float) and one == other


def satisfies(op: str, value: Item, wanted: Any) -> bool:
    if op == "in":
        return any(same(value, item(one)) for one in wanted)
    other = item(wanted)
    if op == "is":
        return same(value, other)
    if op in ("contains", "starts_with"):
        if isinstance(value, float) or isinstance(other, float):
            return False
        return other in value if op == "contains" else value.startswith(other)
    if isinstance(value, float) != isinstance(other, float):
        return False
    return value >= other if op == "at_least" else value <= other  # type: ignore[operator]


def op_of(node: Mapping[str, Any]) -> str:
    return next(op for op in OPS if op in node)


def compares(node: Mapping[str, Any], values: list[Item]) -> bool:
    op = op_of(node)
    if op == "known":
        return bool(values) == node["known"]
    return any(satisfies(op, value, node[op]) for value in values)


def names_company(node: Any) -> bool:
    if isinstance(node, Mapping):
        return ("touch" in node and node.get("of") == "company") or any(map(names_company, node.values()))
    return isinstance(node, list | tuple) and any(map(names_company, node))


class Reading:
    """A document read over what is known of a world."""

    def __init__(self, known: Known, document: Document) -> None:
        self.known = known
        self.document = document
        self.zone = ZoneInfo(document.get("zone", "UTC"))
        self.segments = document.get("segments", {})
        self.readiness = {one["id"]: one["when"] for one in document.get("readiness", [])}
        self.scoring = document["scoring"]
        self.open_on = document["leads"]["open_on"]
        self.of_company = names_company(document)
        self.checks: dict[str, Document] = {}
        self.matched: dict[tuple[int, int], bool] = {}

    # Touches

    def matches(self, touch: Row, pattern: Document, moment: Moment) -> bool:
        if any("property" not in one for one in pattern.get("where", [])):
            return self.fits(touch, pattern, moment)
        asked = id(pattern), touch.order
        if asked not in self.matched:
            self.matched[asked] = self.fits(touch, pattern, moment)
        return self.matched[asked]

    def fits(self, touch: Row, pattern: Document, moment: Moment) -> bool:
        kinds = [pattern["touch"]] if isinstance(pattern["touch"], str) else pattern["touch"]
        return touch.said.kind in kinds and all(self.where(touch, one, moment) for one in pattern.get("where", []))

    def where(self, touch: Row, node: Mapping[str, Any], moment: Moment) -> bool:
        if "property" in node:
            given = touch.said.properties.get(node["property"])
            return compares(node, measured(given) if op_of(node) in ("at_least", "at_most") else items(given))
        of = "asset" if "asset" in node else "campaign"
        named = getattr(touch.said, of)
        value = self.known.attribute(of, named, f"{of}.{node[of]}", moment.t, moment.k) if named else None
        return compares(node, [] if value is None else [value])

    def touches(self, pattern: Document, moment: Moment, *, since: int | None) -> list[Row]:
        t, k = moment.t, moment.k
        own = pattern.get("of") != "company"
        whose = [moment.contact] if own else self.known.colleagues(moment.contact, t, k)
        counted = [touch for contact in whose for touch in self.known.touches_of(contact, t, k)]
        later = [touch for touch in counted if since is None or touch.occurred_at > since]
        return [touch for touch in later if self.matches(touch, pattern, moment)]

    # Scores

    def worth(self, rule: Mapping[str, Any], touch: Row, t: int) -> float:
        half_life = rule.get("half_life_days")
        age = (t - touch.occurred_at) / DAY
        return rule["points"] * 2.0 ** (-age / half_life) if half_life else float(rule["points"])

    def rule(self, rule: Mapping[str, Any], moment: Moment) -> float:
        penalty = rule["points"] < 0
        touches = self.touches(rule["when"], moment, since=None if penalty else moment.base)
        if rule.get("once"):
            touches = sorted(touches, key=lambda touch: touch.occurred_at)[:1]
        value = sum(self.worth(rule, touch, moment.t) for touch in touches)
        if "cap" not in rule:
            return value
        return max(value, -rule["cap"]) if penalty else min(value, rule["cap"])

    def engagement(self, moment: Moment) -> float:
        total = 0.0
        groups: dict[str, float] = defaultdict(float)
        for rule in self.scoring.get("engagement", []):
            if "group" in rule:
                groups[rule["group"]] += self.rule(rule, moment)
            else:
                total += self.rule(rule, moment)
        for group, value in groups.items():
            total += min(value, self.scoring.get("groups", {}).get(group, {}).get("cap", value))
        return max(0.0, min(total, self.scoring.get("engagement_cap", total)))

    def fit(self, moment: Moment) -> float:
        return sum(rule["points"] for rule in self.scoring.get("fit", []) if self.holds(rule["when"], moment))

    def score(self, moment: Moment) -> Score:
        return Score(float(self.fit(moment)), self.engagement(moment))

    def grade(self, score: Score) -> str:
        grades = self.scoring.get("grades", {})
        letter = self.step(grades.get("fit", {}), score.fit, "D")
        return letter + self.step(grades.get("engagement", {}), score.engagement, "4")

    def step(self, table: Mapping[Any, float], score: float, last: str) -> str:
        descending = sorted(table.items(), key=lambda one: -one[1])
        return next((str(name) for name, threshold in descending if threshold <= score + TOLERANCE), last)

    # Conditions

    def holds(self, node: Any, moment: Moment) -> bool:
        kind = next(one for one in CONDITIONS if one in node)
        return getattr(self, f"holds_{kind}")(node, moment)

    def holds_all(self, node: Mapping[str, Any], moment: Moment) -> bool:
        return all(self.holds(one, moment) for one in node["all"])

    def holds_any(self, node: Mapping[str, Any], moment: Moment) -> bool:
        return any(self.holds(one, moment) for one in node["any"])

    def holds_not(self, node: Mapping[str, Any], moment: Moment) -> bool:
        return not self.holds(node["not"], moment)

    def holds_segment(self, node: Mapping[str, Any], moment: Moment) -> bool:
        return self.holds(self.segments[node["segment"]], moment)

    def holds_readiness(self, node: Mapping[str, Any], moment: Moment) -> bool:
        return self.holds(self.readiness[node["readiness"]], moment)

    def holds_field(self, node: Mapping[str, Any], moment: Moment) -> bool:
        value = self.known.value(moment.contact, node["field"], moment.t, moment.k)
        return compares(node, [] if value is None else [value])

    def holds_score(self, node: Mapping[str, Any], moment: Moment) -> bool:
        return getattr(self.score(moment), node["score"]) + TOLERANCE >= node["at_least"]

    def holds_count(self, node: Mapping[str, Any], moment: Moment) -> bool:
        touches: Iterable[Row] = self.touches(node["count"], moment, since=moment.base)
        if "within_days" in node:
            touches = [one for one in touches if one.occurred_at > moment.t - node["within_days"] * DAY]
        return self.number(touches, node.get("distinct")) >= node["at_least"]

    def number(self, touches: Iterable[Row], distinct: str | None) -> int:
        if distinct is None:
            return len(list(touches))
        if distinct == "day":
            return len(
                {(EPOCH + timedelta(microseconds=one.occurred_at)).astimezone(self.zone).date() for one in touches}
            )
        if distinct == "asset":
            return len({normalised(one.said.asset) for one in touches if one.said.asset})
        values = [tuple(items(one.said.properties.get(distinct))) for one in touches]
        return len({value for value in values if value})

    def holds_verified(self, node: Mapping[str, Any], moment: Moment) -> bool:
        return bool(self.touches(self.check(node["verified"]), moment, since=moment.base))

    def check(self, who: str) -> Document:
        """One pattern for each `who`: what it matches is remembered by the pattern's identity."""
        by = {"property": "by", "is": who}
        return self.checks.setdefault(who, {"touch": "verified", "where": [by, *PASSED["where"]]})

    def in_scope(self, moment: Moment) -> bool:
        scope = self.document.get("scope", {"all": []})
        if "share" not in scope:
            return self.holds(scope, moment)
        digest = hashlib.sha256(f"{scope['salt']}:{moment.contact}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64 < scope["share"]
