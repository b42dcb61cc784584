"""What the mirror holds: tables as objects of the room that owns them, imported like anything else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.db import models

from accord.kernel.instants import InstantField
from accord.kernel.ledger import Fact, Retraction
from accord.kernel.traits import Trait

INTEGER, NUMBER, TEXT, BOOL, INSTANT, JSON = "integer", "number", "text", "bool", "instant", "json"
_ARROW = {
    INTEGER: pa.int64(),
    NUMBER: pa.float64(),
    TEXT: pa.string(),
    BOOL: pa.bool_(),
    INSTANT: pa.int64(),
    JSON: pa.string(),
}
_DUCKDB = {INTEGER: "BIGINT", NUMBER: "DOUBLE", TEXT: "VARCHAR", BOOL: "BOOLEAN", INSTANT: "BIGINT", JSON: "VARCHAR"}
_KINDS: tuple[tuple[type[models.Field], str], ...] = (
    (InstantField, INSTANT),
    (models.BooleanField, BOOL),
    (models.FloatField, NUMBER),
    (models.JSONField, JSON),
    (models.CharField, TEXT),
    (models.TextField, TEXT),
)


@dataclass(frozen=True)
class Column:
    name: str
    kind: str

    def read(self, vendor: str) -> str:
        """How a plain cursor reads it: instants as microseconds, JSON as text."""
        if vendor == "postgresql" and self.kind == INSTANT:
            return f'(extract(epoch FROM "{self.name}") * 1000000)::bigint'
        return f'"{self.name}"::text' if vendor == "postgresql" and self.kind == JSON else f'"{self.name}"'

    def scanned(self, vendor: str) -> str:
        """How the operational database hands it to the scanner."""
        if vendor == "postgresql" or self.kind != NUMBER:
            return self.read(vendor) if self.kind == JSON else f'"{self.name}"'
        # DuckDB takes every result of a query to SQLite as text, and SQLite's text of a number has 15 digits only.
        return f'CASE WHEN "{self.name}" IS NOT NULL THEN printf(\'%!.17g\', "{self.name}") END'

    def cast(self, vendor: str) -> str:
        """How the scanner's reader turns it into the mirror's type."""
        if vendor == "postgresql" and self.kind == INSTANT:
            return f'epoch_us("{self.name}") AS "{self.name}"'
        return f'CAST("{self.name}" AS {_DUCKDB[self.kind]}) AS "{self.name}"'


@dataclass(frozen=True, eq=False)
class Table:
    """A table of the mirror. Append-only ones grow by watermark; labels are small and copied whole.

    `columns` are database columns, `id` first. Texts that lists compare by have a normalised column beside
    them, which is mirrored like any other.
    """

    name: str
    model: type[models.Model]
    names: Sequence[str]
    append_only: bool = True

    @property
    def source(self) -> str:
        return self.model._meta.db_table

    @property
    def columns(self) -> list[Column]:
        fields = {f.column: f for f in self.model._meta.concrete_fields}
        return [Column(name, _kind(fields[name])) for name in self.names]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(c.name, _ARROW[c.kind]) for c in self.columns])

    def arrow(self, rows: Sequence[Sequence[Any]]) -> pa.Table:
        """Rows of a plain cursor as a table of the mirror."""
        cells = list(zip(*rows, strict=True)) or [()] * len(self.names)
        arrays = [_array(values, field.type) for values, field in zip(cells, self.schema, strict=True)]
        return pa.Table.from_arrays(arrays, schema=self.schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    # SQLite keeps booleans as 0 and 1.
    return pa.array(values, pa.int64()).cast(kind) if kind == pa.bool_() and _whole(values) else pa.array(values, kind)


def _whole(values: Sequence[Any]) -> bool:
    return any(type(value) is int for value in values)


def _kind(field: models.Field) -> str:
    return next((kind for of, kind in _KINDS if isinstance(field, of)), INTEGER)


_kept: dict[str, Table] = {}


def keep(tables: Iterable[Table]) -> None:
    """The mirror keeps these tables from its next generation on."""
    _kept.update({table.name: table for table in tables})


def kept() -> list[Table]:
    return list(_kept.values())


FACTS = Table(
    "facts",
    Fact,
    (
        "id", "kind", "subject", "subject_id", "contact_id", "company_id", "lead_id", "deal_id", "payload", "by_id",
        "occurred_at", "recorded_at", "stored_at",
    ),
)  # fmt: skip
RETRACTIONS = Table(
    "retractions",
    Retraction,
    ("id", "fact_id", "table", "row_id", "retracted_fact_id", "reason", "recorded_at", "stored_at"),
)
TRAITS = Table(
    "traits",
    Trait,
    (
        "id", "fact_id", "kind", "record", "field", "text", "norm", "number", "asserted", "by_id", "occurred_at",
        "recorded_at", "stored_at",
    ),
)  # fmt: skip
