"""Generations on disk: immutable Parquet files, and a manifest that names them and is written last.

A generation exists when its manifest does. Files that no manifest names are left-overs of a writer that died.
"""

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from accord.kernel import clock
from accord.kernel.instants import from_micros, to_micros

KEEP = 5
HELD = timedelta(minutes=10)  # longer than any report reads
PATTERN = "generation-*.json"


@dataclass(frozen=True)
class File:
    """Rows with `low` < id <= `high`."""

    name: str
    rows: int
    low: int
    high: int


@dataclass(frozen=True)
class Kept:
    """A table in a generation. A snapshot of labels has the digest of its content.

    While `begun` is the same, rows were only added, with greater ids each time.
    """

    columns: list[str]
    files: list[File]
    digest: str = ""
    begun: str = ""

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def high(self) -> int:
        return max((file.high for file in self.files), default=0)


@dataclass(frozen=True)
class Manifest:
    """`instant` is the ledger's last one in this generation; `mark` its last fact (id, stored_at), in microseconds."""

    number: int = 0
    instant: int | None = None
    mark: list[int] = field(default_factory=list)
    published: int = 0
    tables: dict[str, Kept] = field(default_factory=dict)

    @property
    def known_at(self) -> datetime | None:
        return None if self.instant is None else from_micros(self.instant)

    @property
    def names(self) -> set[str]:
        return {file.name for table in self.tables.values() for file in table.files}


def numbers(folder: Path) -> list[int]:
    """Generations that have a manifest, newest first."""
    return sorted((int(path.stem.split("-")[1]) for path in folder.glob(PATTERN)), reverse=True)


def load(folder: Path, number: int) -> Manifest | None:
    """A generation, None where it is gone or a file of it is."""
    path = _path(folder, number)
    if not path.exists():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    tables = {name: _kept(**table) for name, table in content.pop("tables").items()}
    found = Manifest(**content, tables=tables)
    return found if all((folder / name).exists() for name in found.names) else None


def current(folder: Path) -> Manifest | None:
    """The newest complete generation."""
    return next(_complete(folder), None)


def publish(folder: Path, manifest: Manifest) -> bool:
    """Make a generation exist, all at once; False where another writer has published this number meanwhile."""
    aside = folder / f"aside-{secrets.token_hex(8)}.json"
    with aside.open("w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file)
        file.flush()
        os.fsync(file.fileno())
    final = _path(folder, manifest.number)
    try:
        os.link(aside, final)
    except FileExistsError:
        return False
    finally:
        aside.unlink()
    return True


def sweep(folder: Path) -> None:
    """Remove generations that no reader can hold any more, and files that belong to none."""
    limit = clock.machine() - HELD
    newest = numbers(folder)
    for number, successor in zip(newest[KEEP:], newest[KEEP - 1 :], strict=False):
        following = load(folder, successor)
        if following is None or from_micros(following.published) < limit:
            _path(folder, number).unlink(missing_ok=True)
    named = {name for manifest in _complete(folder) for name in manifest.names}
    for path in folder.glob("*.parquet"):
        if path.name not in named and path.stat().st_mtime < limit.timestamp():
            path.unlink(missing_ok=True)


def published_now() -> int:
    return to_micros(clock.machine())


def _complete(folder: Path) -> Iterator[Manifest]:
    loaded = (load(folder, number) for number in numbers(folder))
    return (manifest for manifest in loaded if manifest)


def _kept(files: list[dict], **told: Any) -> Kept:
    return Kept(files=[File(**file) for file in files], **told)


def _path(folder: Path, number: int) -> Path:
    return folder / f"generation-{number:010}.json"
