"""Refreshing the mirror: what is new since the last generation, at a cost in proportion to it."""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import log as logarithm
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from accord.kernel import clock
from accord.kernel.durable import sync
from accord.kernel.warehouse import export, manifest
from accord.kernel.warehouse.export import Fixed, Wanted
from accord.kernel.warehouse.manifest import File, Kept, Manifest
from accord.kernel.warehouse.models import Held
from accord.kernel.warehouse.tables import Table, kept

TIER = 8  # that many files of a size are joined into one of the next: each row is rewritten log8(rows) times
WAIT = timedelta(seconds=60)
SWEEP_EVERY = 16
log = logging.getLogger(__name__)


def folder() -> Path:
    found = Path(settings.HOME) / "mirror"
    found.mkdir(parents=True, exist_ok=True)
    return found


def refresh() -> Manifest:
    """The newest generation, with everything in it that was committed when this was called.

    While another process writes, this waits for it; after a minute it gives the newest complete generation there is.
    """
    where, until = folder(), clock.machine() + WAIT
    while clock.machine() < until:
        before = manifest.current(where)
        if before and same(before):
            return before
        if (held := Held.take()) and (written := _write(where, held)):
            return written
        time.sleep(0.05)
    log.warning("the mirror is being written for over a minute; reading the last generation")
    return manifest.current(where) or Manifest()


def _write(where: Path, held: Held) -> Manifest | None:
    """The next generation; None where another writer was faster, because this one had lost its lease."""
    try:
        after = Writing(where, manifest.current(where) or Manifest(), held.beat).next()
        published = manifest.publish(where, after)
        if published and after.number % SWEEP_EVERY == 0:
            manifest.sweep(where)
    finally:
        held.give_back()
    return after if published else None


def same(before: Manifest) -> bool:
    """Whether the operational database has nothing that this generation has not."""
    tables = [table for table in kept() if table.append_only]
    seen, continues = export.fixed(tables, before.mark)
    if not continues or {t.name for t in kept()} != set(before.tables):
        return False
    same = all(_continued(t, before) and before.tables[t.name].high == seen.high[t.name] for t in tables)
    return same and all(_digest(export.labels(t)) == before.tables[t.name].digest for t in kept() if not t.append_only)


def _continued(table: Table, before: Manifest) -> bool:
    return table.name in before.tables and before.tables[table.name].columns == list(table.names)


@dataclass
class Writing:
    """A generation in the making: on top of `before`, in a folder, saying now and then that it is alive."""

    where: Path
    before: Manifest
    alive: Callable[[], Any]
    wanted: list[Wanted] = field(default_factory=list)

    def __post_init__(self) -> None:
        # A manifest that lacks a file counts too: its number is taken.
        self.number = max(manifest.numbers(self.where), default=0) + 1

    def next(self) -> Manifest:
        tables = [table for table in kept() if table.append_only]
        seen, continues = export.fixed(tables, self.before.mark)
        # Another database under the same folder: restored, replaced or emptied. Nothing of before holds.
        if not continues or any(seen.high[t.name] < self._low(t) for t in tables):
            self.before = Manifest()
        appended = {table.name: self._append(table, seen.high[table.name]) for table in tables}
        export.export(self.wanted, self.alive)
        merged = {name: self._merge(self._counted(of)) for name, of in appended.items()}
        copied = {table.name: self._labels(table) for table in kept() if not table.append_only}
        return self._manifest(seen, merged | copied)

    def _low(self, table: Table) -> int:
        return self.before.tables[table.name].high if _continued(table, self.before) else 0

    def _append(self, table: Table, high: int) -> Kept:
        so_far = Kept(list(table.names), [], begun=secrets.token_hex(8))
        if _continued(table, self.before):
            so_far = self.before.tables[table.name]
        low = self._low(table)
        if high == low and so_far.files:
            return so_far
        want = Wanted(table, low, high, self._path(table.name))
        self.wanted.append(want)
        files = [f for f in so_far.files if f.rows] + [File(want.path.name, -1, low, high)]
        return replace(so_far, files=files)

    def _counted(self, of: Kept) -> Kept:
        files = [f if f.rows >= 0 else File(f.name, self._rows(f.name), f.low, f.high) for f in of.files]
        return replace(of, files=files)

    def _rows(self, name: str) -> int:
        sync(self.where / name)
        return int(pq.read_metadata(self.where / name).num_rows)

    def _merge(self, of: Kept) -> Kept:
        """Join the newest files while there are many of one size: a report opens tens of files, not thousands."""
        files = list(of.files)
        while len(tail := _tail(files)) >= TIER:
            self.alive()
            target = self._path(tail[0].name.split("-")[0])
            with pq.ParquetWriter(target, pq.read_schema(self.where / tail[0].name)) as writer:
                for file in tail:
                    writer.write_table(pq.read_table(self.where / file.name))
            sync(target)
            joined = File(target.name, sum(f.rows for f in tail), tail[0].low, tail[-1].high)
            files[-len(tail) :] = [joined]
        return replace(of, files=files)

    def _labels(self, table: Table) -> Kept:
        content = export.labels(table)
        digest = _digest(content)
        if _continued(table, self.before) and self.before.tables[table.name].digest == digest:
            return self.before.tables[table.name]
        path = self._path(table.name)
        pq.write_table(content, path)
        sync(path)
        return Kept(list(table.names), [File(path.name, content.num_rows, 0, 0)], digest)

    def _manifest(self, seen: Fixed, tables: dict[str, Kept]) -> Manifest:
        return Manifest(self.number, seen.instant, seen.mark, manifest.published_now(), tables)

    def _path(self, name: str) -> Path:
        return self.where / f"{name}-{self.number}-{secrets.token_hex(4)}.parquet"


def _tail(files: list[File]) -> list[File]:
    """The newest files that are no larger, by tier, than the newest one."""
    tier = _tier(files[-1])
    start = next((i for i in reversed(range(len(files))) if _tier(files[i]) > tier), -1)
    return files[start + 1 :]


def _tier(file: File) -> int:
    return int(logarithm(max(file.rows, 1), TIER))


def _digest(content: pa.Table) -> str:
    written = pa.BufferOutputStream()
    with pa.ipc.new_stream(written, content.schema) as stream:
        stream.write_table(content)
    return hashlib.sha256(written.getvalue()).hexdigest()
