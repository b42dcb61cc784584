"""Which touches count for whom, from when until when, and what they are of all that is asked."""

import zoneinfo
from datetime import UTC, datetime
from functools import reduce
from itertools import pairwise
from operator import add

import ibis
from ibis import Table as Rows
from ibis import Value

from accord.kernel import fields
from accord.kernel.instants import to_micros
from accord.kernel.warehouse.known import FOREVER
from accord.kernel.warehouse.tables import TRAITS
from accord.rooms.capture.norm import LIST, NAMED, NUMBER, STRING, plain
from accord.rooms.capture.tables import TOUCHES, VERDICTS
from accord.rooms.people.fields import UNASKED
from accord.rooms.people.tables import LINKS
from accord.rooms.scoring.expression import attributes
from accord.rooms.scoring.expression.asked import Asked, Bit, Feature
from accord.rooms.scoring.expression.matching import NEVER, said_of, text_in, value_is, with_properties, word
from accord.rooms.scoring.expression.states import BEFORE_ALL, Tables, latest, newest, overlap, recorded

DAY = 86_400_000_000


def owned(ledger: Tables, k: int) -> Rows:
    """Whose an identity was: identity_id, contact_id, since, until."""
    links = recorded(ledger, LINKS, k).mutate(contact=lambda r: r.contact_id.fill_null(0))
    states = newest(links, ["identity_id"], ["contact"])
    states = states.filter(states.contact.fill_null(0) > 0)
    return states.rename(contact_id="contact", identity="identity_id")


def counting(ledger: Tables, asked: Asked, k: int) -> Rows:
    """touch, contact_id, since, until, occ, the masks, and what a distinct count tells apart.

    A touch counts while it is recorded, its identity is the contact's and it is taken for human.
    """
    touches = recorded(ledger, TOUCHES, k)
    touches = touches.select(
        touch="id", of="identity_id", occ="occurred_at", since="recorded_at", until="gone", machine="machine",
        **masks(touches, asked), **_distinct(touches, asked), **_keys(touches, asked),
    )  # fmt: skip
    links = owned(ledger, k).rename(owned_since="since", owned_until="until")
    linked = touches.inner_join(links, touches.of == links.identity).drop("identity", "of")
    linked = overlap(linked, linked.owned_since, linked.owned_until).drop("owned_since", "owned_until")
    return _human(ledger, linked, k)


def masks(touches: Rows, asked: Asked) -> dict[str, Value]:
    """What a touch is of all that is asked: one column for every 62 bits.

    A touch is looked at by its kind, so that what a pattern says of properties is read of touches of its kinds alone.
    """
    kinds: dict[str, dict[tuple, Bit]] = {}
    for key, bit in asked.bits.items():
        for kind in key[0].kinds:
            kinds.setdefault(kind, {})[key] = bit
    alike: dict[tuple, list[str]] = {}
    for kind, wanted in kinds.items():
        alike.setdefault(tuple(wanted.items()), []).append(kind)
    return {f"m{place}": _mask(touches, place, alike) for place in range(asked.mask_columns)}


def _mask(touches: Rows, place: int, alike: dict[tuple, list[str]]) -> Value:
    branches = []
    for wanted, kinds in alike.items():
        bits = [(key[0], bit.value) for key, bit in wanted if bit.column == place]
        sure = sum(value for pattern, value in bits if not said_of(pattern))
        told = [
            with_properties(touches, pattern).ifelse(word(value), word(0))
            for pattern, value in bits
            if said_of(pattern)
        ]
        branches.append((touches.kind.isin(kinds), reduce(add, told, word(sure))))
    return ibis.cases(*branches, else_=word(0)) if branches else word(0)


def has(mask: Value, bit: Bit) -> Value:
    return (mask & word(bit.value)) != 0


def _human(ledger: Tables, touches: Rows, k: int) -> Rows:
    """By the newest verdict; before the first one by the flag that the touch came with."""
    verdicts = recorded(ledger, VERDICTS, k).select("id", "touch_id", "machine", "recorded_at", "gone")
    judged = verdicts.select("touch_id").distinct()
    every = ledger.table(TOUCHES)
    flagged = every.semi_join(judged, every.id == judged.touch_id).select(
        id=word(-1), touch_id="id", machine="machine", recorded_at=word(BEFORE_ALL), gone=word(FOREVER)
    )
    states = newest(verdicts.union(flagged), ["touch_id"], ["machine"])
    states = states.select(judged="touch_id", judged_machine="machine", human_since="since", human_until="until")
    told = touches.left_join(states, touches.touch == states.judged)
    told = told.filter(~told.judged_machine.fill_null(told.machine))
    told = overlap(told, told.human_since.fill_null(BEFORE_ALL), told.human_until.fill_null(FOREVER))
    return told.drop("machine", "judged", "judged_machine", "human_since", "human_until")


def _keys(touches: Rows, asked: Asked) -> dict[str, Value]:
    return {f"{kind}_key": attributes.key_of(touches, kind) for kind in asked_kinds(asked)}


def asked_kinds(asked: Asked) -> list[str]:
    return [kind for kind in attributes.KINDS if attributes.asked_of(asked, kind)]


