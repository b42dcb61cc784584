"""The field registry: what each room publishes about its records.

Filters, lists, merge fields, report dimensions, export and erasure are built on it and on nothing else.
Built-in fields are declared by rooms at import; custom ones are rows that a person or an import adds.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.kernel.imports.values import parse_bool, parse_number, parse_when
from accord.kernel.instants import InstantField, to_micros
from accord.kernel.text import normalise

TEXT, NUMBER, DATE, MONEY, BOOL, REF = "text", "number", "date", "money", "bool", "ref"
Words = Callable[[Sequence[int]], list[tuple[int, Sequence[str | None]]]]
TYPES = {TEXT: _("Text"), NUMBER: _("Number"), DATE: _("Date"), BOOL: _("Yes or no")}


@dataclass(frozen=True, eq=False)
class Field:
    """A published field. `column` names the cache in the record's own table; without one it stands in `field_now`.

    A reference is kept as the number of a record; `called_by` names the column of that record, such as its external id
    or e-mail address, by which a document means it: conditions compare with that.
    """

    kind: str
    slug: str
    label: str | Promise
    type: str = TEXT
    definition: str | Promise = ""
    owner: str = "marketing"
    personal: bool = False
    column: str | None = None
    refers_to: str | None = None
    called_by: str | None = None
    choices: Mapping[str, str | Promise] = field(default_factory=dict)
    derived: Mapping[str, Callable[[str | None], Any]] = field(default_factory=dict)  # further columns, from the text
    searched: bool = False
    custom: bool = False
    long: bool = False  # a text of several lines

    @property
    def name(self) -> str:
        return f"{self.kind}.{self.slug}"

    @property
    def by_number(self) -> bool:
        """Whether its column holds the number of a value, and not the text."""
        return self.type in (REF, MONEY, NUMBER)


class Value(NamedTuple):
    """A value as kept: as it was written, normalised for comparing, and as a number where it is one."""

    text: str | None
    norm: str | None
    number: float | None

    @property
    def known(self) -> bool:
        return self.text is not None


UNKNOWN = Value(None, None, None)


class Refused(ValueError):
    """Values that a record cannot have together; `fields` says what is wrong with which, in words."""

    def __init__(self, fields: Mapping[str, str | Promise]) -> None:
        super().__init__("; ".join(map(str, fields.values())))
        self.fields = fields


class CustomField(models.Model):
    """A field that this house added. Slug and type never change."""

    kind = models.CharField(max_length=20)
    slug = models.SlugField(max_length=60)
    label = models.CharField(max_length=120)
    type = models.CharField(max_length=10, default=TEXT)
    definition = models.TextField(blank=True)
    owner = models.CharField(max_length=20, default="marketing")
    personal = models.BooleanField(default=False)
    added_at = InstantField()

    class Meta:
        db_table = "custom_field"
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="custom_field_once")]

    def published(self) -> Field:
        return Field(
            self.kind,
            self.slug,
            self.label,
            self.type,
            self.definition,
            self.owner,
            personal=self.personal,
            custom=True,
        )


class Names(Mapping[str, str | Promise]):
    """Choices that the house keeps itself: asked for once a request, when they are first needed."""

    __hash__ = object.__hash__

    def __init__(self, ask: Callable[[], Mapping[str, str | Promise]]) -> None:
        self.ask = ask

    def __getitem__(self, value: str) -> str | Promise:
        return self._now[value]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now)

    def __len__(self) -> int:
        return len(self._now)

    @property
    def _now(self) -> Mapping[str, str | Promise]:
        asked = _asked.get()
        if asked is None:
            return self.ask()
        if self not in asked:
            asked[self] = self.ask()
        return asked[self]


_published: dict[str, dict[str, Field]] = {}
_tables: dict[str, type[models.Model]] = {}
_words: dict[str, Words] = {}
_read: ContextVar[list[dict[str, dict[str, Field]]] | None] = ContextVar("own_fields", default=None)
_asked: ContextVar[dict[Names, Mapping[str, str | Promise]] | None] = ContextVar("asked_names", default=None)


def publish(model: type[models.Model], kind: str, fields: Iterable[Field] = (), words: Words | None = None) -> None:
    """A room publishes a kind of record, its fields, and by which words its records are found."""
    _tables[kind] = model
    _published.setdefault(kind, {}).update({f.slug: f for f in fields})
    if words:
        _words[kind] = words


def has(kind: str) -> bool:
    return kind in _tables


def kinds() -> list[str]:
    return list(_tables)


def words_of(kind: str, records: Sequence[int]) -> list[tuple[int, Sequence[str | None]]]:
    """The words by which records are found; none for a kind that search does not hold."""
    return _words[kind](records) if kind in _words else []


def table_of(kind: str) -> type[models.Model]:
    return _tables[kind]


def longest(of_field: Field) -> int | None:
    """How many characters the record's own column of a field holds, if it has one that counts them."""
    column = table_of(of_field.kind)._meta.get_field(of_field.column) if of_field.column else None
    return getattr(column, "max_length", None)


