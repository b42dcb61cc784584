"""The mirror: the newest generation holds every row of the ledger up to where it says, once."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pyarrow.parquet as pq
from django.db import connection

from accord.kernel.audit.invariants import Findings, Invariant
from accord.kernel.audit.stretches import ask
from accord.kernel.warehouse import manifest, mirror
from accord.kernel.warehouse.manifest import Manifest
from accord.kernel.warehouse.tables import Table, kept

BATCH = 50_000


def _mirror(findings: Findings) -> None:
    # What nobody has committed is in no generation, so inside a transaction there is nothing to compare.
    newest = None if connection.in_atomic_block else manifest.current(mirror.folder())
    if newest is None:
        return
    for table in kept():
        if table.append_only and table.name in newest.tables:
            _table(findings, table, newest)


def _table(findings: Findings, table: Table, newest: Manifest) -> None:
    """Both sides in the order of ids, a batch at a time. The files are in that order."""
    low = 0
    for file in newest.tables[table.name].files:
        seen = 0
        for ids in chain(_ids(mirror.folder() / file.name), [[]]):
            high = max(ids[-1], low) if ids else max(file.high, low)
            rows = ask(f'SELECT id FROM "{table.source}" WHERE id > %(low)s AND id <= %(high)s', low=low, high=high)
            _compare(findings, table, newest, ids, [row for (row,) in rows], low)
            findings.looked_at(len(rows))
            seen, low = seen + len(ids), high
        if seen != file.rows:
            findings.wrong(
                table.source,
                file.high,
                f"generation {newest.number}: {file.name} has {seen} rows, its manifest says {file.rows}",
            )


def _ids(path: Path) -> Iterator[list[int]]:
    with pq.ParquetFile(path) as opened:
        for batch in opened.iter_batches(batch_size=BATCH, columns=["id"]):
            yield batch.column(0).to_pylist()


def _compare(
    findings: Findings, table: Table, newest: Manifest, ids: Iterable[int], rows: Iterable[int], low: int
) -> None:
    mirrored, doubled = set[int](), set[int]()
    for row in ids:
        (doubled if row in mirrored or row <= low else mirrored).add(row)
    told = {
        "is missing in the mirror": set(rows) - mirrored,
        "is in the mirror and not in the ledger": mirrored - set(rows),
        "is in the mirror twice": doubled,
    }
    for what, which in told.items():
        for row in sorted(which):
            findings.wrong(table.source, row, f"{what}, generation {newest.number}")


INVARIANTS = [Invariant("mirror", _mirror, outside=True)]
