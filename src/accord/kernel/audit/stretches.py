"""Records by stretches of ids, and the pieces of SQL that invariants are made of, for both databases."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from accord.kernel.audit.invariants import Findings
from accord.kernel.instants import from_micros


@dataclass(frozen=True)
class Stretch:
    """The rows of a table with `low` < id <= `high`."""

    low: int
    high: int
    count: int

    def rows(self, sql: str, **values: Any) -> list[tuple]:
        """Ask a statement that says `%(low)s` and `%(high)s`."""
        return ask(sql, low=self.low, high=self.high, **values)


def stretches(table: str, size: int) -> Iterator[Stretch]:
    """The whole table; ids need not be dense."""
    low = 0
    ids = f'SELECT id FROM "{table}" WHERE id > %(low)s ORDER BY id LIMIT %(size)s'
    sql = f"SELECT max(id), count(*) FROM ({ids}) AS stretch"
    while True:
        ((high, count),) = ask(sql, low=low, size=size)
        if not count:
            return
        yield Stretch(low, high, count)
        low = high


def each(model: type[models.Model], findings: Findings) -> Iterator[Stretch]:
    """`stretches` of a model's table, counted as looked at."""
    for stretch in stretches(model._meta.db_table, findings.stretch):
        yield stretch
        findings.looked_at(stretch.count)


def wherever(
    model: type[models.Model], kind: str, sql: Callable[[], str], say: Callable[..., str], **values: Any
) -> Callable[[Findings], None]:
    """A check by one statement: each row is the id of a record that is wrong, and from the rest `say` tells how."""

    def check(findings: Findings) -> None:
        asked = sql()
        for stretch in each(model, findings):
            for record, *rest in stretch.rows(asked, **values):
                findings.wrong(kind, record, say(*rest))

    return check


def ask(sql: str, **values: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def within(alias: str, column: str = "id") -> str:
    """The condition that a row belongs to the stretch."""
    return f"{alias}.{column} > %(low)s AND {alias}.{column} <= %(high)s"


def exists_as(alias: str, kinds: Mapping[str, type[models.Model]]) -> str:
    """The condition that the record which a row names by kind and id exists."""
    of_kind = "({0}.kind = '{1}' AND EXISTS (SELECT 1 FROM \"{2}\" x WHERE x.id = {0}.record))"
    return " OR ".join(of_kind.format(alias, kind, model._meta.db_table) for kind, model in kinds.items())


def differ(one: str, other: str) -> str:
    """Whether two values differ, where nothing equals nothing."""
    return f"{one} IS {'DISTINCT FROM' if connection.vendor == 'postgresql' else 'NOT'} {other}"


def listed(words: Iterable[str]) -> str:
    """Words of our own as a list for IN."""
    return ", ".join(f"'{word}'" for word in words)


def member_of(column: str, key: str) -> str:
    """A whole number out of a JSON object."""
    return (
        f"({column}->>'{key}')::bigint" if connection.vendor == "postgresql" else f"json_extract({column}, '$.{key}')"
    )


def told(instant: Any) -> str:
    """An instant as the database gave it, in words."""
    if instant is None:
        return "none"
    return f"{from_micros(instant) if isinstance(instant, int) else instant:%Y-%m-%d %H:%M:%S.%f}"
