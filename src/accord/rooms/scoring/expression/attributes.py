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
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.expression.matching import NEVER, text_in, value_is, word
from accord.rooms.scoring.expression.states import BEFORE_ALL, Tables, latest, overlap, recorded

KINDS: dict[str, tuple[Any, Table]] = {"asset": (OfAsset, ASSETS), "campaign": (OfCampaign, CAMPAIGNS)}


def asked_of(asked: Asked, kind: str) -> dict[OfField, int]:
    """The conditions on attributes, in their positive form, each with the bit of the record's mask."""
    about, _table = KINDS[kind]
    wheres = [one for key in asked.bits for one in key[0].where if isinstance(one, about)]
    return {one: 1 << place for place, one in enumerate(dict.fromkeys(map(of_field, wheres)))}


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
            held = held.mutate(mask=_mask(held, kind, wanted))
            held = held.group_by("record").aggregate(mask=held.mask.sum())
            held = held.inner_join(records, held.record == records.its).select("its_key", "mask")
            joined = touches.left_join(held, touches[f"{kind}_key"] == held.its_key)
            touches = joined.select(*touches.columns, **{f"{kind}_mask": joined.mask.fill_null(0)})
            touches = _without(touches, asked, kind, wanted)
    return touches


def cut(ledger: Tables, touches: Rows, asked: Asked, k: int) -> Rows:
    """Touches by what their asset and campaign were; bits of patterns that ask for something else go out."""
    for kind in KINDS:
        if wanted := asked_of(asked, kind):
            touches = _without(_cut(ledger, touches, kind, wanted, k), asked, kind, wanted)
    return touches


def _without(touches: Rows, asked: Asked, kind: str, wanted: dict[OfField, int]) -> Rows:
    """Without the bits of those patterns whose asset or campaign is not as they ask."""
    names = [f"m{place}" for place in range(asked.mask_columns)]
    masks = {name: _kept(touches, asked, kind, wanted, name) for name in names}
    return touches.mutate(**masks).drop(f"{kind}_mask")


def _attributes(ledger: Tables, kind: str, wanted: dict[OfField, int], k: int) -> Rows:
    rows = recorded(ledger, TRAITS, k)
    return rows.filter(rows.kind == kind, rows.field.isin(sorted({one.slug for one in wanted})))


def _kept(touches: Rows, asked: Asked, kind: str, wanted: dict[OfField, int], column: str) -> Value:
    mask = touches[column]
    for key, bit in asked.bits.items():
        if f"m{bit.column}" == column and any(isinstance(one, KINDS[kind][0]) for one in key[0].where):
            holds = _holds(touches[f"{kind}_mask"], key[0], kind, wanted)
            mask = holds.ifelse(mask, mask & word(~bit.value))
    return mask


def _holds(mask: Value, pattern: Touches, kind: str, wanted: dict[OfField, int]) -> Value:
    parts = []
    for one in pattern.where:
        if isinstance(one, KINDS[kind][0]):
            bit = (mask & word(wanted[of_field(one)])) != 0
            parts.append(~bit if one.operator == "known" and not one.value else bit)
    return reduce(and_, parts)


def _cut(ledger: Tables, touches: Rows, kind: str, wanted: dict[OfField, int], k: int) -> Rows:
    records = ledger.table(KINDS[kind][1]).select(record="id", its_key="key")
    states = _states(ledger, kind, wanted, k).rename(its="record")
    states = states.inner_join(records, states.its == records.record)
    states = states.select("its_key", "mask", its_since="since", its_until="until")
    named = states.select("its_key").distinct()
    column = f"{kind}_key"
    there = touches.inner_join(states, touches[column] == states.its_key)
    there = overlap(there, there.its_since, there.its_until)
    there = there.select(*touches.columns, **{f"{kind}_mask": there.mask})
    others = touches.anti_join(named, touches[column] == named.its_key).mutate(**{f"{kind}_mask": word(0)})
    return there.union(others)


def _states(ledger: Tables, kind: str, wanted: dict[OfField, int], k: int) -> Rows:
    """record, since, until, mask: all attributes of a record together, from ever."""
    single = latest(_attributes(ledger, kind, wanted, k), ["record", "field"], ["norm", "number"])
    single = single.mutate(mask=_mask(single, kind, wanted))
    began = single.select("record", t="since", change="mask")
    ceased = single.filter(single.until < FOREVER).select("record", t="until", change=-single.mask)
    ever = single.select("record").distinct().select("record", t=word(BEFORE_ALL), change=word(0))
    changes = began.union(ceased).union(ever).group_by("record", "t").aggregate(change=lambda r: r.change.sum())
    order = ibis.window(group_by="record", order_by=changes.t)
    until_here = ibis.window(group_by="record", order_by=changes.t, rows=(None, 0))
    states = changes.mutate(mask=changes.change.sum().over(until_here), until=changes.t.lead().over(order))
    return states.select("record", since="t", until=states.until.fill_null(FOREVER), mask="mask")


def _mask(single: Rows, kind: str, wanted: dict[OfField, int]) -> Value:
    types = {slug: field.type for slug, field in fields.of(kind).items()}
    mask = word(0)
    for condition, bit in wanted.items():
        if condition.slug in types:
            holds = (single.field == condition.slug) & value_is(single, condition, types[condition.slug])
            mask = mask + holds.fill_null(NEVER).ifelse(word(bit), word(0))
    return mask
