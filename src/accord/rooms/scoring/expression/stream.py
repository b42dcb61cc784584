"""Every contact's touches and values as one stream of events, and what was true at each instant of it.

A touch adds its bits when it begins to count and takes them away when it ceases to; a value adds the change of
its mask. Every feature is then a running sum over one window. METHODS: a decayed sum needs no loop over days, since
a weight that is taken from a fixed anchor decays for all touches alike.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import reduce
from math import ceil
from operator import add

import ibis
from ibis import Table as Rows
from ibis import Value

from accord.kernel.warehouse.known import FOREVER
from accord.rooms.agreement.document.conditions import OfField
from accord.rooms.scoring.expression import attributes, counting, passages
from accord.rooms.scoring.expression.asked import Asked, Bit, Feature
from accord.rooms.scoring.expression.counting import has
from accord.rooms.scoring.expression.matching import NEVER, number, word
from accord.rooms.scoring.expression.predicate import Evaluated
from accord.rooms.scoring.expression.states import BEFORE_ALL, Tables, micros, overlap, span

HALF_LIVES = 1500  # that one anchor is good for: 2 to the power of a float's exponent
SINCE, UNTIL = 0, 2_524_608_000_000_000  # 1970 and 2050: anchors are laid out between


@dataclass
class Inputs:
    """What the stream of a document is made of. `clip`: only what happened after the base counts, penalties apart.

    `stage` may put a part aside once, so that what stands on it twice is not computed twice.
    """

    ledger: Tables
    asked: Asked
    moves: Rows
    k: int
    clip: bool = True
    instants: Rows | None = None  # further instants at which a contact is judged: contact_id, at
    span: tuple[int, int] = (SINCE, UNTIL)
    stage: Callable[[str, Rows], Rows] = lambda _name, rows: rows
    made: dict[str, Rows] = field(default_factory=dict)

    def once(self, name: str, build: Callable[[], Rows]) -> Rows:
        if name not in self.made:
            self.made[name] = self.put_aside(name, build())
        return self.made[name]

    def put_aside(self, name: str, rows: Rows) -> Rows:
        """Spark takes a small literal for a 32-bit integer, and a table of it keeps that: back to what was meant."""
        put = self.stage(name, rows)
        return put if put.schema() == rows.schema() else put.cast(rows.schema())

    @property
    def own(self) -> Rows:
        return self.once("own", lambda: counting.counting(self.ledger, self.asked, self.k))

    @property
    def split(self) -> Rows:
        """Own touches by what their asset and campaign were meanwhile."""
        if not counting.asked_kinds(self.asked):
            return self.own
        return self.once("split", lambda: attributes.cut(self.ledger, self.own, self.asked, self.k))

    @property
    def moved(self) -> Rows:
        return self.once(
            "moved", lambda: passages.placed(self.moves.filter(self.moves.rec <= word(self.k)), self.asked)
        )

    @property
    def parts(self) -> Rows:
        return self.once("parts", lambda: passages.segments(self.moved))

    @property
    def opened(self) -> Rows:
        return self.once("opened", lambda: passages.openings(_opening(self), self.moved, self.parts, self.asked))

    @property
    def judged(self) -> Rows:
        return self.once("judged", lambda: passages.judged(self.opened, self.moved, self.parts, self.asked))

    def values(self, kind: str) -> Rows:
        return self.once(f"values_{kind}", lambda: counting.values(self.ledger, kind, self.k))

    @property
    def employed(self) -> Rows:
        return self.once("employed", lambda: counting.employment(self.values("contact")))

    @property
    def counted(self) -> Rows:
        """Touches by whom they count for: a contact's own, and its colleagues' where the document asks for them."""
        return self.once("counted", lambda: _cut(self, _with_colleagues(self)))


def evaluated(inputs: Inputs) -> tuple[Rows, Evaluated]:
    """One row an instant of a contact (contact_id, t), with what is true at it as expressions over the row."""
    asked = inputs.asked
    events = inputs.once("events", lambda: events_of(inputs))
    window = ibis.window(group_by="contact_id", order_by=events.t, range=(None, 0))
    features = {feature: f"f{place}" for place, feature in enumerate(asked.features)}
    sums = {name: _sum(events, asked.bit(of), of, window, inputs.span) for of, name in features.items()}
    masks = {name: events[name].sum().over(window) for name in _field_columns(asked)}
    rows = events.select("contact_id", "t", "instant", **sums, **masks)
    rows = rows.filter(rows.instant == 1, rows.t <= word(inputs.k)).drop("instant")

    def holds(condition: OfField) -> Value:
        if condition not in asked.fields:
            return NEVER
        bit = asked.fields[condition]
        return has(rows[f"d{bit.column}"], bit)

    return rows, Evaluated(asked, lambda feature: rows[features[feature]], holds)


def events_of(inputs: Inputs) -> Rows:
    """contact_id, t, instant, sign, occ and the masks, in no order."""
    return reduce(lambda one, other: one.union(other), _events(inputs))


def _sum(events: Rows, bit: Bit, feature: Feature, window, span: tuple[int, int]) -> Value:
    there = has(events[f"m{bit.column}"], bit)
    if not feature.half_life_days:
        return there.ifelse(events.sign, word(0)).sum().over(window)
    half_life = float(micros(feature.half_life_days))
    blocks = max(ceil((span[1] - span[0]) / half_life / HALF_LIVES), 1)
    length = (span[1] - span[0]) / blocks
    return reduce(add, [_decayed(events, there, half_life, span[0], length, n, blocks, window) for n in range(blocks)])


def _decayed(
    events: Rows, there: Value, half_life: float, start: int, length: float, place: int, blocks: int, window
) -> Value:
    """The touches of one stretch of time, weighed from its middle, as of each row."""
    low, high = round(start + place * length), round(start + (place + 1) * length)
    middle = (low + high) // 2
    inside = there
    if place > 0:
        inside = inside & (events.occ >= low)
    if place < blocks - 1:
        inside = inside & (events.occ < high)
    two = number(2)
    weight = two ** ((events.occ - middle).cast("float64") / half_life) * events.sign.cast("float64")
    whole = inside.ifelse(weight, number(0)).sum().over(window)
    # Before its time a stretch has no touches: its factor is held where it is still a number.
    since_middle = ibis.greatest(events.t, word(low)) - middle
    return whole * two ** (-since_middle.cast("float64") / half_life)


def _events(inputs: Inputs) -> list[Rows]:
    asked = inputs.asked
    found = [*_touch_events(inputs), *_value_events(inputs)]
    for feature in asked.features_where(plain=False):
        found.append(_special(inputs, feature))
    judged = inputs.judged
    instants = judged.select("contact_id", t="opened")
    if asked.document.leads.requalify.wait_days:
        waited = judged.filter(judged.waited >= judged.segment, judged.waited < judged.until)
        instants = instants.union(waited.select("contact_id", t="waited"))
    if inputs.instants is not None:
        instants = instants.union(inputs.instants.select("contact_id", t="at"))
    found.append(_event(inputs, instants.distinct(), t="t", instant=1))
    return found


def _mask_columns(asked: Asked) -> list[str]:
    return [f"m{place}" for place in range(asked.mask_columns)]


def _field_columns(asked: Asked) -> list[str]:
    return [f"d{place}" for place in range(asked.field_columns)]


def _event(inputs: Inputs, rows: Rows, t: str, *, instant: int | Value = 0, sign: int = 0, **given: Value) -> Rows:
    """Rows as events: what is not given is nothing. `instant` is 1 at what the contact is judged at."""
    columns = [*_mask_columns(inputs.asked), *_field_columns(inputs.asked)]
    return rows.select(
        "contact_id",
        t=rows[t],
        instant=word(instant) if isinstance(instant, int) else instant,
        sign=ibis.literal(sign, "int64"),
        occ=given.pop("occ", word(0)),
        **{name: given.get(name, word(0)) for name in columns},
    )


def _touch_events(inputs: Inputs) -> Iterable[Rows]:
    """A touch begins and ceases to count: both are facts, whatever it is. What is fresh ceases when it is cut."""
    asked, touches = inputs.asked, inputs.counted
    plain = asked.features_where(plain=True)
    every = _only(asked, plain)
    lasting = _only(asked, [feature for feature in plain if feature.penalty])
    fresh = {name: bits & ~lasting[name] for name, bits in every.items()}
    yield _moment(inputs, touches, "since", every, lasting, touches.cut > touches.since, 1)
    ceased = touches.filter(touches.until < FOREVER)
    yield _moment(inputs, ceased, "until", every, lasting, ceased.cut >= ceased.until, -1)
    cut = touches.filter(touches.cut > touches.since, touches.cut < touches.until)
    given = {name: cut[name] & word(bits) for name, bits in fresh.items()}
    yield _event(inputs, cut, "cut", sign=-1, occ=cut.occ, **given)
    if inputs.split is not inputs.own:
        yield _event(inputs, _comings_and_goings(inputs.own).rename(contact_id="whose"), "at", instant=1)
    if asked.of_company:
        yield _event(inputs, _colleagues_facts(inputs), "at", instant=1)


def _moment(
    inputs: Inputs, rows: Rows, t: str, every: dict[str, int], lasting: dict[str, int], uncut: Value, sign: int
) -> Rows:
    given = {name: rows[name] & uncut.ifelse(word(bits), word(lasting[name])) for name, bits in every.items()}
    return _event(inputs, rows, t, instant=rows.fact, sign=sign, occ=rows.occ, **given)


def _only(asked: Asked, features: Iterable[Feature]) -> dict[str, int]:
    kept = dict.fromkeys(_mask_columns(asked), 0)
    for bit in (asked.bit(feature) for feature in features):
        kept[f"m{bit.column}"] |= bit.value
    return kept


def _cut(inputs: Inputs, touches: Rows) -> Rows:
    """Fresh is clipping: a touch ceases to be fresh where a base becomes known that is not before it."""
    if not (inputs.clip and inputs.asked.document.leads.requalify.fresh):
        return touches.mutate(cut=word(FOREVER))
    bases = inputs.parts.select(of="contact_id", based="base", based_at="since")
    bases = bases.filter(bases.based > BEFORE_ALL)
    stale = touches.inner_join(bases, [touches.contact_id == bases.of, touches.occ <= bases.based])
    stale = stale.group_by(stale_contact="contact_id", stale_touch="touch").aggregate(cut=stale.based_at.min())
    joined = touches.left_join(stale, [touches.contact_id == stale.stale_contact, touches.touch == stale.stale_touch])
    return joined.select(*touches.columns, cut=joined.cut.fill_null(FOREVER))


def _special(inputs: Inputs, feature: Feature) -> Rows:
    """A window, a distinct count, or the earliest of several: intervals of their own, as a bit of their own."""
    bit = inputs.asked.bit(feature)
    wanted = inputs.counted.filter(lambda r: has(r[f"m{bit.column}"], bit))
    if not feature.penalty:
        wanted = overlap(wanted, wanted.since, wanted.cut)
    if feature.within_days is not None:
        ends = wanted.occ + span(feature.within_days)
        wanted = overlap(wanted, wanted.since, ends)
    if feature.distinct:
        wanted = _islands(wanted, f"v{bit.column}_{bit.value}")
    if feature.once:
        wanted = _earliest(wanted)
    kept = {f"m{bit.column}": word(bit.value)}
    began = _event(inputs, wanted, "since", sign=1, occ=wanted.occ, **kept)
    ceased = wanted.filter(wanted.until < FOREVER)
    return began.union(_event(inputs, ceased, "until", sign=-1, occ=ceased.occ, **kept))


def _islands(intervals: Rows, value: str) -> Rows:
    """Intervals of one value that touch or overlap, as one: it counts once, for as long as any of them lasts."""
    rows = intervals.filter(intervals[value].notnull()).select("contact_id", "since", "until", value=value)
    order = ibis.window(group_by=["contact_id", "value"], order_by=[rows.since, rows.until], rows=(None, -1))
    rows = rows.mutate(reach=rows.until.max().over(order))
    rows = rows.mutate(starts=(rows.reach.isnull() | (rows.since > rows.reach)).ifelse(word(1), word(0)))
    order = ibis.window(group_by=["contact_id", "value"], order_by=[rows.since, rows.until], rows=(None, 0))
    rows = rows.mutate(island=rows.starts.sum().over(order))
    islands = rows.group_by("contact_id", "value", "island").aggregate(since=rows.since.min(), until=rows.until.max())
    return islands.select("contact_id", "since", "until", occ="since")


def _earliest(intervals: Rows) -> Rows:
    """Which of the touches is the earliest, from when until when.

    A touch can be that only while nothing earlier counts; of those that count for ever only new records matter.
    """
    lasting = intervals.filter(intervals.until == FOREVER)
    before = ibis.window(group_by="contact_id", order_by=[lasting.since, lasting.occ, lasting.touch], rows=(None, -1))
    lasting = lasting.mutate(record=lasting.occ.min().over(before))
    lasting = lasting.filter(lasting.record.isnull() | (lasting.occ < lasting.record)).drop("record")
    rivals = lasting.union(intervals.filter(intervals.until < FOREVER)).select("contact_id", "since", "until", "occ")
    points = rivals.select("contact_id", at="since").union(
        rivals.filter(rivals.until < FOREVER).select("contact_id", at="until")
    )
    points = points.distinct().rename(of="contact_id")
    held = points.inner_join(
        rivals, [points.of == rivals.contact_id, rivals.since <= points.at, points.at < rivals.until]
    )
    held = held.group_by("of", "at").aggregate(occ=held.occ.min())
    # A point at which nothing holds ends what held before, so all points are kept.
    every = points.rename(point_of="of", point="at")
    every = every.left_join(held, [every.point_of == held.of, every.point == held.at])
    order = ibis.window(group_by="point_of", order_by=every.point)
    states = every.mutate(until=every.point.lead().over(order).fill_null(FOREVER))
    return states.filter(states.occ.notnull()).select(contact_id="point_of", since="point", until="until", occ="occ")


def _value_events(inputs: Inputs) -> Iterable[Rows]:
    """Every value of a contact, and of the company it was in then, is a fact; those that are asked change the mask."""
    asked, own = inputs.asked, inputs.values("contact")
    yield _event(inputs, _changes(own).rename(contact_id="record"), "at", instant=1)
    if counting.asked_slugs(asked, "contact"):
        states = counting.field_states(own, asked, "contact").rename(contact_id="record")
        yield from _mask_events(inputs, states)
    yield _event(inputs, _at_work(inputs), "at", instant=1)
    if counting.asked_slugs(asked, "company"):
        employed = inputs.employed
        states = counting.field_states(inputs.values("company"), asked, "company")
        states = states.filter(reduce(lambda a, b: a | b, [states[name] != 0 for name in _field_columns(asked)]))
        there = employed.rename(work_since="since", work_until="until")
        joined = states.inner_join(there, states.record == there.company)
        yield from _mask_events(inputs, overlap(joined, joined.work_since, joined.work_until))


def _changes(values: Rows) -> Rows:
    """When a value was recorded or retracted: record, at."""
    gone = values.filter(values.gone < FOREVER)
    return values.select("record", at="recorded_at").union(gone.select("record", at="gone"))


def _at_work(inputs: Inputs) -> Rows:
    """When a value of a company changed, for everybody who was in it then: contact_id, at."""
    changes, employed = _changes(inputs.values("company")), inputs.employed
    there = [changes.record == employed.company, employed.since <= changes.at, changes.at < employed.until]
    return changes.inner_join(employed, there).select("contact_id", "at")


def _mask_events(inputs: Inputs, states: Rows) -> Iterable[Rows]:
    columns = _field_columns(inputs.asked)
    states = states.filter(reduce(lambda a, b: a | b, [states[name] != 0 for name in columns]))
    yield _event(inputs, states, "since", **{name: states[name] for name in columns})
    ceased = states.filter(states.until < FOREVER)
    yield _event(inputs, ceased, "until", **{name: -ceased[name] for name in columns})


def _with_colleagues(inputs: Inputs) -> Rows:
    """Own touches and, where the document asks for them, those of everybody in the same company, while both were.

    A colleague's coming and going is no fact: `fact` is 0 there, and what is one comes apart.
    """
    asked, own = inputs.asked, inputs.split.mutate(fact=word(int(inputs.split is inputs.own)))
    if not asked.of_company:
        return own
    company_bits = _only(asked, [feature for feature in asked.features if feature.pattern.of])
    makers, mates = _staff(inputs, "their"), _staff(inputs, "mate")
    made = own.rename(maker="contact_id")
    made = made.inner_join(makers, made.maker == makers.their)
    made = overlap(made, made.their_since, made.their_until)
    shared = made.inner_join(mates, [made.their_company == mates.mate_company, made.maker != mates.mate])
    shared = overlap(shared, shared.mate_since, shared.mate_until).rename(contact_id="mate")
    masks = {name: shared[name] & word(bits) for name, bits in company_bits.items()}
    return own.union(shared.mutate(fact=word(0), **masks).select(*own.columns))


def _opening(inputs: Inputs) -> Rows:
    """Touches that may open a passage. One that turns into such by its asset's attribute waits for the next fact."""
    touches = inputs.split
    if touches is inputs.own:
        return touches
    facts = _comings_and_goings(inputs.own).union(_changes(inputs.values("contact")).rename(whose="record"))
    facts = facts.union(_at_work(inputs).rename(whose="contact_id"))
    if inputs.asked.of_company:
        facts = facts.union(_colleagues_facts(inputs).select(whose="contact_id", at="at"))
    facts = facts.union(inputs.moved.select(whose="contact_id", at="rec")).distinct()
    seen = touches.inner_join(
        facts, [touches.contact_id == facts.whose, touches.since <= facts.at, facts.at < touches.until]
    )
    order = ibis.window(group_by=["contact_id", "touch", "since"], order_by=seen.at)
    seen = seen.mutate(place=ibis.row_number().over(order))
    return seen.filter(seen.place == 0).mutate(since="at").select(*touches.columns)


