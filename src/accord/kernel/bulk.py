"""The one bulk writer: many rows a statement, COPY for more on PostgreSQL, the same constraints everywhere."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any, cast

from django.db import connection, models

from accord.kernel.instants import InstantField, to_micros

TOGETHER = 50
DEAD = 2000  # rows of a queue that were deleted, from which on looking for the others is slow


def insert(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], *, kept: bool = False
) -> None:
    """Insert rows given in the order of `columns` (database column names).

    Instants are aware datetimes, or with `kept` already as the database keeps them.
    """
    adapted = list(_adapt(model, columns, rows, kept))
    table, names = model._meta.db_table, ", ".join(_quoted(columns))
    if connection.vendor == "postgresql" and len(adapted) > TOGETHER:
        # COPY raises the driver's own errors, which nobody who retries on IntegrityError would know.
        with (
            connection.wrap_database_errors,
            connection.cursor() as cursor,
            cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy,
        ):
            for row in adapted:
                copy.write_row(row)
        return
    values(model, columns, adapted)


def values(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], otherwise: str = ""
) -> None:
    """Insert rows as the database keeps them, or do `otherwise`, such as `ON CONFLICT …`, on which no two may agree.

    A statement costs about as much as a row on SQLite, so rows go in by the fifty; on PostgreSQL many go in as one
    array a column, since it takes longest to read what has a mark for every cell.
    """
    types = _types(model, connection.vendor)
    into = f'INSERT INTO "{model._meta.db_table}" ({", ".join(_quoted(columns))})'
    if connection.vendor == "postgresql" and len(rows) > TOGETHER and types.keys() >= set(columns):
        with connection.cursor() as cursor:
            cursor.execute(f"{into} SELECT * FROM {_arrays(types, columns)} {otherwise}", _turned(rows))
        return
    together = TOGETHER if len(rows) >= TOGETHER or connection.vendor == "sqlite" else len(rows)
    whole = len(rows) - len(rows) % together if rows else 0
    if whole:
        many = [tuple(chain.from_iterable(rows[i : i + together])) for i in range(0, whole, together)]
        _insert(into, [len(rows[0])] * together, many, otherwise)
    if rest := rows[whole:]:
        _insert(into, [len(rest[0])], rest, otherwise)


def _insert(into: str, widths: Sequence[int], rows: Sequence[Sequence[Any]], otherwise: str) -> None:
    marks = ", ".join(f"({', '.join(['%s'] * width)})" for width in widths)
    with connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(f"{into} VALUES {marks} {otherwise}", rows[0])
        else:
            cursor.executemany(f"{into} VALUES {marks} {otherwise}", cast(Any, rows))


def made(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Insert a few rows and say their ids, in their order: one statement."""
    adapted = list(_adapt(model, columns, rows, kept=False))
    marks = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(adapted))
    into = f'INSERT INTO "{model._meta.db_table}" ({", ".join(_quoted(columns))})'
    with connection.cursor() as cursor:
        cursor.execute(f"{into} VALUES {marks} RETURNING id", list(chain.from_iterable(adapted)))
        return sorted(pk for (pk,) in cursor.fetchall())


