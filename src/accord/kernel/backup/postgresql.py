"""Tables of PostgreSQL into a backup, and out of it, by COPY. No program of PostgreSQL's is needed."""

import gzip
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, transaction
from psycopg import IsolationLevel
from psycopg.sql import SQL, Composed, Identifier

from accord.kernel.backup import schema
from accord.kernel.backup.archive import CHUNK, LEVEL, Archive, Meter, Table, Unusable, Writer

CLAIM = "accord_restoring"  # stands in a database while a restore into it is not finished
TABLES = """
SELECT c.relname, pg_table_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind = 'r' ORDER BY c.relname
"""
COLUMNS = """
SELECT a.attname, pg_get_serial_sequence(quote_ident(%s), a.attname) FROM pg_attribute a
WHERE a.attrelid = quote_ident(%s)::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY a.attnum
"""
KEYS = """
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND k.contype = 'f' ORDER BY c.relname, k.conname
"""


@contextmanager
def snapshot() -> Iterator[psycopg.Connection]:
    """The database as it is at the first question, whatever is written meanwhile."""
    given = {k: v for k, v in connection.get_connection_params().items() if k not in ("cursor_factory", "context")}
    with psycopg.connect(**given) as database:
        database.isolation_level, database.read_only = IsolationLevel.REPEATABLE_READ, True
        database.execute("SET LOCAL datestyle = 'ISO'")
        database.execute("SET LOCAL intervalstyle = 'postgres'")
        yield database


def sizes(database: psycopg.Connection) -> dict[str, int]:
    """Bytes by table of the schema, in a stable order."""
    return dict(database.execute(TABLES).fetchall())


def copy(database: psycopg.Connection, name: str, sheet: Writer, folder: str, meter: Meter) -> Table:
    """One table, into the part `folder/name`."""
    found = database.execute(COLUMNS, [name, name]).fetchall()
    columns = [column for column, _sequence in found]
    packed = Path(sheet.folder / "table")
    out = SQL("COPY {} ({}) TO STDOUT").format(Identifier(name), _names(columns))
    with (
        gzip.GzipFile(packed, "wb", LEVEL, mtime=0) as target,
        database.cursor() as cursor,
        cursor.copy(out) as rows,
    ):
        for row in rows:
            target.write(row)
            meter(len(row))
    sheet.take(f"{folder}/{name}", packed)
    # Sequences are outside any snapshot: asked now, none stands below a row that was copied.
    return Table(columns, {column: _drawn(database, sequence) for column, sequence in found if sequence})


def _drawn(database: psycopg.Connection, sequence: str) -> tuple[int, bool]:
    # PostgreSQL has quoted the name already.
    ((last, drawn),) = database.execute(SQL("SELECT last_value, is_called FROM {}").format(SQL(sequence)))
    return last, drawn


def occupied() -> bool:
    """Whether there is any table where Accord would make its own."""
    with connection.cursor() as cursor:
        return bool(_tables(cursor))


def claim(mark: str) -> None:
    """Take an empty database, or what an earlier try under the same mark has left in one. Raises Unusable otherwise."""
    with transaction.atomic(), connection.cursor() as cursor:
        found = _tables(cursor)
        if CLAIM in found and _asked(cursor, SQL("SELECT mark FROM {}").format(Identifier(CLAIM))) == [(mark,)]:
            cursor.execute(SQL("DROP TABLE {} CASCADE").format(SQL(", ").join(map(Identifier, found))))
        elif found:
            raise Unusable("The database has tables: a backup is restored into an empty one.")
        cursor.execute(SQL("CREATE TABLE {} (mark text NOT NULL)").format(Identifier(CLAIM)))
        cursor.execute(f"INSERT INTO {CLAIM} VALUES (%s)", [mark])


def release() -> None:
    with connection.cursor() as cursor:
        cursor.execute(SQL("DROP TABLE {}").format(Identifier(CLAIM)))


def put_back(archive: Archive, parts: Sequence[tuple[str, str]], meter: Meter) -> list[str]:
    """Tables of the backup's version with the rows of these parts (folder, table), all or nothing.

    Returns those of which this version knows nothing: somebody else's tables.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        schema.make(archive.manifest.migrations)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        keys, known = _asked(cursor, KEYS), set(_tables(cursor))
        ours = [(folder, name) for folder, name in parts if name in known]
        # Checked once for all rows at the end, instead of row by row.
        for table, key, _definition in keys:
            cursor.execute(SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(Identifier(table), Identifier(key)))
        cursor.execute(SQL("TRUNCATE {}").format(SQL(", ").join(Identifier(name) for _folder, name in ours)))
        for folder, name in ours:
            _fill(cursor, name, archive, f"{folder}/{name}", meter)
        for table, key, definition in keys:
            added = SQL("ALTER TABLE {} ADD CONSTRAINT {} {}")
            cursor.execute(added.format(Identifier(table), Identifier(key), SQL(definition)))
    return [name for _folder, name in parts if name not in known]


def _fill(cursor: Any, name: str, archive: Archive, part: str, meter: Meter) -> None:
    table = archive.manifest.tables[name]
    sequences = dict(_asked(cursor, SQL(COLUMNS), [name, name]))
    if set(sequences) != set(table.columns):
        raise Unusable(f"The table {name} of the backup has other columns than this version of Accord.")
    into = SQL("COPY {} ({}) FROM STDIN").format(Identifier(name), _names(table.columns))
    with archive.unpacked(part, meter) as rows, cursor.copy(into) as copying:
        shutil.copyfileobj(rows, copying, CHUNK)
    for column, (last, drawn) in table.sequences.items():
        cursor.execute("SELECT setval(%s::regclass, %s, %s)", [sequences[column], last, drawn])


def _names(columns: Sequence[str]) -> Composed:
    return SQL(", ").join(map(Identifier, columns))


def _tables(cursor: Any) -> list[str]:
    return [name for name, _size in _asked(cursor, SQL(TABLES))]


def _asked(cursor: Any, question: Any, values: Sequence[object] | None = None) -> list[tuple]:
    cursor.execute(question, values)
    return cursor.fetchall()