def _colleagues_facts(inputs: Inputs) -> Rows:
    """When a touch of somebody begins or ceases to count, for all who are in the same company at that instant."""
    changes = _comings_and_goings(inputs.own).rename(maker="whose")
    makers, mates = _staff(inputs, "their"), _staff(inputs, "mate")
    made = changes.inner_join(
        makers,
        [changes.maker == makers.their, makers.their_since <= changes.at, changes.at < makers.their_until],
    )
    shared = made.inner_join(
        mates,
        [
            made.their_company == mates.mate_company, made.maker != mates.mate,
            mates.mate_since <= made.at, made.at < mates.mate_until,
        ],
    )  # fmt: skip
    return shared.select("at", contact_id="mate").distinct()


def _comings_and_goings(touches: Rows) -> Rows:
    """When a touch began or ceased to count, for whom: whose, at."""
    ceased = touches.filter(touches.until < FOREVER)
    changes = touches.select(whose="contact_id", at="since").union(ceased.select(whose="contact_id", at="until"))
    return changes.distinct()


def _staff(inputs: Inputs, who: str) -> Rows:
    names = {who: "contact_id", f"{who}_company": "company", f"{who}_since": "since", f"{who}_until": "until"}
    return inputs.employed.rename(names)


__all__ = ["Inputs", "evaluated", "events_of"]
