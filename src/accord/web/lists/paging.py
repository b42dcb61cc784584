"""Pages by key: the next page begins where the last one ended, however deep, whatever was added meanwhile."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import BooleanField, F, Func, Value

from accord.kernel.instants import from_micros, to_micros
from accord.web.lists.columns import Sort

PAGE = 50


class Row(Func):
    template = "(%(expressions)s)"
    output_field = BooleanField()


class Beyond(Func):
    """`(column, id) > (value, id)`: one seek in the index that both lie in."""

    output_field = BooleanField()
    conditional = True

    template = "%(expressions)s"

    def __init__(self, sort: Sort, value: Any, last: int, column: models.Field) -> None:
        here, there = Row(F(sort.column), F("pk")), Row(Value(value, output_field=column), Value(last))
        super().__init__(here, there)
        self.arg_joiner = " < " if sort.descending else " > "


def ordered(rows: models.QuerySet, sort: Sort) -> models.QuerySet:
    sign = "-" if sort.descending else ""
    return rows.order_by(*dict.fromkeys([f"{sign}{sort.column}", f"{sign}pk"]))


def after(rows: models.QuerySet, sort: Sort, place: str) -> models.QuerySet:
    """The rows that follow a place of `place_of`; all rows where it is none."""
    value, _, last = place.rpartition("~")
    if not last.isascii() or not last.isdigit() or len(last) > 18:
        return rows
    if sort.column == "pk":
        return rows.filter(**{"pk__lt" if sort.descending else "pk__gt": int(last)})
    column = rows.model._meta.get_field(sort.column)
    kept = _read(value, column)
    if kept is None:
        return rows
    return rows.filter(Beyond(sort, kept, int(last), column))


def place_of(record: models.Model, sort: Sort) -> str:
    value = getattr(record, sort.column)
    shown = to_micros(value) if isinstance(value, datetime) else "" if sort.column == "pk" else value
    return f"{shown}~{record.pk}"


def page(rows: models.QuerySet, sort: Sort, place: str, size: int = PAGE) -> tuple[list, str | None]:
    """The records of one page, and the place where the next one begins. One query."""
    found = list(ordered(after(rows, sort, place), sort)[: size + 1])
    return found[:size], place_of(found[size - 1], sort) if len(found) > size else None


def _read(value: str, column: models.Field) -> Any:
    if isinstance(column, models.CharField):
        return value
    return from_micros(int(value)) if value.lstrip("-").isdigit() and len(value) < 18 else None
