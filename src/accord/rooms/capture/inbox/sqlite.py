"""The inbox as a SQLite file of its own."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

from accord.rooms.capture.inbox.store import Inbox, Looked

TOGETHER = 500
READ = 40_000  # hashes of a table at once
# As one row: with a row each, whoever waits for a commit waited for this thread at every row.
STORED = """
SELECT group_concat(hex(hash), ''), max(hash)
FROM (SELECT hash FROM {table} WHERE hash > ? ORDER BY hash LIMIT ?)
"""
SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, api_key INTEGER NOT NULL, received_at INTEGER NOT NULL, sent_at TEXT,
    events INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS inbox_key ON inbox (api_key, id);
CREATE TABLE IF NOT EXISTS inbox_note (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received_at INTEGER NOT NULL, api_key INTEGER NOT NULL, outcome TEXT NOT NULL,
    reason TEXT NOT NULL, event BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS inbox_note_key ON inbox_note (api_key, id);
CREATE TABLE IF NOT EXISTS inbox_day (
    api_key INTEGER NOT NULL, day INTEGER NOT NULL, accepted INTEGER NOT NULL, repeated INTEGER NOT NULL,
    rejected INTEGER NOT NULL, PRIMARY KEY (api_key, day)
);
CREATE TABLE IF NOT EXISTS inbox_young (
    id INTEGER PRIMARY KEY AUTOINCREMENT, day INTEGER NOT NULL, hashes BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS inbox_moved (one INTEGER PRIMARY KEY CHECK (one = 1), upto INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS inbox_epoch (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL);
"""


class SqliteInbox(Inbox):
    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self.database = sqlite3.connect(file, timeout=20, isolation_level=None, check_same_thread=False)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("PRAGMA secure_delete=ON")
        self.database.execute("PRAGMA cache_size=-65536")
        self.database.executescript(SCHEMA)
        self.database.execute("INSERT OR IGNORE INTO inbox_epoch VALUES (1, ?)", [uuid4().hex])
        ((self.epoch,),) = self.database.execute("SELECT epoch FROM inbox_epoch")

    def _close(self) -> None:
        self.database.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def _rows(self, sql: str, values: Sequence[object]) -> Iterator[tuple]:
        return iter(self.database.execute(sql.replace("{}", "?"), values))

    def _run(self, sql: str, values: Sequence[object]) -> None:
        self.database.execute(sql.replace("{}", "?"), values)

    def _days(self) -> list[int]:
        found = self.database.execute(r"SELECT name FROM sqlite_schema WHERE name LIKE 'inbox\_seen\_%' ESCAPE '\'")
        return sorted(int(name.rpartition("_")[2]) for (name,) in found)

    def make_day(self, table: str) -> None:
        self.database.execute(f"CREATE TABLE {table} (hash BLOB PRIMARY KEY) WITHOUT ROWID")

    def _look(self, last: int, sought: Mapping[str, Sequence[bytes]]) -> Looked:
        young = self.database.execute("SELECT id, day, hashes FROM inbox_young WHERE id > ? ORDER BY id", [last])
        met: set[bytes] = set()
        for table, digests in sought.items():
            for some in _some(digests):
                marks = ", ".join("?" * len(some))
                found = self.database.execute(f"SELECT hash FROM {table} WHERE hash IN ({marks})", some)
                met.update(h for (h,) in found)
        rows = young.fetchall()
        used = self.database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'inbox_young'").fetchone()
        moved = self.database.execute("SELECT upto FROM inbox_moved").fetchone()
        return Looked(rows, met, (used[0] if used else 0) + 1, moved[0] if moved else 0)

    def _stored(self, table: str) -> Iterator[bytes]:
        with closing(sqlite3.connect(self._file, timeout=20)) as own:
            stored, last = own.execute(STORED.format(table=table), [b"", READ]).fetchone()
            while last:
                yield bytes.fromhex(stored)
                stored, last = own.execute(STORED.format(table=table), [last, READ]).fetchone()

    def _settle(self, table: str, digests: Sequence[bytes]) -> None:
        for some in _some(digests):
            marks = ", ".join(["(?)"] * len(some))
            self.database.execute(f"INSERT OR IGNORE INTO {table} VALUES {marks}", some)

    def _insert(self, rows: Sequence[tuple]) -> None:
        self.database.executemany(
            "INSERT INTO inbox (api_key, received_at, sent_at, events, body) VALUES (?, ?, ?, ?, ?)", rows
        )


def _some(digests: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (digests[start : start + TOGETHER] for start in range(0, len(digests), TOGETHER))
