"""Why a contact stands where it stands: what each rule and each touch gives, and what a qualification lacks.

Every number comes out of the one expression that judges; nothing is worked out here a second time.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

import ibis
import pyarrow as pa
from ibis import Table as Rows
from ibis import Value

from accord.kernel.instants import from_micros, to_micros
from accord.kernel.warehouse.known import FOREVER
from accord.rooms.agreement.document.conditions import (
    All,
    AnyOf,
    Condition,
    Count,
    InSegment,
    Not,
    Ready,
    Score,
    Verified,
)
from accord.rooms.agreement.document.model import EngagementRule, FitRule
from accord.rooms.agreement.models.version import document_of
from accord.rooms.capture.tables import TOUCHES, VERDICTS
from accord.rooms.scoring import live
from accord.rooms.scoring.expression.asked import Asked, of_count
from accord.rooms.scoring.expression.passages import ENTERED, MOVES
from accord.rooms.scoring.expression.predicate import Evaluated
from accord.rooms.scoring.expression.scores import At
from accord.rooms.scoring.expression.states import Tables, micros, span
from accord.rooms.scoring.expression.stream import Inputs, evaluated

CONTACTS = ibis.schema({"contact_id": "int64"})
STEPS = 90  # instants between the first touch and now at which the fading of a score is drawn
FADED = 1.0  # points below which a touch is called faded
Gathered = Mapping[str, pa.Table]
Moves = Sequence[Mapping[str, Any]]
Asking = tuple[int, datetime]  # a contact, and an instant


@dataclass(frozen=True)
class Part:
    """A condition and whether it holds. `have` of `need`: what is counted or scored, where something is."""

    condition: Condition
    holds: bool
    have: float | None = None
    need: float | None = None
    parts: tuple["Part", ...] = ()

    @property
    def lacking(self) -> tuple["Part", ...]:
        """The fewest leaves that would have to hold for the whole to hold."""
        if self.holds:
            return ()
        if isinstance(self.condition, All):
            return tuple(leaf for part in self.parts for leaf in part.lacking)
        if isinstance(self.condition, AnyOf) and self.parts:
            return min((part.lacking for part in self.parts), key=len)
        return (self,)

    @property
    def decisive(self) -> tuple["Part", ...]:
        """The leaves of the first alternative that holds."""
        if not self.holds:
            return ()
        if isinstance(self.condition, All):
            return tuple(leaf for part in self.parts for leaf in part.decisive)
        if isinstance(self.condition, AnyOf):
            return next(part.decisive for part in self.parts if part.holds)
        return (self,)


@dataclass(frozen=True)
class Given:
    """What a touch gives now. `half_at`: when it gives half of its full points; `faded_at`: when less than one."""

    touch: int
    at: datetime
    points: float
    own: bool
    doubtful: bool
    half_at: datetime | None
    faded_at: datetime | None


@dataclass(frozen=True)
class Ruled:
    """An engagement rule: `points` after its cap, `cut` what the cap took away."""

    rule: EngagementRule
    points: float
    touches: tuple[Given, ...]

    @property
    def cut(self) -> float:
        return sum(one.points for one in self.touches) - self.points


@dataclass(frozen=True)
class Grouped:
    """Rules of one group (of no group: empty name, never a cap) and what they give together."""

    name: str
    points: float
    cap: float | None
    rules: tuple[Ruled, ...]

    @property
    def cut(self) -> float:
        return sum(one.points for one in self.rules) - self.points


@dataclass(frozen=True)
class Fitting:
    rule: FitRule
    part: Part

    @property
    def points(self) -> float:
        return self.rule.points if self.part.holds else 0.0


@dataclass(frozen=True)
class Standing:
    """Where the definition stands for a contact: at an instant, as known then, since the base where there is one.

    `fresh`: something happened since the base that lets a lead qualify again. `waits_until`: before then it does not.
    """

    at: datetime
    qualified: Part
    fit: float
    engagement: float
    base: datetime | None
    fresh: bool
    waits_until: datetime | None

    @property
    def total(self) -> float:
        return self.fit + self.engagement

    @property
    def may(self) -> bool:
        """Whether nothing but the definition itself stands in the way."""
        return (self.base is None or self.fresh) and (self.waits_until is None or self.waits_until <= self.at)


@dataclass(frozen=True)
class Explanation:
    contact: int
    at: datetime
    fit: float
    engagement: float
    grade: str
    fitting: tuple[Fitting, ...]
    groups: tuple[Grouped, ...]
    unscored: tuple[Given, ...]  # touches of machines: what they would have given
    standing: Standing

    @property
    def total(self) -> float:
        return self.fit + self.engagement

    @property
    def cut(self) -> float:
        """What the bounds of engagement took away (below nothing: what they added)."""
        return sum(group.points for group in self.groups) - self.engagement

    @property
    def touches(self) -> list[Given]:
        return [one for group in self.groups for ruled in group.rules for one in ruled.touches]

    @property
    def doubtful(self) -> float:
        """The share of the points given that come from touches whose verdict has changed."""
        given = sum(abs(one.points) for one in self.touches)
        return sum(abs(one.points) for one in self.touches if one.doubtful) / given if given else 0.0


@dataclass(frozen=True)
class Step:
    """The shown scores at an instant, as known then; `touches` began to count or ceased to at it."""

    at: datetime
    fit: float
    engagement: float
    grade: str
    touches: tuple[int, ...]
    fact: bool

    @property
    def total(self) -> float:
        return self.fit + self.engagement


def gather(contacts: Iterable[int], texts: Iterable[str], at: datetime) -> dict[str, pa.Table]:
    """All that is known at `at` of these contacts and that documents ask for."""
    return live.gather(contacts, [Asked(document_of(text)) for text in texts], to_micros(at))


def explain(text: str, contact: int, tables: Gathered, moves: Moves, at: datetime) -> Explanation:
    """By a document, from what is gathered. `moves` are the rows of a contact's passages, as the judge takes them."""
    asked, now = Asked(document_of(text)), to_micros(at)
    there = {**tables, "contacts": live.table_of([{"contact_id": contact}], CONTACTS)}
    (row,) = live.ask(sums, text, there, now)
    given = _given(text, asked, there, now)
    counted = {touch for (touch, _rule) in given}
    doubted = _doubted(tables)
    ruled = {
        place: Ruled(rule, row[f"r{place}"], _touches(rule, place, given, doubted))
        for place, rule in enumerate(asked.document.scoring.engagement)
    }
    machines = _given(text, asked, {**there, **_all_human(tables)}, now) if doubted - counted else {}
    return Explanation(
        contact, at, row["fit"], row["engagement"], row["grade"],
        tuple(map(Fitting, asked.document.scoring.fit, _parts(asked, _fits(asked), row))),
        tuple(_grouped(asked, row, ruled)),
        tuple(
            one for place, rule in enumerate(asked.document.scoring.engagement)
            for one in _touches(rule, place, machines, doubted) if one.touch not in counted
        ),
        standings(text, [(contact, at)], tables, moves)[contact, at],
    )  # fmt: skip


