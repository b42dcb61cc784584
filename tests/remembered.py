"""Worlds that many tests begin with: made by the verbs once in a process, and put back row by row after that.

Nearly a fifth of all testing went into making the same house, the same agreement and the same leads again. A world is
known by the fixture that makes it, its plain arguments, and the ledger on which it stands; so fixtures may stand on one
another. Where a test commits, it is made each time.
"""

import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Protocol

from django.core import mail
from django.db import connection

from accord.kernel.search import SearchEntry
from accord.kernel.text import index_text

Row = tuple[Any, ...]
Rows = dict[str, set[Row]]
PLAIN = (str, int, datetime)


class Database(Protocol):
    def rows(self) -> Rows:
        """Of every table; those of migrations and of counters excepted."""

    def insert(self, table: str, rows: list[Row]) -> None: ...

    def delete(self, table: str, rows: list[Row]) -> None: ...


class SQLite:
    # The last number of each table SQLite counts by itself, as rows come.
    TABLES = r"""
    SELECT name FROM sqlite_schema
    WHERE type = 'table' AND name NOT LIKE 'search\_index%' ESCAPE '\'
    AND name NOT IN ('django_migrations', 'sqlite_sequence')
    """

    def rows(self) -> Rows:
        return {name: set(asked(f'SELECT * FROM "{name}"')) for (name,) in asked(self.TABLES)}

    def insert(self, table: str, rows: list[Row]) -> None:
        marks = ", ".join(["%s"] * len(rows[0]))
        with connection.cursor() as cursor:
            cursor.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)
            if table == SearchEntry._meta.db_table:
                pairs = [(pk, index_text(kind, *words.split("\n"))) for pk, kind, words in self._findable(rows)]
                cursor.executemany("INSERT INTO search_index (rowid, pairs) VALUES (%s, %s)", pairs)

    def delete(self, table: str, rows: list[Row]) -> None:
        assert table != SearchEntry._meta.db_table, "the index forgets only what it is told the words of"
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
            first = cursor.description[0][0]
            cursor.executemany(f'DELETE FROM "{table}" WHERE "{first}" = %s', [row[:1] for row in rows])

    def _findable(self, rows: list[Row]) -> Iterable[Row]:
        names = [field.column for field in SearchEntry._meta.concrete_fields]
        places = [names.index(name) for name in ("id", "kind", "words")]
        return [tuple(row[place] for place in places) for row in rows]


class PostgreSQL:
    """A row is the text that PostgreSQL writes of it, and reads again. Sequences go on by themselves.

    Of the tables of models alone: what is read stays locked until the test ends, and others come and go meanwhile.
    """

    def rows(self) -> Rows:
        found: Rows = {name: set() for name in connection.introspection.django_table_names()}
        parts = [f"SELECT '{name}', t::text FROM \"{name}\" t" for name in found]
        for name, row in asked(" UNION ALL ".join(parts)):
            found[name].add((row,))
        return found

    def insert(self, table: str, rows: list[Row]) -> None:
        with connection.cursor() as cursor:
            read = f'SELECT (one::"{table}").* FROM unnest(%s::text[]) one'
            cursor.execute(f'INSERT INTO "{table}" {read}', [[row for (row,) in rows]])

    def delete(self, table: str, rows: list[Row]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM "{table}" t WHERE t::text = ANY(%s)', [[row for (row,) in rows]])


@dataclass(frozen=True)
class World:
    """What came to stand in the tables; what stood there no more; and what the fixture returned."""

    rows: dict[str, list[Row]]
    gone: dict[str, list[Row]]
    returned: bytes
    mails: bytes

    @classmethod
    def of(cls, before: Rows, after: Rows, returned: Any) -> "World":
        came = {table: sorted(there - before[table], key=repr) for table, there in after.items()}
        gone = {table: sorted(there - after[table], key=repr) for table, there in before.items()}
        return cls(_some(came), _some(gone), pickle.dumps(returned), pickle.dumps(mail.outbox))

    def put_back(self, database: Database) -> Any:
        for table, rows in self.gone.items():
            database.delete(table, rows)
        for table, rows in self.rows.items():
            database.insert(table, rows)
        mail.outbox[:] = pickle.loads(self.mails)
        return pickle.loads(self.returned)


_kept: dict[Any, World] = {}
ANEW = False  # in a test that changes what no row says, such as a limit, before it makes a world


def remembered(make: Callable[..., Any]) -> Callable[..., Any]:
    """A fixture whose world is made once. What it returns can be pickled, and is told apart by nothing but rows."""

    @wraps(make)
    def world(**given: Any) -> Any:
        if ANEW or not connection.in_atomic_block:
            return make(**given)
        plain = tuple((name, value) for name, value in given.items() if isinstance(value, PLAIN))
        return _put_back_or_made((_named(make), plain, _ledger()), lambda: make(**given))

    return world


def recalled(make: Callable[..., Any]) -> Callable[..., Any]:
    """As `remembered`, what tests call themselves: it is put back where every row stands as it stood then."""

    @wraps(make)
    def world(*given: Any, **named: Any) -> Any:
        plain = all(isinstance(one, PLAIN) for one in (*given, *named.values()))
        if ANEW or not plain or not connection.in_atomic_block:
            return make(*given, **named)
        rows = frozenset((table, row) for table, its in _database().rows().items() for row in its)
        return _put_back_or_made((_named(make), given, tuple(named.items()), hash(rows)), lambda: make(*given, **named))

    return world


def _put_back_or_made(key: Any, make: Callable[[], Any]) -> Any:
    database = _database()
    if key in _kept:
        return _kept[key].put_back(database)
    before = database.rows()
    returned = make()
    _kept[key] = World.of(before, database.rows(), returned)
    return returned


def _named(make: Callable[..., Any]) -> tuple[str, str]:
    return make.__module__, make.__qualname__


def _database() -> Database:
    return SQLite() if connection.vendor == "sqlite" else PostgreSQL()


def _some(rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    return {table: its for table, its in rows.items() if its}


def asked(sql: str) -> list[Row]:
    with connection.cursor() as cursor:
        return list(cursor.execute(sql).fetchall())


def _ledger() -> tuple[Row, ...]:
    """All that was told so far, but for when it was stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM fact ORDER BY id")
        stored = [column[0] for column in cursor.description].index("stored_at")
        return tuple(row[:stored] + row[stored + 1 :] for row in cursor.fetchall())
