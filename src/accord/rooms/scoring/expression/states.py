"""Rows of the ledger as states: what held from when until when, by what was known at each instant.

Instants are microseconds. A state holds from `since` up to, but not at, `until`; the last ones until FOREVER.
"""

from collections.abc import Sequence

import ibis
from ibis import Table as Rows
from ibis import Value

from accord.kernel.warehouse.known import FOREVER, Tables, instant
from accord.kernel.warehouse.tables import RETRACTIONS, Table

BEFORE_ALL = -(2**62)
LONGEST = 2**61  # µs, over 70,000 years: an instant and what lasts so long are still a 64-bit integer together


def recorded(ledger: Tables, table: Table, k: int) -> Rows:
    """The rows known at `k`, each with `gone`: when it was retracted, singly or with its whole fact, by `k`."""
    rows, retractions = ledger.table(table), ledger.table(RETRACTIONS)
    rows, retractions = (
        rows.filter(rows.recorded_at <= instant(k)),
        retractions.filter(retractions.recorded_at <= instant(k)),
    )
    single = retractions.filter(retractions.table == table.source, retractions.row_id.notnull())
    single = single.group_by(gone_row="row_id").aggregate(row_gone=lambda r: r.recorded_at.min())
    whole = retractions.filter(retractions.retracted_fact_id.notnull())
    whole = whole.group_by(gone_fact="retracted_fact_id").aggregate(fact_gone=lambda r: r.recorded_at.min())
    rows = rows.left_join(single, rows.id == single.gone_row)
    rows = rows.left_join(whole, rows.fact_id == whole.gone_fact)
    gone = ibis.least(rows.row_gone.fill_null(FOREVER), rows.fact_gone.fill_null(FOREVER))
    rows = rows.mutate(gone=ibis.greatest(gone, rows.recorded_at))
    return rows.drop("gone_row", "row_gone", "gone_fact", "fact_gone").filter(lambda r: r.gone > r.recorded_at)


def newest(rows: Rows, keys: Sequence[str], values: Sequence[str]) -> Rows:
    """For each key, what its newest row said: of equal instants the later written. `values` are null where none."""
    return _closed(_points(rows, keys, values, ["recorded_at", "id"], rows), keys, values, collapse=True)


def latest(rows: Rows, keys: Sequence[str], values: Sequence[str]) -> Rows:
    """For each key the value that was true last, by what was known: a late one does not overwrite a newer one."""
    before = ibis.window(group_by=list(keys), order_by=[rows.recorded_at, rows.id], rows=(None, -1))
    placed = rows.mutate(newest_before=rows.occurred_at.max().over(before))
    starting = placed.filter(placed.newest_before.isnull() | (placed.occurred_at >= placed.newest_before))
    points = _points(rows, keys, values, ["occurred_at", "recorded_at", "id"], starting.drop("newest_before"))
    return _closed(points, keys, values, collapse=False)


def _points(rows: Rows, keys: Sequence[str], values: Sequence[str], order: Sequence[str], starting: Rows) -> Rows:
    """Where a key's value may change: `since`, and what it is from then on. A retraction brings an older one back."""
    disturbed = rows.filter(rows.gone < FOREVER).select(*keys).distinct()
    calm = starting.anti_join(disturbed, list(keys))
    calm = calm.select(*keys, *values, since="recorded_at", turn="id")
    unsettled = rows.semi_join(disturbed, list(keys))
    came = unsettled.select(*keys, since="recorded_at")
    went = unsettled.filter(unsettled.gone < FOREVER).select(*keys, since="gone")
    changes = came.union(went).distinct()
    changes = changes.rename({f"{key}_at": key for key in keys})
    on = [changes[f"{key}_at"] == unsettled[key] for key in keys]
    held = changes.left_join(unsettled, [*on, unsettled.recorded_at <= changes.since, changes.since < unsettled.gone])
    best = ibis.window(
        group_by=[*(f"{key}_at" for key in keys), "since"],
        order_by=[ibis.desc(ibis.coalesce(held[name], BEFORE_ALL)) for name in order],
    )
    chosen = held.mutate(place=ibis.row_number().over(best))
    chosen = chosen.filter(chosen.place == 0)
    chosen = chosen.select(
        **{key: chosen[f"{key}_at"] for key in keys},
        **{value: chosen[value] for value in values},
        since=chosen.since,
        turn=chosen.id.fill_null(0),
    )
    return calm.union(chosen)


def _closed(points: Rows, keys: Sequence[str], values: Sequence[str], *, collapse: bool) -> Rows:
    """Points as states. What would hold for no time at all falls out; with `collapse` also what changes nothing."""
    order = ibis.window(group_by=list(keys), order_by=[points.since, points.turn])
    states = points.mutate(until=points.since.lead().over(order).fill_null(FOREVER))
    states = states.filter(states.until > states.since)
    if not collapse:
        return states.drop("turn")
    order = ibis.window(group_by=list(keys), order_by=[states.since])
    (value,) = values
    states = states.mutate(before=states[value].lag().over(order), place=ibis.row_number().over(order))
    states = states.filter((states.place == 0) | ~states[value].identical_to(states.before))
    order = ibis.window(group_by=list(keys), order_by=[states.since])
    states = states.mutate(until=states.since.lead().over(order).fill_null(FOREVER))
    return states.drop("turn", "before", "place")


def overlap(of: Rows, since: Value, until: Value) -> Rows:
    """Cut intervals to another one; what is left of nothing falls out."""
    cut = of.mutate(since=ibis.greatest(of.since, since), until=ibis.least(of.until, until))
    return cut.filter(cut.since < cut.until)


def micros(days: float) -> int:
    """Days of windows and waits have 86,400 s."""
    return round(days * 86_400_000_000)


def span(days: float) -> int:
    """A window or a wait: whoever writes a thousand million days means for ever."""
    return round(min(days * 86_400_000_000, LONGEST))