def standings(text: str, wanted: Collection[Asking], tables: Gathered, moves: Moves) -> dict[Asking, Standing]:
    """Where the definition stands for contacts, each at an instant: the tree with every leaf true or false."""
    asked = Asked(document_of(text))
    instants = [{"contact_id": contact, "at": to_micros(at)} for contact, at in wanted]
    there = {**tables, "moves": live.table_of(moves, MOVES), "instants": live.table_of(instants, live.INSTANTS)}
    rows = {(row["contact_id"], row["t"]): row for row in live.ask(states, text, there)}
    return {one: _standing(asked, one, rows[one[0], to_micros(one[1])], moves) for one in wanted}


def _standing(asked: Asked, one: Asking, row: Mapping[str, Any], moves: Moves) -> Standing:
    (qualified,) = _parts(asked, [asked.document.qualified], row)
    base = _base(moves, *one)
    wait = span(asked.document.leads.requalify.wait_days)
    until = from_micros(min(to_micros(base) + wait, FOREVER)) if base and wait else None
    return Standing(one[1], qualified, row["fit"], row["engagement"], base, row["fresh"], until)


def history(text: str, contact: int, tables: Gathered, moves: Moves, at: datetime) -> list[Step]:
    """The shown scores at every fact of a contact, and in between how they fade, up to `at`."""
    there = {
        **tables,
        "moves": live.table_of(moves, MOVES),
        "instants": live.table_of(_drawn(contact, tables, to_micros(at)), live.INSTANTS),
    }
    rows = [row for row in live.ask(course, text, there) if row["contact_id"] == contact]
    changed: dict[int, set[int]] = defaultdict(set)
    for row in live.ask(comings, text, there):
        if row["contact_id"] == contact:
            changed[row["since"]].add(row["touch"])
            changed[row["until"]].add(row["touch"])
    drawn = set(there["instants"].column("at").to_pylist())
    return [
        Step(
            from_micros(row["t"]), row["fit"], row["engagement"], row["grade"],
            tuple(sorted(changed[row["t"]])), row["t"] not in drawn,
        )
        for row in rows
    ]  # fmt: skip


