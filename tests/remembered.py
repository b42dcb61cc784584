"""Worlds that many tests begin with: made by the verbs once in a process, and put back row by row after that.

Nearly a fifth of all testing went into making the same house, the same agreement and the same leads again. A world is
known by the fixture that makes it, its plain arguments, and the ledger on which it stands; so fixtures may stand on one
another. On PostgreSQL, and where a test commits, it is made each time.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.core import mail
from django.db import connection

from accord.kernel.search import SearchEntry
from accord.kernel.text import index_text

Row = tuple[Any, ...]
PLAIN = (str, int, datetime)
# The last number of each table SQLite counts by itself, as rows come.
TABLES = r"""
SELECT name FROM sqlite_schema
WHERE type = 'table' AND name NOT LIKE 'search\_index%' ESCAPE '\'
AND name NOT IN ('django_migrations', 'sqlite_sequence')
"""
_kept: dict[Any, "World"] = {}


@dataclass(frozen=True)
class World:
    """What came to stand in the tables; the first column of what stood there no more; and what the fixture returned."""

    rows: dict[str, list[Row]]
    gone: dict[str, list[Any]]
    returned: bytes
    mails: bytes

    @classmethod
    def of(cls, before: dict[str, set[Row]], returned: Any) -> "World":
        after = _rows()
        rows = {
            table: sorted(there - before[table], key=repr) for table, there in after.items() if there - before[table]
        }
        gone = {
            table: [row[0] for row in there - after[table]] for table, there in before.items() if there - after[table]
        }
        assert SearchEntry._meta.db_table not in gone, "the index forgets only what it is told the words of"
        return cls(rows, gone, pickle.dumps(returned), pickle.dumps(mail.outbox))

    def put_back(self) -> Any:
        with connection.cursor() as cursor:
            for table, keys in self.gone.items():
                cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
                first = cursor.description[0][0]
                cursor.executemany(f'DELETE FROM "{table}" WHERE "{first}" = %s', [(key,) for key in keys])
            for table, rows in self.rows.items():
                marks = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)
            pairs = [(pk, index_text(kind, *words.split("\n"))) for pk, kind, words in self._findable()]
            cursor.executemany("INSERT INTO search_index (rowid, pairs) VALUES (%s, %s)", pairs)
        mail.outbox[:] = pickle.loads(self.mails)
        return pickle.loads(self.returned)

    def _findable(self) -> list[Row]:
        names = [field.column for field in SearchEntry._meta.concrete_fields]
        places = [names.index(name) for name in ("id", "kind", "words")]
        return [tuple(row[place] for place in places) for row in self.rows.get(SearchEntry._meta.db_table, [])]


def remembered(make: Callable[..., Any]) -> Callable[..., Any]:
    """A fixture whose world is made once. What it returns can be pickled, and is told apart by nothing but rows."""

    @wraps(make)
    def world(**given: Any) -> Any:
        if connection.vendor != "sqlite" or not connection.in_atomic_block:
            return make(**given)
        plain = tuple((name, value) for name, value in given.items() if isinstance(value, PLAIN))
        key = make.__module__, make.__qualname__, plain, _ledger()
        if key in _kept:
            return _kept[key].put_back()
        before = _rows()
        returned = make(**given)
        _kept[key] = World.of(before, returned)
        return returned

    return world


def _rows() -> dict[str, set[Row]]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        names = [name for (name,) in cursor.fetchall()]
        return {name: set(cursor.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names}


def _ledger() -> tuple[Row, ...]:
    """All that was told so far, but for when it was stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM fact ORDER BY id")
        stored = [column[0] for column in cursor.description].index("stored_at")
        return tuple(row[:stored] + row[stored + 1 :] for row in cursor.fetchall())
