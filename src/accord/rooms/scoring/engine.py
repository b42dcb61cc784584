"""The engine of the fast path: a statement is planned once, and then run over other rows again and again.

Nearly all of the time of a small batch goes into planning, so plans are kept. That asks for four things:
a statement has a connection of its own, since any new table there makes all its plans void; its tables are filled and
emptied by a transaction that is rolled back, so that nothing piles up in them; no plan may rely on what stood in the
tables when it was made; and batches of another order of size get a plan of their own.
One engine a thread, kept: threads that share a connection hang or fail, and a new one for each batch doubles the time.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

NOW = 8_888_888_888_888_888_888  # stands in compiled SQL for an instant that is told with each run
KEPT = 16  # plans of a thread: the versions in force and what pages ask of them
_NOW = "asked_now"
# These read the least and the greatest value of each column when they plan, and would take them for good.
_UNSAFE = "statistics_propagation"

Found = list[dict[str, Any]]


@dataclass(frozen=True)
class Statement:
    """Parts that are put aside first, in order, and what is asked of them."""

    parts: tuple[tuple[str, str], ...]
    asks: tuple[str, ...]

    @classmethod
    def of(cls, parts: Iterable[tuple[str, str]], *asks: str) -> "Statement":
        """NOW in what is asked is read from a table: a plan is good for every instant."""
        return cls(tuple(parts), tuple(one.replace(str(NOW), f'(SELECT "at" FROM "{_NOW}")') for one in asks))

    def reads(self, table: str) -> bool:
        """Only these are filled."""
        return any(f'"{table}"' in sql for sql in (*self.asks, *(sql for _name, sql in self.parts)))


class _Source:
    """What a table is filled from next."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.rows.__arrow_c_stream__(requested_schema)


class _Planned:
    """A statement over its own tables, planned with the first rows that it meets."""

    def __init__(self, root: duckdb.DuckDBPyConnection, statement: Statement, tables: Mapping[str, pa.Table]) -> None:
        self.own, self.statement = root.cursor(), statement
        self.sources: dict[str, _Source] = {}
        self.planned: set[str] = set()
        for name, rows in tables.items():
            if not statement.reads(name):
                continue
            self.sources[name] = _Source(rows)
            self.own.register(_next(name), self.sources[name])
            self.own.execute(f'CREATE TEMP TABLE "{name}" AS FROM "{_next(name)}" LIMIT 0')
        for name, sql in statement.parts:
            self.own.execute(f'CREATE TEMP TABLE "{name}" AS {sql} LIMIT 0')
        for name in self.sources:
            self.own.execute(f'PREPARE "{_fill(name)}" AS INSERT INTO "{name}" FROM "{_next(name)}"')

    def run(self, tables: Mapping[str, pa.Table], many: int) -> list[Found]:
        self.own.execute("BEGIN")
        try:
            self._fill(tables)
            for place, (name, sql) in enumerate(self.statement.parts):
                self._do(f"part_{place}", f'INSERT INTO "{name}" {sql}')
            asks = enumerate(self.statement.asks[:many])
            return [self._do(f"ask_{place}", sql).to_arrow_table().to_pylist() for place, sql in asks]
        finally:
            self.own.execute("ROLLBACK")

    def close(self) -> None:
        self.own.close()

    def _fill(self, tables: Mapping[str, pa.Table]) -> None:
        for name, source in self.sources.items():
            if (rows := tables[name]).num_rows:
                source.rows = rows
                self.own.execute(f'EXECUTE "{_fill(name)}"')
            source.rows = rows.slice(0, 0)  # nobody's rows are kept

    def _do(self, name: str, sql: str) -> duckdb.DuckDBPyConnection:
        """Planned when what it reads stands in its tables: how many rows there are decides on a plan."""
        if name not in self.planned:
            self.own.execute(f"PREPARE {name} AS {sql}")
            self.planned.add(name)
        return self.own.execute(f"EXECUTE {name}")


_engines = threading.local()


def run(statement: Statement, tables: Mapping[str, pa.Table], now: int = 0) -> Found:
    """The rows that the first question of a statement finds in these tables; `now` is what it asks for as NOW."""
    return run_all(statement, tables, now, 1)[0]


def run_all(statement: Statement, tables: Mapping[str, pa.Table], now: int, many: int | None = None) -> list[Found]:
    """What each of its questions finds, or the first so many."""
    there = {**tables, _NOW: pa.table({"at": pa.array([now], pa.int64())})}
    return _planned(statement, there).run(there, len(statement.asks) if many is None else many)


def _planned(statement: Statement, tables: Mapping[str, pa.Table]) -> _Planned:
    if not hasattr(_engines, "root"):
        _engines.root = duckdb.connect(":memory:", config={"threads": 1, "disabled_optimizers": _UNSAFE})
        _engines.kept = OrderedDict()
    kept: OrderedDict[Any, _Planned] = _engines.kept
    key = statement, _size(tables), tuple((name, rows.schema) for name, rows in tables.items())
    if key not in kept:
        kept[key] = _Planned(_engines.root, statement, tables)
        while len(kept) > KEPT:
            kept.popitem(last=False)[1].close()
    kept.move_to_end(key)
    return kept[key]


def _size(tables: Mapping[str, pa.Table]) -> int:
    """Of what order of a hundred the rows are."""
    return len(str(sum(rows.num_rows for rows in tables.values()))) // 2


def _next(name: str) -> str:
    return f"{name}, next"


def _fill(name: str) -> str:
    return f"fill {name}"