def sums(ledger: Tables, asked: Asked, _put: live.Put) -> Rows:
    """One row a contact of `contacts`: its scores, what each rule and group gives, and which conditions of fit hold."""
    contacts = ibis.table(CONTACTS, name="contacts")
    rows, of = At(ledger, asked, live.NOW, FOREVER - 1).evaluated(contacts)
    rules = {f"r{place}": of.rule(rule) for place, rule in enumerate(asked.document.scoring.engagement)}
    groups = {f"g{place}": of.group(name) for place, name in enumerate(_groups(asked))}
    fits = _said(of, _fits(asked))
    return rows.select("contact_id", fit=of.fit, engagement=of.engagement, grade=of.grade, **rules, **groups, **fits)


def giving(ledger: Tables, asked: Asked, _put: live.Put) -> Rows:
    """What single touches give to each rule, before its cap: touch, rule (its place), occ, own, points."""
    at = At(ledger, asked, live.NOW, FOREVER - 1)
    contacts, touches = ibis.table(CONTACTS, name="contacts"), at.touches()
    touches = touches.semi_join(contacts, "contact_id")
    own = touches.select(mine="touch", own="own").distinct()
    found = [
        at.given(touches, rule).mutate(rule=ibis.literal(place, "int64"))
        for place, rule in enumerate(asked.document.scoring.engagement)
    ]
    rows = reduce(lambda one, other: one.union(other), found)
    rows = rows.inner_join(own, rows.touch == own.mine)
    return rows.select("touch", "rule", "occ", "own", "points").order_by("rule", "occ", "touch")


def states(ledger: Tables, asked: Asked, put: live.Put) -> Rows:
    """At the instants that are asked: the scores that count, and every condition of the definition."""
    rows, of = evaluated(_inputs(ledger, asked, put, clip=True))
    conditions = _said(of, [asked.document.qualified])
    fresh = of.fresh if asked.document.leads.requalify.fresh else ibis.literal(value=True)
    found = rows.select("contact_id", "t", fit=of.fit, engagement=of.engagement, fresh=fresh, **conditions)
    wanted = ibis.table(live.INSTANTS, name="instants").rename(whose="contact_id")
    return found.semi_join(wanted, [found.contact_id == wanted.whose, found.t == wanted.at]).distinct()


def course(ledger: Tables, asked: Asked, put: live.Put) -> Rows:
    """The shown scores at every instant."""
    rows, of = evaluated(_inputs(ledger, asked, put, clip=False))
    found = rows.select("contact_id", "t", fit=of.fit, engagement=of.engagement, grade=of.grade)
    return found.distinct().order_by("contact_id", "t")


def comings(ledger: Tables, asked: Asked, put: live.Put) -> Rows:
    """When each touch began to count and when it ceased to."""
    return _inputs(ledger, asked, put, clip=False).counted.select("touch", "contact_id", "since", "until").distinct()


def _inputs(ledger: Tables, asked: Asked, put: live.Put, *, clip: bool) -> Inputs:
    moves, instants = ibis.table(MOVES, name="moves"), ibis.table(live.INSTANTS, name="instants")
    return Inputs(ledger, asked, moves, FOREVER, clip=clip, instants=instants, stage=put)


def _said(of: Evaluated, tops: Sequence[Condition]) -> dict[str, Value]:
    """A column for each condition of these trees, and one for what it counts."""
    columns: dict[str, Value] = {}
    for place, condition in enumerate(_walked(of.asked, tops)):
        columns[f"c{place}"] = of.holds(condition)
        counted = condition.count if isinstance(condition, Verified) else condition
        if isinstance(counted, Count):
            columns[f"v{place}"] = of._feature(of_count(counted)).cast("float64")
        if isinstance(condition, Score):
            columns[f"v{place}"] = of.score(condition.score)
    return columns


def _walked(asked: Asked, tops: Iterable[Condition]) -> list[Condition]:
    """Each condition of the trees once, with what segments and indicators stand for."""
    found: dict[Condition, None] = {}
    for top in tops:
        found[top] = None
        found |= dict.fromkeys(_walked(asked, _inner(asked, top)))
    return list(found)


def _inner(asked: Asked, condition: Condition) -> tuple[Condition, ...]:
    if isinstance(condition, All):
        return condition.all
    if isinstance(condition, AnyOf):
        return condition.any
    if isinstance(condition, Not):
        return (condition.not_,)
    return (asked.part(condition),) if isinstance(condition, InSegment | Ready) else ()


def _fits(asked: Asked) -> list[Condition]:
    return [rule.when for rule in asked.document.scoring.fit]


