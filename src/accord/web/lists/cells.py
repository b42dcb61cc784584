"""What stands in the cells of a list: the same values on the page and in the file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accord.kernel import fields
from accord.kernel.imports.values import parse_number
from accord.kernel.money import format_money
from accord.kernel.traits import FieldNow
from accord.web.lists.columns import AGE, MOMENT, STAGE, Column
from accord.web.shell import wording
from accord.web.shell.templatetags.shell import stage_path

DAY = timedelta(days=1)
Held = dict[tuple[int, str], FieldNow]  # by record and field


@dataclass(frozen=True)
class Cell:
    """`value` as it is kept, `shown` as a person reads it, `mark` a drawing beside it."""

    column: Column
    value: Any
    shown: str
    mark: str = ""


@dataclass(frozen=True)
class Row:
    record: models.Model
    cells: tuple[Cell, ...]


def rows(records: Sequence[models.Model], columns: Sequence[Column], kind: str, now: datetime) -> list[Row]:
    """The cells of these records. One query for what is kept in `field_now`; so many for each column that is `told`."""
    held, marks = _held(records, columns, kind), _Marks()
    told = {column: column.told(records, now) for column in columns if column.told}
    drawn = {column: column.marked(records, now) for column in columns if column.marked}

    def cell(record: models.Model, column: Column) -> Cell:
        if column in told:
            value = told[column].get(record.pk)
            return Cell(column, value, shown(column, value, record))
        made = _cell(record, column, held, marks, now)
        return replace(made, mark=drawn[column].get(record.pk, "")) if column in drawn else made

    return [Row(record, tuple(cell(record, column) for column in columns)) for record in records]


class _Marks(dict[str, str]):
    """The small path of each stage, drawn once for a page."""

    def __missing__(self, stage: str) -> str:
        self[stage] = drawn = render_to_string("shell/path.html", stage_path(stage, mini=True))
        return drawn


def _held(records: Sequence[models.Model], columns: Sequence[Column], kind: str) -> Held:
    slugs = [column.slug for column in columns if not (column.path or column.worked_out or column.told)]
    if not slugs or not records:
        return {}
    found = FieldNow.objects.filter(kind=kind, record__in=[r.pk for r in records], field__in=slugs)
    return {(row.record, row.field): row for row in found}


def _cell(record: models.Model, column: Column, held: Held, marks: _Marks, now: datetime) -> Cell:
    if column.worked_out:
        value = column.worked_out(record, now)
    elif column.path:
        value = follow(record, column.path)
    else:
        row = held.get((record.pk, column.slug))
        value = row.text if row else None
    mark = marks[value] if column.look == STAGE else ""
    return Cell(column, value, shown(column, value, record), mark)


def follow(record: Any, path: str) -> Any:
    for name in path.split("__"):
        record = None if record is None else getattr(record, name)
    return record


def shown(column: Column, value: Any, record: Any = None) -> str:
    """The value in words of the reader's language and zone; empty where it is unknown."""
    if value is None or value == "":
        return ""
    if column.choices:
        return str(column.choices.get(value, value))
    if column.type == fields.MONEY:
        return _money(value, getattr(record, "currency", ""))
    return _SHOWN.get(column.type, str)(value)


def _money(minor: int, currency: str) -> str:
    return format_money(minor, currency, get_language() or "en")


def _number(value: Any) -> str:
    """A text is as somebody wrote it, with the signs of their country."""
    number = parse_number(value) if isinstance(value, str) else value
    return wording.number(Decimal(f"{number:.15g}") if isinstance(number, float) else Decimal(number))


def _day(text: str) -> str:
    return wording.day(date.fromisoformat(text))


def _moment(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def _age(age: timedelta) -> str:
    return _("%(days)s d") % {"days": wording.number(age // DAY)}


def _truth(text: str) -> str:
    return _("yes") if text == "true" else _("no")


_SHOWN: dict[str, Any] = {fields.NUMBER: _number, fields.DATE: _day, MOMENT: _moment, AGE: _age, fields.BOOL: _truth}
