"""The kinds of file that can be imported. Each room says how rows of its kind become records.

A kind works in two steps, like a reaction: `plan` reads, decides and computes outside any write
transaction, and is all that a dry run does; what it returns has an `apply` that writes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.functional import Promise

from accord.kernel.fields import Field
from accord.kernel.imports.maps import Target
from accord.kernel.ledger import LedgerRow, Rows, Writing


@dataclass(slots=True, eq=False)
class Row:
    """A row of the file by target: text, or an instant where the target is a time. Empty cells are absent."""

    line: int
    cells: dict[str, Any]
    key: str = ""
    digest: str = ""
    record: int | None = None  # what the key stood for before

    def get(self, target: str, default: Any = None) -> Any:
        return self.cells.get(target, default)


@dataclass
class Batch:
    """A stretch of rows to decide about, with what they need to be judged by."""

    rows: list[Row]
    history: bool
    at: datetime
    by: int | None
    fields: dict[str, dict[str, Field]]

    @cached_property
    def by_target(self) -> dict[str, dict[str, Field]]:
        """The fields of each kind of record by the target of a column: `contact.name`."""
        return {kind: {f"{kind}.{slug}": field for slug, field in of.items()} for kind, of in self.fields.items()}

    def happened(self, row: Row, target: str = "occurred_at") -> datetime:
        return row.get(target) or row.get("occurred_at") or self.at

    def learnt(self, row: Row, occurred_at: datetime) -> tuple[datetime | None, bool]:
        """When a row's values were learnt, and whether that is only asserted. None means now."""
        if not self.history:
            return None, False
        told = row.get("recorded_at")
        return told or occurred_at, told is None


@dataclass
class Plan:
    """What is to become of a batch."""

    rejected: list[tuple[Row, str | Promise]] = field(default_factory=list)
    flagged: list[tuple[Row, str | Promise]] = field(default_factory=list)
    created: list[Row] = field(default_factory=list)
    updated: list[Row] = field(default_factory=list)
    unchanged: list[Row] = field(default_factory=list)
    asserted: int = 0
    apply: Callable[[Writing], "Written"] = lambda writing: Written()

    def reject(self, row: Row, reason: str | Promise | ValueError) -> None:
        self.rejected.append((row, str(reason) if isinstance(reason, ValueError) else reason))


@dataclass
class Written:
    """What was written of a batch: ledger rows for its one fact, and which record each key became."""

    rows: list[LedgerRow | Rows] = field(default_factory=list)
    records: dict[str, int] = field(default_factory=dict)
    touched: list[tuple[str, int, bool]] = field(default_factory=list)  # record kind, record, created by this import
    then: list[Callable[[], None]] = field(default_factory=list)  # once the ledger rows are written

    def follow(self, _fact: int) -> None:
        for then in self.then:
            then()


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    `key` names a row where the map has no key column (None: the whole row). `rest` is where columns without a target
    of their own go: a record kind's fields, or `property`. `field_kinds` are the record kinds whose fields rows set.
    """

    name: str
    label: str | Promise
    targets: Callable[[], list[Target]]
    plan: Callable[[Batch], Plan]
    key: Callable[[Row], str | None] = lambda row: None
    rest: str = ""
    field_kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Undo:
    """What a revert does to records of a kind: `remove` those it had made, `restate` those it had moved."""

    kind: str
    remove: Callable[[Sequence[int], datetime], None]
    restate: Callable[[Sequence[int], datetime], None] = lambda records, at: None


_kinds: dict[str, Kind] = {}
_undoings: dict[str, Undo] = {}


def offer(*kinds: Kind) -> None:
    """A room offers kinds of file."""
    _kinds.update({kind.name: kind for kind in kinds})


def undo_by(*undoings: Undo) -> None:
    _undoings.update({undo.kind: undo for undo in undoings})


def kind(name: str) -> Kind:
    """Raises KeyError for a kind that no room offers."""
    return _kinds[name]


def names() -> list[str]:
    return list(_kinds)


def undoings() -> list[Undo]:
    """In the order of the loop, so that what refers to a record goes before the record."""
    return list(reversed(_undoings.values()))
