"""One SQLite file into a backup, and out of it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from accord.kernel.backup.archive import CHUNK, Archive, Meter
from accord.kernel.durable import sync

PAGES = 4096  # between two words on how far it is
BESIDE = ("-wal", "-shm", "-journal")


def copy(source: Path, target: Path, meter: Meter) -> None:
    """The file as it was at one moment, while others go on writing."""
    with closing(_open(source, "rw")) as database, closing(sqlite3.connect(target)) as made:
        # Held open, this one state is copied; otherwise every foreign commit would start the copy anew.
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        ((size,),) = database.execute("PRAGMA page_size")
        made.execute("PRAGMA synchronous=OFF")
        left = [0]

        def copied(_status: int, remaining: int, total: int) -> None:
            done = total - remaining
            meter((done - left[0]) * size)
            left[0] = done

        database.backup(made, pages=PAGES, progress=copied)
        made.execute("PRAGMA journal_mode=DELETE")


def tables(file: Path) -> list[str]:
    """The names of its tables; none where there is no file."""
    if not file.exists():
        return []
    with closing(_open(file, "ro")) as database:
        return [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]


def ask(file: Path, sql: str) -> list[tuple]:
    with closing(_open(file, "ro")) as database:
        return database.execute(sql).fetchall()


def put_back(archive: Archive, name: str, file: Path, meter: Meter) -> None:
    """Unpack beside, make durable, and only then take the place of the file."""
    made = file.with_name(f"{file.name}.restored")
    with archive.unpacked(name, meter) as source, made.open("wb") as target:
        shutil.copyfileobj(source, target, CHUNK)
    sync(made)
    for path in (file, *(file.with_name(file.name + more) for more in BESIDE)):
        path.unlink(missing_ok=True)
    made.replace(file)
    sync(file.parent)


def _open(file: Path, mode: str) -> sqlite3.Connection:
    """`ro` or `rw`: never made, where it is not there."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=20, isolation_level=None)
