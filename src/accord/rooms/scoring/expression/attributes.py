"""What is asked of the assets and campaigns that touches name: their attributes are dated like any field.

A touch's time is cut where an attribute changes; that is no fact of anybody.
"""

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import Any

import ibis
from ibis import Table as Rows
from ibis import Value

from accord.kernel import fields
from accord.kernel.warehouse.known import FOREVER
from accord.kernel.warehouse.tables import TRAITS, Table
from accord.rooms.agreement.document.conditions import OfAsset, OfCampaign, OfField, OfProperty, Touches
from accord.rooms.campaigns.tables import CAMPAIGNS
from accord.rooms.capture.norm import NAMED
from accord.rooms.content.tables import ASSETS
from accord.rooms.scoring.expression.asked import Asked, Bit
from accord.rooms.scoring.expression.matching import NEVER, text_in, value_is, word
from accord.rooms.scoring.expression.states import BEFORE_ALL, Tables, latest, overlap, recorded

KINDS: dict[str, tuple[Any, Table]] = {"asset": (OfAsset, ASSETS), "campaign": (OfCampaign, CAMPAIGNS)}


def asked_of(asked: Asked, kind: str) -> dict[OfField, Bit]:
    """The conditions on attributes, in their positive form, each with its bit of the record's masks."""
    about, _table = KINDS[kind]
    wheres = [one for key in asked.bits for one in key[0].where if isinstance(one, about)]
    return {one: Bit.at(place) for place, one in enumerate(dict.fromkeys(map(of_field, wheres)))}


def _masks_of(kind: str, wanted: dict[OfField, Bit]) -> list[str]:
    return [f"{kind}_mask{place}" for place in sorted({bit.column for bit in wanted.values()})]


def of_field(condition: OfProperty | OfAsset | OfCampaign) -> OfField:
    """The condition on a touch's asset or campaign as one on a field of that record, in its positive form."""
    kind = "asset" if isinstance(condition, OfAsset) else "campaign"
    name = getattr(condition, kind)
    wanted: dict[str, Any] = {"known": True} if condition.operator == "known" else condition.given()
    values: dict[str, Any] = {_attribute(op): value for op, value in wanted.items()}
    return OfField.model_construct(None, field=f"{kind}.{name}", **values)


def _attribute(operator: str) -> str:
    return f"{operator}_" if operator in ("is", "in") else operator


def key_of(touches: Rows, kind: str) -> Value:
    return text_in(touches.norm, NAMED, kind)


def at(ledger: Tables, touches: Rows, asked: Asked, values: Callable[[Rows], Rows], k: int) -> Rows:
    """Touches by what their asset and campaign are at one moment. `values` gives what holds then."""
    for kind in KINDS:
        if wanted := asked_of(asked, kind):
            rows = _attributes(ledger, kind, wanted, k)
            records = ledger.table(KINDS[kind][1]).select(its="id", its_key="key")
            held = values(rows)
            names = _masks_of(kind, wanted)
            held = held.mutate(**_masks(held, kind, wanted))
            held = held.group_by("record").aggregate(**{name: held[name].sum() for name in names})
            held = held.inner_join(records, held.record == records.its).select("its_key", *names)
            joined = touches.left_join(held, touches[f"{kind}_key"] == held.its_key)
            touches = joined.select(*touches.columns, **{name: joined[name].fill_null(0) for name in names})
            touches = _without(touches, asked, kind, wanted)
    return touches


def cut(ledger: Tables, touches: Rows, asked: Asked, k: int) -> Rows:
    """Touches by what their asset and campaign were; bits of patterns that ask for something else go out."""
    for kind in KINDS:
        if wanted := asked_of(asked, kind):
            touches = _without(_cut(ledger, touches, kind, wanted, k), asked, kind, wanted)
    return touches


def _without(touches: Rows, asked: Asked, kind: str, wanted: dict[OfField, Bit]) -> Rows:
    """Without the bits of those patterns whose asset or campaign is not as they ask."""
    names = [f"m{place}" for place in range(asked.mask_columns)]
    masks = {name: _kept(touches, asked, kind, wanted, name) for name in names}
    return touches.mutate(**masks).drop(*_masks_of(kind, wanted))


