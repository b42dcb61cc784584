"""Instants: microseconds since 1970 UTC on SQLite (half the size of text), timestamptz on PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def stored(at: datetime | None, vendor: str) -> Any:
    """`at` as the database of that vendor keeps it."""
    return at if at is None or vendor == "postgresql" else to_micros(at)


class WholeDays(models.Func):
    """Days from an instant in a column to a later one, the last that is not over left out."""

    output_field = models.IntegerField()

    def __init__(self, until: datetime, since: str) -> None:
        super().__init__(models.Value(until, output_field=InstantField()), models.F(since))

    def as_sqlite(self, compiler, connection, **extra):
        micros = f"((%(expressions)s) / {DAY // MICROSECOND})"
        return self.as_sql(compiler, connection, template=micros, arg_joiner=" - ", **extra)

    def as_postgresql(self, compiler, connection, **extra):
        # The difference of two instants is kept as days and the rest of one.
        days = "date_part('day', %(expressions)s)::integer"
        return self.as_sql(compiler, connection, template=days, arg_joiner=" - ", **extra)


class InstantField(models.Field):
    description = "an aware instant in UTC"

    def db_type(self, connection) -> str:
        return "timestamp with time zone" if connection.vendor == "postgresql" else "bigint"

    def get_prep_value(self, value):
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return super().get_prep_value(value)

    def get_db_prep_value(self, value, connection, prepared=False):
        value = super().get_db_prep_value(value, connection, prepared)
        return stored(value, connection.vendor) if isinstance(value, datetime) else value

    def from_db_value(self, value, expression, connection):
        return from_micros(value) if isinstance(value, int) else value

    def to_python(self, value):
        return from_micros(value) if isinstance(value, int) else value