def of(kind: str) -> dict[str, Field]:
    """All fields of a kind of record by slug, the house's own after the built-in ones. One query a request."""
    return {**_published.get(kind, {}), **_own().get(kind, {})}


@contextmanager
def read_once() -> Iterator[None]:
    """Within, the house's own fields and names are read once: a request asks for them again and again."""
    if _read.get() is not None:
        yield
        return
    token, names = _read.set([]), _asked.set({})
    try:
        yield
    finally:
        _read.reset(token)
        _asked.reset(names)


def _own() -> dict[str, dict[str, Field]]:
    if read := _read.get():
        return read[0]
    own: dict[str, dict[str, Field]] = defaultdict(dict)
    for row in CustomField.objects.order_by("id"):
        own[row.kind][row.slug] = row.published()
    if read is not None:
        read.append(own)
    return own


def slug_of(label: str) -> str:
    """A slug in any script: word characters and underscores."""
    return re.sub(r"\W+", "_", normalise(label)).strip("_")[:60]


def add(kind: str, slug: str, at: datetime, *, type: str = TEXT, **more: Any) -> Field:
    """Add a custom field; one that is there already stays as it is."""
    more.setdefault("label", slug.replace("_", " ").capitalize())
    row, _created = CustomField.objects.get_or_create(
        kind=kind, slug=slug, defaults={"type": type, "added_at": at, **more}
    )
    if read := _read.get():
        read.clear()
    return row.published()


def value(of_field: Field, given: Any) -> Value:
    """The value as kept; empty means unknown. Raises ValueError, in words, where the type cannot hold it."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return UNKNOWN
    return _KEPT[of_field.type](given)


# The rows of a file say the same few things over and over; typed, since 1, 1.0 and True are equal and no one text.
@lru_cache(10_000, typed=True)
def _text(given: Any) -> Value:
    text = str(given).strip()
    return Value(text, normalise(text), None)


def _number(given: Any) -> Value:
    number = parse_number(given) if isinstance(given, str) else float(given)
    shown = given.strip() if isinstance(given, str) else f"{number:.15g}"
    return Value(shown, f"{number:.15g}", number)


def _date(given: Any) -> Value:
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime.combine(given, time(), UTC)
    at = parse_when(given) if isinstance(given, str) else given.astimezone(UTC)
    day = at.date().isoformat()
    return Value(day, day, to_micros(at))


def _bool(given: Any) -> Value:
    true = parse_bool(given) if isinstance(given, str) else bool(given)
    return Value("true" if true else "false", "true" if true else "false", float(true))


def _whole(given: Any) -> Value:
    return Value(str(int(given)), str(int(given)), int(given))


_KEPT: dict[str, Callable[[Any], Value]] = {
    TEXT: _text,
    NUMBER: _number,
    DATE: _date,
    BOOL: _bool,
    MONEY: _whole,
    REF: _whole,
}
