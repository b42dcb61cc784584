"""Pages by key: the next page begins where the last one ended, however deep, whatever was added meanwhile."""

import re
from datetime import datetime
from functools import reduce
from typing import Any

from django.db import models
from django.db.models import BooleanField, F, Func, Value

from accord.kernel.instants import to_micros
from accord.web.lists.columns import Sort
from accord.web.shell.addresses import instant, number

PAGE = 50
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,17})?(e-?\d{1,2})?")


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
    rows = rows.filter(**{f"{sort.column}__isnull": False}) if sort.known else rows
    sign = "-" if sort.descending else ""
    return rows.order_by(*dict.fromkeys([f"{sign}{sort.column}", f"{sign}pk"]))


def after(rows: models.QuerySet, sort: Sort, place: str) -> models.QuerySet:
    """The rows that follow a place of `place_of`; all rows where it is none."""
    value, _, last = place.rpartition("~")
    if not (pk := number(last)):
        return rows
    if sort.column == "pk":
        return rows.filter(**{"pk__lt" if sort.descending else "pk__gt": pk})
    column = _column(rows.model, sort.column)
    kept = _read(value, column)
    if kept is None:
        return rows
    return rows.filter(Beyond(sort, kept, pk, column))


def place_of(record: models.Model, sort: Sort) -> str:
    value = reduce(getattr, sort.column.split("__"), record)
    shown = to_micros(value) if isinstance(value, datetime) else "" if sort.column == "pk" else value
    return f"{shown}~{record.pk}"


def page(rows: models.QuerySet, sort: Sort, place: str, size: int = PAGE) -> tuple[list, str | None]:
    """The records of one page, and the place where the next one begins. One query."""
    found = list(ordered(after(rows, sort, place), sort)[: size + 1])
    return found[:size], place_of(found[size - 1], sort) if len(found) > size else None


def _column(model: type[models.Model], path: str) -> Any:
    """The field at the end of a path through records."""
    *through, last = path.split("__")
    for name in through:
        model = model._meta.get_field(name).related_model  # type: ignore[assignment]
    return model._meta.get_field(last)


def _read(value: str, column: models.Field) -> Any:
    if isinstance(column, models.CharField):
        return value
    if isinstance(column, models.FloatField):
        return float(value) if NUMBER.fullmatch(value) else None
    return instant(value)