def update(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set columns of rows: each the values in the order of `columns`, then the id."""
    table, names = model._meta.db_table, [*columns, "id"]
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql" or len(rows) == 1:
            assignments = ", ".join(f'"{name}" = %s' for name in columns)
            cursor.executemany(f'UPDATE "{table}" SET {assignments} WHERE id = %s', rows)
        elif rows:
            assignments = ", ".join(f'"{name}" = given."{name}"' for name in columns)
            given = f"{_arrays(_types(model, connection.vendor), names)} AS given ({', '.join(_quoted(names))})"
            cursor.execute(
                f'UPDATE "{table}" SET {assignments} FROM {given} WHERE "{table}".id = given.id', _turned(rows)
            )


def look_up(
    model: type[models.Model], column: str, values: Iterable[Any], columns: Sequence[str], also: str = "TRUE"
) -> list[tuple[Any, ...]]:
    """Rows whose `column` is one of any number of values, by one statement with one parameter; `also` narrows them."""
    return look_up_as(model, column, values, [f'"{name}"' for name in columns], also)


def look_up_as(
    model: type[models.Model], column: str, values: Iterable[Any], expressions: Sequence[str], also: str = "TRUE"
) -> list[tuple[Any, ...]]:
    """`look_up`, of expressions over the row."""
    wanted = list(values)
    if not wanted:
        return []
    names = ", ".join(expressions)
    one_of = "= ANY(%s)" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    given = wanted if connection.vendor == "postgresql" else json.dumps(wanted)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {names} FROM "{model._meta.db_table}" WHERE "{column}" {one_of} AND ({also})', [given])
        return cursor.fetchall()


def reserve(model: type[models.Model], count: int) -> list[int]:
    """Ids for rows about to be inserted, so that what refers to them can be written in the same breath."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [value for (value,) in cursor.fetchall()]
        # The write lock is held (transactions are IMMEDIATE), so nobody else draws ids meanwhile.
        cursor.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT %s, 0 "
            "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = %s)",
            [table, table],
        )
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq", [count, table])
        (last,) = cursor.fetchone()
    return list(range(last - count + 1, last + 1))


def analyze() -> None:
    """Have PostgreSQL look at its tables now: it plans by what it last saw, and looks by itself within minutes."""
    if connection.vendor == "postgresql":
        tables = connection.introspection.django_table_names(only_existing=True)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(_quoted(tables))}")


def vacuum(model: type[models.Model]) -> None:
    """Have PostgreSQL take out what was deleted: whoever looks for the few rows of a queue passes over all the others.

    By itself it comes once a minute at most, to which rows of a busy minute are many.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = %s::regclass", [table])
        if any(dead >= DEAD for (dead,) in cursor.fetchall()):
            # Without giving space back, for which it would lock the table.
            cursor.execute(f'VACUUM (TRUNCATE false) "{table}"')


def last_ids(model: type[models.Model], count: int) -> range:
    """The ids of the rows that this transaction has just inserted into a ledger table: contiguous, under its lock."""
    last = model._default_manager.aggregate(last=models.Max("id"))["last"] or 0
    return range(last - count + 1, last + 1)


@cache
def _types(model: type[models.Model], _vendor: str) -> dict[str, str]:
    """What the database calls the types of the columns."""
    return {str(field.column): str(field.db_type(connection)) for field in model._meta.concrete_fields}


def _arrays(types: Mapping[str, str], columns: Sequence[str]) -> str:
    return f"unnest({', '.join(f'%s::{types[name]}[]' for name in columns)})"


def _turned(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(cells) for cells in zip(*rows, strict=True)]


def _quoted(columns: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in columns]


def _adapt(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], kept: bool
) -> Iterable[Sequence[Any]]:
    kinds = {f.column: f for f in model._meta.concrete_fields}
    adapters: dict[int, Callable[[Any], Any]] = {
        i: _dump for i, name in enumerate(columns) if isinstance(kinds[name], models.JSONField)
    }
    if connection.vendor != "postgresql" and not kept:
        adapters |= {i: _micros for i, name in enumerate(columns) if isinstance(kinds[name], InstantField)}
    return (_adapted(row, adapters) for row in rows) if adapters else rows


def _adapted(row: Sequence[Any], adapters: dict[int, Callable[[Any], Any]]) -> list[Any]:
    cells = list(row)
    for i, adapt in adapters.items():
        cells[i] = adapt(cells[i])
    return cells


def _micros(value: Any) -> Any:
    return to_micros(value) if isinstance(value, datetime) else value


def _dump(value: Any) -> Any:
    return value if isinstance(value, str | None) else json.dumps(value, ensure_ascii=False)
