"""Reading one consistent generation of the mirror."""

import tempfile
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any, TypeVar, cast

import ibis
from django.conf import settings
from django.db import connection

from accord.kernel.warehouse import manifest, mirror
from accord.kernel.warehouse.engine import Engine
from accord.kernel.warehouse.lasting import Extent, lasting
from accord.kernel.warehouse.manifest import Manifest
from accord.kernel.warehouse.tables import Table

One = TypeVar("One")
_idle: dict[str, LifoQueue[Engine]] = {}


@dataclass(frozen=True)
class Generation:
    """One state of the mirror that no longer changes. `known_at` is the last instant that it holds."""

    manifest: Manifest
    folder: Path
    engine: Engine
    computed: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return self.manifest.number

    @property
    def known_at(self) -> datetime | None:
        return self.manifest.known_at

    def table(self, of: Table) -> ibis.Table:
        files = [self.folder / file.name for file in self.manifest.tables[of.name].files]
        return self.engine.table(f"{of.name}_{_ending(self.folder, self.number)}", files)

    def once(self, key: Hashable, build: Callable[[], ibis.Table]) -> ibis.Table:
        """An expression that several questions share, computed once for as long as this generation is read."""
        return self.remembered(key, lambda: build().cache())

    def lasting(
        self,
        name: str,
        of: Sequence[Table],
        build: Callable[[], One],
        extend: Callable[[One, Extent], One | None] = lambda _value, _before: None,
    ) -> One:
        """What is computed of these tables alone, kept by the process for as long as they do not change.

        Where rows were only added, `extend` may make what there is now of what there was and the extent that it had,
        None where that cannot be.
        """
        tables = {table.name: self.manifest.tables[table.name] for table in of}
        begun = {name: f"{self.folder}:{kept.begun}" for name, kept in tables.items()}
        extent = Extent(begun, {name: kept.high for name, kept in tables.items()})
        return lasting(name, extent, build, extend)

    def remembered(self, key: Hashable, find: Callable[[], One]) -> One:
        """A value that several questions share, found once for as long as this generation is read."""
        if key not in self.computed:
            self.computed[key] = find()
        return cast(One, self.computed[key])


@contextmanager
def generation(number: int | None = None) -> Iterator[Generation]:
    """A generation to read: the given one while it is kept, else one with everything committed until now.

    Inside an open transaction it is a private one: what nobody has committed must not come into files that everybody
    reads.
    """
    if connection.in_atomic_block:
        private = _private()
        with _read(private.manifest, Path(private.folder.name)) as read:
            yield read
        return
    folder = mirror.folder()
    with _read((manifest.load(folder, number) if number else None) or mirror.refresh(), folder) as read:
        yield read


@dataclass(frozen=True)
class _Private:
    """`seen`: by which connection, and how many rows it had ever changed; None where the database does not count."""

    folder: tempfile.TemporaryDirectory[str]
    manifest: Manifest
    seen: tuple[Any, int] | None


_kept = threading.local()


def _private() -> _Private:
    """Kept for the next question of this thread, where nothing was written and nothing rolled back in between."""
    own = connection.connection
    seen = (own, own.total_changes) if connection.vendor == "sqlite" else None
    last: _Private | None = getattr(_kept, "last", None)
    if last is None or seen is None or last.seen != seen or not mirror.same(last.manifest):
        folder = tempfile.TemporaryDirectory(prefix="accord-mirror-")
        written = mirror.Writing(Path(folder.name), Manifest(), alive=bool).next()
        last = _kept.last = _Private(folder, written, seen)
    return last


@contextmanager
def _read(chosen: Manifest, folder: Path) -> Iterator[Generation]:
    with _engine(folder, chosen.number) as engine:
        read = Generation(chosen, folder, engine)
        yield read
        # What was computed lives in the engine, and goes before somebody else gets that.
        read.computed.clear()


@contextmanager
def _engine(folder: Path, number: int) -> Iterator[Engine]:
    """An engine for as long as the block lasts, nobody else's meanwhile."""
    idle = _idle.setdefault(settings.WAREHOUSE, LifoQueue())
    try:
        engine = idle.get_nowait()
    except Empty:
        engine = Engine(mirror.folder() / "spill")
    engine.forget(all_but=f"_{_ending(folder, number)}")
    yield engine
    idle.put(engine)


def _ending(folder: Path, number: int) -> str:
    return f"{number}_{abs(hash(folder)):x}"
