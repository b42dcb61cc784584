"""What was known at an instant, as expressions over tables of the mirror. Instants are microseconds.

`t` is the as-of instant, `k` the known-at instant; AGREEMENT.md calls them so. The expressions keep to what
every engine has: no ASOF join, no distinct count over a window, row numbers instead of ordered aggregates.
"""

from typing import Protocol

import ibis
from ibis import Table as Rows
from ibis import Value

from accord.kernel import instants
from accord.kernel.instants import to_micros
from accord.kernel.warehouse.lasting import Extent
from accord.kernel.warehouse.tables import RETRACTIONS, Table

FOREVER = to_micros(instants.FOREVER)  # intervals end there, never with NULL


class Tables(Protocol):
    """A generation of the mirror, or anything else that has its tables."""

    def table(self, of: Table) -> Rows: ...


def standing(generation: Tables, table: Table, k: int) -> Rows:
    """Rows of a ledger table that were recorded by `k` and not retracted by then, singly or with their whole fact."""
    rows = generation.table(table)
    retractions = recorded(generation.table(RETRACTIONS), k)
    row = retractions.filter(retractions.table == table.source).select(retracted_row="row_id").distinct()
    fact = (
        retractions.filter(retractions.retracted_fact_id.notnull())
        .select(retracted_fact="retracted_fact_id")
        .distinct()
    )
    known = recorded(rows, k)
    known = known.anti_join(row, known.id == row.retracted_row)
    return known.anti_join(fact, known.fact_id == fact.retracted_fact)


def with_end(generation: Tables, table: Table, after: int = 0) -> Rows:
    """All rows of a ledger table with ids over `after`, with `gone`: when each was retracted, singly or with its fact,
    or FOREVER. Those that stand at `k` were recorded by then, and are gone later.
    """
    rows, retractions = generation.table(table), generation.table(RETRACTIONS)
    rows = rows.filter(rows.id > after)
    row = retractions.filter(retractions.table == table.source).group_by("row_id")
    fact = retractions.filter(retractions.retracted_fact_id.notnull()).group_by("retracted_fact_id")
    row = row.aggregate(row_gone=retractions.recorded_at.min())
    fact = fact.aggregate(fact_gone=retractions.recorded_at.min())
    ended = rows.left_join(row, rows.id == row.row_id)
    ended = ended.left_join(fact, ended.fact_id == fact.retracted_fact_id)
    gone = ibis.least(ibis.coalesce(ended.row_gone, FOREVER), ibis.coalesce(ended.fact_gone, FOREVER))
    return ended.mutate(gone=gone)


def retracted_since(generation: Tables, table: Table, before: Extent) -> Rows:
    """Rows of a ledger table that were there before and were retracted since, singly or with their whole fact."""
    rows, retractions = generation.table(table), generation.table(RETRACTIONS)
    rows = rows.filter(rows.id <= before.high[table.name])
    since = retractions.filter(retractions.id > before.high[RETRACTIONS.name])
    row = since.filter(since.table == table.source).select(retracted_row="row_id")
    fact = since.filter(since.retracted_fact_id.notnull()).select(retracted_fact="retracted_fact_id")
    singly = rows.semi_join(row, rows.id == row.retracted_row)
    return singly.union(rows.semi_join(fact, rows.fact_id == fact.retracted_fact))


def recorded(rows: Rows, k: int) -> Rows:
    return rows.filter(rows.recorded_at <= instant(k))


def newest(rows: Rows, key: str) -> Rows:
    """The last recorded row of each key; of equal instants the later written. For links and verdicts."""
    return _first(rows, [key], [rows.recorded_at.desc(), rows.id.desc()])


def values(traits: Rows, t: int, *, kind: str | None = None, field: str | None = None) -> Rows:
    """The known values of fields as of `t`, of standing traits, one row a (kind, record, field).

    The greatest `occurred_at` holds; of equals the later recorded, then the later id. An empty value means
    unknown from then on, and has no row.
    """
    then = traits.filter(traits.occurred_at <= instant(t))
    then = then.filter(then.kind == kind) if kind else then
    then = then.filter(then.field == field) if field else then
    order = [then.occurred_at.desc(), then.recorded_at.desc(), then.id.desc()]
    keys = [name for name, given in (("kind", kind), ("record", None), ("field", field)) if not given]
    latest = _first(then, keys, order)
    return latest.filter(latest.text.notnull())


def instant(micros: int) -> Value:
    return ibis.literal(micros, "int64")


def _first(rows: Rows, keys: list[str], order: list[Value]) -> Rows:
    place = ibis.row_number().over(ibis.window(group_by=keys, order_by=order))
    placed = rows.mutate(place=place)
    return placed.filter(placed.place == 0).drop("place")
