"""Rows out of the operational database into files: the scanner where it can be used, a plain cursor everywhere."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection
from psycopg.conninfo import make_conninfo

from accord.kernel.warehouse.engine import memory_limit, threads
from accord.kernel.warehouse.tables import Table

CHUNK = 50_000
WORTH_A_PROCESS = 20_000  # below, a cursor is done before the scanner's process has started
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """Rows of an append-only table with `low` < id <= `high`, and the file that they go to."""

    table: Table
    low: int
    high: int
    path: Path


@dataclass(frozen=True)
class Fixed:
    """What one statement saw, and therefore one snapshot: the ledger's last instant, its last fact, the highest ids."""

    instant: int | None
    mark: list[int]
    high: dict[str, int]


def fixed(tables: Sequence[Table], mark: Sequence[int]) -> tuple[Fixed, bool]:
    """The highest ids, and whether the fact of an earlier mark is still the one that it was."""
    at = "last" if connection.vendor != "postgresql" else "(extract(epoch FROM last) * 1000000)::bigint"
    stored = "stored_at" if connection.vendor != "postgresql" else "(extract(epoch FROM stored_at) * 1000000)::bigint"
    asked = [
        f"(SELECT {at} FROM ledger_instant WHERE id = 1)",
        "(SELECT max(id) FROM fact)",
        f"(SELECT {stored} FROM fact WHERE id = (SELECT max(id) FROM fact))",
        f"(SELECT {stored} FROM fact WHERE id = {int(mark[0]) if mark else 0})",
        *(f'(SELECT max(id) FROM "{table.source}")' for table in tables),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(asked))
        instant, last, last_stored, mark_stored, *high = cursor.fetchone()
    names = [table.name for table in tables]
    seen = Fixed(instant, [last, last_stored] if last else [], {n: h or 0 for n, h in zip(names, high, strict=True)})
    return seen, not mark or mark_stored == mark[1]


def export(wanted: Sequence[Wanted], alive: Callable[[], Any]) -> None:
    """Write every file; `alive` is called now and then while it lasts."""
    rows = sum(want.high - want.low for want in wanted)
    if rows >= WORTH_A_PROCESS and scannable() and scan(wanted, alive):
        return
    for want in wanted:
        copy(want)
        alive()


def scannable() -> bool:
    """The scanner reads what is committed, from a file or a server."""
    if connection.in_atomic_block:
        return False
    return connection.vendor == "postgresql" or Path(connection.settings_dict["NAME"]).is_file()


def scan(wanted: Sequence[Wanted], alive: Callable[[], Any]) -> bool:
    """By DuckDB's scanner in a process of its own; False where it could not."""
    command = [sys.executable, "-P", str(Path(__file__).with_name("scanner.py"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin
        assert child.stdout
        assert child.stderr
        child.stdin.write(json.dumps(_order(wanted)))
        child.stdin.close()
        for _line in child.stdout:
            alive()
        complaint = child.stderr.read()
    if child.returncode:
        log.warning("the scanner could not be used, a plain cursor does it: %s", complaint.strip().splitlines()[-1:])
    return child.returncode == 0


def copy(want: Wanted) -> None:
    """By a plain cursor, in chunks of ids."""
    with pq.ParquetWriter(want.path, want.table.schema) as writer:
        for chunk in _chunks(want):
            writer.write_table(chunk)


def _chunks(want: Wanted) -> Iterator[pa.Table]:
    columns = ", ".join(column.read(connection.vendor) for column in want.table.columns)
    sql = f'SELECT {columns} FROM "{want.table.source}" WHERE id > %s AND id <= %s ORDER BY id'
    for low in range(want.low, want.high, CHUNK):
        with connection.cursor() as cursor:
            cursor.execute(sql, [low, min(low + CHUNK, want.high)])
            yield want.table.arrow(cursor.fetchall())


def labels(table: Table) -> pa.Table:
    """A small table, whole."""
    columns = ", ".join(column.read(connection.vendor) for column in table.columns)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {columns} FROM "{table.source}" ORDER BY id')
        return table.arrow(cursor.fetchall())


def _order(wanted: Sequence[Wanted]) -> dict[str, Any]:
    postgres = connection.vendor == "postgresql"
    return {
        "kind": "postgres" if postgres else "sqlite",
        "attach": f"ATTACH {_quoted(_source())} AS source (TYPE {'postgres' if postgres else 'sqlite'}, READ_ONLY)",
        "statements": [_statement(want) for want in wanted],
        "threads": threads(),
        "memory_limit": memory_limit(),
    }


def _source() -> str:
    if connection.vendor != "postgresql":
        return str(connection.settings_dict["NAME"])
    connection.ensure_connection()
    info = connection.connection.info
    return make_conninfo(info.dsn, password=info.password) if info.password else info.dsn


def _statement(want: Wanted) -> str:
    """The database itself looks up the ids by their index: a filter over an attached table would read all of it."""
    vendor = connection.vendor
    inner = ", ".join(f'{column.scanned(vendor)} AS "{column.name}"' for column in want.table.columns)
    query = f'SELECT {inner} FROM "{want.table.source}" WHERE id > {want.low} AND id <= {want.high} ORDER BY id'
    outer = ", ".join(column.cast(vendor) for column in want.table.columns)
    reader = "postgres_query" if vendor == "postgresql" else "sqlite_query"
    return (
        f"COPY (SELECT {outer} FROM {reader}('source', {_quoted(query)})) TO {_quoted(str(want.path))} (FORMAT parquet)"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
