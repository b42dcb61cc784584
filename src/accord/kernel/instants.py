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


class DayOf(models.Func):
    """The first instant of the day, in UTC, of an instant in a column. An index can hold it."""

    output_field = InstantField()

    def as_sqlite(self, compiler, connection, **extra):
        day = DAY // MICROSECOND
        return self.as_sql(compiler, connection, template=f"(%(expressions)s / {day} * {day})", **extra)

    def as_postgresql(self, compiler, connection, **extra):
        since = "date_bin('1 day', %(expressions)s, TIMESTAMPTZ '1970-01-01 00:00:00+00')"
        return self.as_sql(compiler, connection, template=since, **extra)