def _attributes(ledger: Tables, kind: str, wanted: dict[OfField, Bit], k: int) -> Rows:
    rows = recorded(ledger, TRAITS, k)
    return rows.filter(rows.kind == kind, rows.field.isin(sorted({one.slug for one in wanted})))


def _kept(touches: Rows, asked: Asked, kind: str, wanted: dict[OfField, Bit], column: str) -> Value:
    mask = touches[column]
    for key, bit in asked.bits.items():
        if f"m{bit.column}" == column and any(isinstance(one, KINDS[kind][0]) for one in key[0].where):
            holds = _holds(touches, key[0], kind, wanted)
            mask = mask & holds.ifelse(word(-1), word(~bit.value))  # named once: twice doubles what is said each time
    return mask


def _holds(touches: Rows, pattern: Touches, kind: str, wanted: dict[OfField, Bit]) -> Value:
    parts = []
    for one in pattern.where:
        if isinstance(one, KINDS[kind][0]):
            bit = wanted[of_field(one)]
            holds = (touches[f"{kind}_mask{bit.column}"] & word(bit.value)) != 0
            parts.append(~holds if one.operator == "known" and not one.value else holds)
    return reduce(and_, parts)


def _cut(ledger: Tables, touches: Rows, kind: str, wanted: dict[OfField, Bit], k: int) -> Rows:
    names = _masks_of(kind, wanted)
    records = ledger.table(KINDS[kind][1]).select(record="id", its_key="key")
    states = _states(ledger, kind, wanted, k).rename(its="record")
    states = states.inner_join(records, states.its == records.record)
    states = states.select("its_key", *names, its_since="since", its_until="until")
    named = states.select("its_key").distinct()
    column = f"{kind}_key"
    there = touches.inner_join(states, touches[column] == states.its_key)
    there = overlap(there, there.its_since, there.its_until)
    there = there.select(*touches.columns, *names)
    others = touches.anti_join(named, touches[column] == named.its_key)
    others = others.mutate(**{name: word(0) for name in names})
    return there.union(others)


def _states(ledger: Tables, kind: str, wanted: dict[OfField, Bit], k: int) -> Rows:
    """record, since, until and the masks: all attributes of a record together, from ever."""
    names = _masks_of(kind, wanted)
    single = latest(_attributes(ledger, kind, wanted, k), ["record", "field"], ["norm", "number"])
    single = single.mutate(**_masks(single, kind, wanted))
    began = single.select("record", *names, t="since")
    ceased = single.filter(single.until < FOREVER)
    ceased = ceased.select("record", **{name: -ceased[name] for name in names}, t="until")
    ever = single.select("record").distinct()
    ever = ever.select("record", **{name: word(0) for name in names}, t=word(BEFORE_ALL))
    changes = began.union(ceased).union(ever)
    changes = changes.group_by("record", "t").aggregate(**{name: changes[name].sum() for name in names})
    order = ibis.window(group_by="record", order_by=changes.t)
    until_here = ibis.window(group_by="record", order_by=changes.t, rows=(None, 0))
    masks = {name: changes[name].sum().over(until_here) for name in names}
    states = changes.select("record", **masks, since="t", until=changes.t.lead().over(order))
    return states.mutate(until=states.until.fill_null(FOREVER))


def _masks(single: Rows, kind: str, wanted: dict[OfField, Bit]) -> dict[str, Value]:
    types = {slug: field.type for slug, field in fields.of(kind).items()}
    masks = {name: word(0) for name in _masks_of(kind, wanted)}
    for condition, bit in wanted.items():
        if condition.slug in types:
            holds = (single.field == condition.slug) & value_is(single, condition, types[condition.slug])
            masks[f"{kind}_mask{bit.column}"] += holds.fill_null(NEVER).ifelse(word(bit.value), word(0))
    return masks