def _distinct(touches: Rows, asked: Asked) -> dict[str, Value]:
    return {
        f"v{bit.column}_{bit.value}": value_of(touches, feature, asked.document.zone)
        for feature in asked.features_where(plain=False)
        if feature.distinct and (bit := asked.bit(feature))
    }


def value_of(touches: Rows, feature: Feature, zone: str) -> Value:
    """What a distinct count tells touches apart by; null for one that has none of it."""
    if feature.distinct == "day":
        return local_day(touches.occurred_at, zone).cast("string")
    if feature.distinct == "asset":
        return text_in(touches.norm, NAMED, "asset").nullif("")
    name = plain(feature.distinct or "")
    said = [text_in(touches.norm, mark, name).nullif("") for mark in (LIST, STRING, NUMBER)]
    return ibis.coalesce(said[0], ibis.literal(STRING) + said[1], ibis.literal(NUMBER) + said[2])


def local_day(occ: Value, zone: str) -> Value:
    """Days since 1970 in the zone. Engines know zones differently, so its offsets are written out."""
    shifted = occ + _offset(occ, offsets(zone))
    return (shifted - (shifted % DAY + DAY) % DAY) // DAY


def offsets(zone: str) -> list[tuple[int, int]]:
    """From which instant on, which offset to UTC holds (µs): first the one before everything."""
    of = zoneinfo.ZoneInfo(zone)
    found: list[tuple[int, int]] = []
    for hour in _half_hours_around_changes(of):
        offset = int(hour.astimezone(of).utcoffset().total_seconds() * 1_000_000)  # type: ignore[union-attr]
        if not found or found[-1][1] != offset:
            found.append((to_micros(hour) if found else BEFORE_ALL, offset))
    return found


def _half_hours_around_changes(of: zoneinfo.ZoneInfo) -> list[datetime]:
    first = int(datetime(1970, 1, 1, tzinfo=UTC).timestamp())
    last = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
    days = [datetime.fromtimestamp(at, UTC) for at in range(first, last, 86_400)]
    found = [days[0]]
    for day, following in pairwise(days):
        if day.astimezone(of).utcoffset() != following.astimezone(of).utcoffset():
            start = int(day.timestamp())
            found += [datetime.fromtimestamp(start + minutes * 60, UTC) for minutes in range(0, 1441, 15)]
    return found


def _offset(occ: Value, steps: list[tuple[int, int]]) -> Value:
    """A balanced choice: a century of changes is eight comparisons deep."""
    if len(steps) == 1:
        return word(steps[0][1])
    middle = len(steps) // 2
    return (occ < word(steps[middle][0])).ifelse(_offset(occ, steps[:middle]), _offset(occ, steps[middle:]))


def values(ledger: Tables, kind: str, k: int) -> Rows:
    """The standing and the retracted values of contacts or companies, with `gone`."""
    rows = recorded(ledger, TRAITS, k)
    return rows.filter(rows.kind == kind, rows.field.notin(UNASKED[kind]))


def field_masks(rows: Rows, asked: Asked, kind: str) -> dict[str, Value]:
    """Which field conditions a value of its field satisfies."""
    types = {slug: field.type for slug, field in fields.of(kind).items()}
    columns: dict[int, list[Value]] = {place: [] for place in range(asked.field_columns)}
    for condition, bit in asked.fields.items():
        if condition.kind == kind and condition.slug in types:
            holds = (rows.field == condition.slug) & value_is(rows, condition, types[condition.slug])
            columns[bit.column].append(holds.fill_null(NEVER).ifelse(word(bit.value), word(0)))
    return {f"d{place}": reduce(add, bits, word(0)) for place, bits in columns.items()}


def asked_slugs(asked: Asked, kind: str) -> list[str]:
    return sorted({condition.slug for condition in asked.fields if condition.kind == kind})


def field_states(rows: Rows, asked: Asked, kind: str) -> Rows:
    """record, since, until and the masks of what held then, of those fields that are asked."""
    wanted = rows.filter(rows.field.isin([*asked_slugs(asked, kind), ""]))
    states = latest(wanted, ["record", "field"], ["norm", "number"])
    return states.select("record", "since", "until", **field_masks(states, asked, kind))


def held(rows: Rows, t: int, k: int) -> Rows:
    """The value of each field of each record as of `t`, known at `k`: record, field, norm, number."""
    then = rows.filter(rows.gone > word(k), rows.occurred_at <= word(t))
    order = [then.occurred_at.desc(), then.recorded_at.desc(), then.id.desc()]
    placed = then.mutate(place=ibis.row_number().over(ibis.window(group_by=["record", "field"], order_by=order)))
    return placed.filter(placed.place == 0, placed.norm.notnull()).select("record", "field", "norm", "number")


def employment(rows: Rows) -> Rows:
    """In which company a contact was: contact_id, company, since, until."""
    states = latest(rows.filter(rows.field == "company"), ["record", "field"], ["number"])
    states = states.filter(states.number.notnull())
    return states.select("since", "until", contact_id="record", company=states.number.cast("int64"))