def _parts(asked: Asked, tops: Sequence[Condition], row: Mapping[str, Any]) -> list[Part]:
    """The trees of conditions, from a row that was asked for with `_said` of the same ones."""
    places = {one: place for place, one in enumerate(_walked(asked, tops))}

    def part(one: Condition) -> Part:
        have = row.get(f"v{places[one]}")
        need = one.count.at_least if isinstance(one, Verified) else getattr(one, "at_least", None)
        parts = tuple(map(part, _inner(asked, one)))
        return Part(one, row[f"c{places[one]}"], have, None if have is None else need, parts)

    return list(map(part, tops))


def _groups(asked: Asked) -> list[str]:
    return list(dict.fromkeys(rule.group for rule in asked.document.scoring.engagement if rule.group))


def _grouped(asked: Asked, row: Mapping[str, Any], ruled: Mapping[int, Ruled]) -> Iterable[Grouped]:
    caps = asked.document.scoring.groups
    for place, name in enumerate(_groups(asked)):
        cap = caps[name].cap if name in caps else None
        yield Grouped(name, row[f"g{place}"], cap, tuple(one for one in ruled.values() if one.rule.group == name))
    alone = tuple(one for one in ruled.values() if not one.rule.group)
    if alone:
        yield Grouped("", sum(one.points for one in alone), None, alone)


Gifts = dict[tuple[int, int], dict[str, Any]]  # by touch and the place of the rule


def _given(text: str, asked: Asked, tables: Gathered, now: int) -> Gifts:
    if not asked.document.scoring.engagement:
        return {}
    return {(row["touch"], row["rule"]): row for row in live.ask(giving, text, tables, now)}


def _touches(rule: EngagementRule, place: int, gifts: Gifts, doubted: set[int]) -> tuple[Given, ...]:
    return tuple(
        Given(
            row["touch"], from_micros(row["occ"]), row["points"], bool(row["own"]), row["touch"] in doubted,
            *_fading(rule, from_micros(row["occ"])),
        )
        for (_touch, of), row in gifts.items()
        if of == place
    )  # fmt: skip


def _fading(rule: EngagementRule, occurred: datetime) -> tuple[datetime | None, datetime | None]:
    """When points · 2^(−age / half-life) is half of the points, and when it is one point, if it ever was more."""
    if not rule.half_life_days:
        return None, None
    half_life, worth = micros(rule.half_life_days), abs(rule.points)
    faded = _ahead(occurred, half_life * math.log2(worth / FADED)) if worth > FADED else None
    return _ahead(occurred, half_life), faded


def _ahead(at: datetime, by: float) -> datetime | None:
    """None where that lies beyond every calendar."""
    then = to_micros(at) + by
    return from_micros(round(then)) if then < FOREVER else None


def _doubted(tables: Gathered) -> set[int]:
    """Touches that a verdict or their own flag ever took for machine-made."""
    touches, verdicts = tables[TOUCHES.name], tables[VERDICTS.name]
    flagged = zip(touches.column("id").to_pylist(), touches.column("machine").to_pylist(), strict=True)
    judged = zip(verdicts.column("touch_id").to_pylist(), verdicts.column("machine").to_pylist(), strict=True)
    return {touch for touch, machine in (*flagged, *judged) if machine}


def _all_human(tables: Gathered) -> Gathered:
    """The same rows, as if nobody had taken a touch for machine-made."""
    touches = tables[TOUCHES.name]
    place = touches.schema.get_field_index("machine")
    human = touches.set_column(place, touches.schema.field(place), pa.array([False] * touches.num_rows, pa.bool_()))
    return {TOUCHES.name: human, VERDICTS.name: tables[VERDICTS.name].slice(0, 0)}


def _base(moves: Moves, contact: int, at: datetime) -> datetime | None:
    """The latest return or end of a contact, by what was recorded at the instant."""
    bases = [row["occ"] for row in moves if row["contact_id"] == contact and _moves_base(row, to_micros(at))]
    return from_micros(max(bases)) if bases else None


def _moves_base(row: Mapping[str, Any], at: int) -> bool:
    return row["move"] != ENTERED and row["rec"] <= at


def _drawn(contact: int, tables: Gathered, now: int) -> list[dict[str, int]]:
    """Now, evenly spread instants since the first touch, and the one before each touch was known: how points fade."""
    known = [at for at in tables[TOUCHES.name].column("recorded_at").to_pylist() if at < now]
    if not known:
        return [{"contact_id": contact, "at": now}]
    step = max((now - min(known)) // STEPS, 1)
    instants = {now, *range(min(known), now, step), *(at - 1 for at in known)} - set(known)
    return [{"contact_id": contact, "at": at} for at in sorted(instants)]


__all__ = ["Explanation", "Standing", "Step", "explain", "gather", "history", "standings"]
