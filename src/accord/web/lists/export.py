"""A list as a file: exactly the records and columns that the page shows, written while it is read."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.db import models
from django.http import StreamingHttpResponse
from django.utils import timezone, translation

from accord.kernel import fields
from accord.kernel.money import Money
from accord.web.lists import cells
from accord.web.lists.cells import Cell, Row
from accord.web.lists.filters import Filter
from accord.web.lists.paging import page

AT_ONCE = 2000
BYTE_ORDER_MARK = "\ufeff"
# A spreadsheet takes a cell that begins with one of these for a formula, and would run it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def stream(asked: Filter, rows: models.QuerySet, now: datetime) -> StreamingHttpResponse:
    """The body is written after the request has left, so it takes the request's language and zone with it."""
    body = _written(asked, rows, now, translation.get_language(), timezone.get_current_timezone())
    response = StreamingHttpResponse(body, content_type="text/csv; charset=utf-8")
    name = f"{asked.listing.name}-{timezone.localtime(now):%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _written(asked: Filter, rows: models.QuerySet, now: datetime, language: str | None, zone: tzinfo) -> Iterator[str]:
    """A page of the list at a time, as the reader takes it: no lock and no cursor is held while a slow one waits."""
    place: str | None = ""
    while place is not None:
        with fields.read_once(), translation.override(language), timezone.override(zone):
            heads = [] if place else [[str(column.label) for column in asked.shown]]
            records, following = page(asked.records(rows), asked.by, place, AT_ONCE)
            found = cells.rows(records, asked.shown, asked.listing.kind, now)
            text = _csv([*heads, *map(_plain_row, found)])
        yield text if place else BYTE_ORDER_MARK + text
        place = following


def _csv(lines: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([safe(cell) for cell in line] for line in lines)
    return out.getvalue()


def safe(cell: str) -> str:
    """The cell as text, whatever a spreadsheet would make of it; numbers stay numbers."""
    return f"'{cell}" if cell.startswith(FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    return cell[1:].replace(".", "", 1).isdigit() and cell[0] in "+-" and cell.isascii()


def _plain_row(row: Row) -> list[str]:
    return [_plain(cell, row.record) for cell in row.cells]


def _plain(cell: Cell, record: Any) -> str:
    """As a program reads it: days and times by ISO 8601, amounts and ages as bare numbers."""
    value = cell.value
    if value is None or cell.column.choices:
        return cell.shown
    if cell.column.type == fields.MONEY:
        return str(Money(value, record.currency).amount)
    if cell.column.type == fields.NUMBER:
        return str(value)
    if isinstance(value, timedelta):
        return str(value.days)
    return value if isinstance(value, str) and cell.column.type != fields.BOOL else cell.shown
