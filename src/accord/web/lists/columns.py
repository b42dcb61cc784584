"""Columns of a list: what the field registry publishes about a kind of record, and what the record itself shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accord.kernel import fields
from accord.kernel.fields import Field

MOMENT, AGE = "moment", "age"  # an instant of the record, and the time since then
PLAIN, RECORD, MEMBER, STAGE, GRADE, AGED = "plain", "record", "member", "stage", "grade", "aged"
Marked = Callable[[Sequence[Any], datetime], Mapping[int, str]]  # by the id of the record


@dataclass(frozen=True, eq=False)
class Column:
    """One column. `path` leads to its value from the record; without one the value stands in `field_now`.

    `norm` is the column that its text is compared by, `key` the path to the record of kind `sought` that search knows.
    `worked_out` gives the value of one record, `told` those of all records of a page at once, by id; `marked` what is
    drawn beside them. `narrowed` gives the rows that have one of the values, where no column and no field holds it.
    """

    slug: str
    label: str | Promise
    type: str = fields.TEXT
    look: str = PLAIN
    path: str | None = None
    norm: str | None = None
    nullable: bool = False
    sought: str | None = None
    key: str = "pk"
    refers_to: str | None = None
    choices: Mapping[str, str | Promise] = field(default_factory=dict)
    filtered: bool = True
    published: Field | None = None
    worked_out: Callable[[Any, datetime], Any] | None = None
    told: Callable[[Sequence[Any], datetime], Mapping[int, Any]] | None = None
    marked: Marked | None = None
    narrowed: Callable[[models.QuerySet, Sequence[str]], models.QuerySet] | None = None

    @property
    def compared(self) -> str:
        """Where the record keeps the text that this column is compared by."""
        return self.norm or self.path or ""

    @property
    def others(self) -> bool:
        """Whether records may hold what is none of the choices, as a file brought it."""
        return bool(self.choices and self.published) and self.path is None

    @property
    def right(self) -> bool:
        return self.type in (fields.NUMBER, fields.MONEY, AGE)


@dataclass(frozen=True)
class Sort:
    """An order that an index gives: by `column`, then by id. `known`: only records that have such a value."""

    slug: str
    label: str | Promise
    column: str = "pk"
    descending: bool = False
    known: bool = False


RECENT = Sort("recent", _("Recorded last first"), descending=True)
BY_NAME = Sort("name", pgettext_lazy("order of a list", "By name"), "sort_key")


@dataclass(frozen=True)
class View:
    """A tab: conditions that many people want."""

    label: str | Promise
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """All that the one list machinery needs to know of a kind of record. The first sort is the usual one."""

    kind: str
    name: str  # of the page in the urlconf
    record: str
    title: str | Promise
    nothing: str | Promise
    begin: str | Promise
    begins: str
    begin_action: str
    model: type[models.Model]
    own: Sequence[Column]
    shown: Sequence[str]
    sorts: Sequence[Sort]
    views: Sequence[View]
    related: Sequence[str]
    sought: str
    key: str = "pk"
    marked: Mapping[str, Marked] = field(default_factory=dict)  # of published fields, what stands after their values
    results: str = ""  # the address of the report that says what came of each
    board: Callable[[Any], str] | None = None  # by the filter, the address of the same records in columns

    def columns(self) -> dict[str, Column]:
        """The record's own columns, then what the registry publishes beyond them. One query."""
        own = {column.slug: column for column in self.own}
        published = [f for f in fields.of(self.kind).values() if f.slug not in own and f.slug != "trashed"]
        return {**own, **{f.slug: of_field(f, self.model, self.marked.get(f.slug)) for f in published}}


def of_field(published: Field, model: type[models.Model], marked: Marked | None = None) -> Column:
    look = MEMBER if published.refers_to == "member" else PLAIN
    nullable = bool(published.column) and model._meta.get_field(str(published.column)).null
    return Column(
        published.slug,
        published.label,
        published.type,
        look,
        path=published.column,
        norm=next((name for name in published.derived if name.endswith("_norm")), None),
        nullable=nullable,
        sought=published.kind if published.searched else None,
        refers_to=published.refers_to,
        choices=published.choices,
        published=published,
        marked=marked,
    )


def named(kind: str) -> Column:
    """The name of a record, which a list begins with: how the record is called where it has none."""
    label = pgettext_lazy("of a person", "Name") if kind == "contact" else _("Name")
    return Column("name", label, look=RECORD, path="name", norm="name_norm", sought=kind, worked_out=_as_called)


def _as_called(record: Any, now: datetime) -> str:
    return str(record)


CREATED = Column("created", _("Created"), MOMENT, path="created_at", filtered=False)
