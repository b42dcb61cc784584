"""The ledger: every append-only table, written last in its transaction at one instant.

`write()` is the only way to record. It buffers facts and their rows, and when the outermost block
ends it takes the ledger's instant, which orders all transactions, and inserts everything. Ids and
instants therefore commit in the same order, so a watermark never misses a row.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection, models, transaction

from accord.kernel import bulk, clock
from accord.kernel.facts import columns
from accord.kernel.instants import InstantField, from_micros, stored, to_micros

LOCK = 4_202_611  # the advisory lock of the ledger on PostgreSQL: any number that is ours
AHEAD = timedelta(minutes=5)


class LedgerInstant(models.Model):
    """One row: the last instant that the ledger gave out."""

    last = InstantField()

    class Meta:
        db_table = "ledger_instant"


class Fact(models.Model):
    """What happened, for ever; at the same time the outbox of the journal."""

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=30)
    subject_id = models.BigIntegerField(null=True)
    contact_id = models.BigIntegerField(null=True)
    company_id = models.BigIntegerField(null=True)
    lead_id = models.BigIntegerField(null=True)
    deal_id = models.BigIntegerField(null=True)
    payload = models.JSONField(default=dict)
    by_id = models.BigIntegerField(null=True)
    occurred_at = InstantField()
    recorded_at = InstantField()
    stored_at = InstantField()

    class Meta:
        db_table = "fact"
        indexes = [
            models.Index(fields=["subject", "subject_id", "id"], name="fact_subject"),
            *(
                models.Index(
                    fields=[f"{name}_id", "id"],
                    name=f"fact_{name}",
                    condition=models.Q(**{f"{name}_id__isnull": False}),
                )
                for name in ("contact", "company", "lead", "deal")
            ),
        ]


class LedgerRow(models.Model):
    """A row that a fact wrote. Its `recorded_at` is the ledger's instant, except in history.

    `fact_id` has no index: what is asked by fact is asked of the fact's own subject, or of all rows at once.
    """

    fact_id = models.BigIntegerField()
    recorded_at = InstantField()
    stored_at = InstantField()

    class Meta:
        abstract = True


class DatedRow(LedgerRow):
    """A ledger row about something that happened at a time of its own."""

    occurred_at = InstantField()
    ahead = models.BooleanField(default=False)  # claimed to be more than five minutes after it was recorded

    class Meta:
        abstract = True


class Retraction(LedgerRow):
    """Says that one row, or every row of one fact, was never right."""

    table = models.CharField(max_length=60, blank=True)
    row_id = models.BigIntegerField(null=True)
    retracted_fact_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=60)

    class Meta:
        db_table = "retraction"
        indexes = [
            models.Index(fields=["retracted_fact_id"], name="retraction_fact"),
            models.Index(fields=["table", "row_id"], name="retraction_row"),
        ]


@dataclass
class Rows:
    """Ledger rows in bulk: tuples in the order of `columns`, without fact and stored_at, which the ledger adds.

    `recorded_at` is added too unless it is among the columns; None in it means the ledger's instant.
    """

    model: type[LedgerRow]
    columns: Sequence[str]
    values: Sequence[Sequence[Any]]


@dataclass
class _Entry:
    recorded: Any
    rows: Sequence[Rows]
    occurred_at: datetime
    recorded_at: datetime | None
    by: int | None
    then: Callable[[int], None] | None


@dataclass
class Writing:
    """One write transaction: who writes, at what business time, and what it has to record at its end."""

    at: datetime
    by: int | None
    entries: list[_Entry] = field(default_factory=list)
    instant: datetime | None = None

    def record(
        self,
        recorded: Any,
        rows: Sequence[LedgerRow | Rows] = (),
        *,
        occurred_at: datetime | None = None,
        recorded_at: datetime | None = None,
        then: Callable[[int], None] | None = None,
    ) -> None:
        """Record a fact with the ledger rows it writes. `then` is called with the fact's id, inside the transaction."""
        self.entries.append(
            _Entry(recorded, _grouped(rows), occurred_at or self.at, recorded_at, self.by, then),
        )


_open: ContextVar[Writing | None] = ContextVar("writing", default=None)
# SQLite makes whoever finds the database locked sleep and try again; within one process waiting in line is far shorter.
_turn = threading.Lock()
caused: ContextVar[list[int] | None] = ContextVar("caused", default=None)
_outbox: Callable[[Sequence[Fact]], None] | None = None


def send_to(outbox: Callable[[Sequence[Fact]], None]) -> None:
    """The journal hands in what writes the pending rows of new facts."""
    global _outbox
    _outbox = outbox


@contextmanager
def write(at: datetime, by: int | None = None) -> Iterator[Writing]:
    """A write transaction; inside another one, the same."""
    outer = _open.get()
    if outer is not None:
        yield outer
        return
    writing = Writing(at, by)
    token = _open.set(writing)
    try:
        with _in_turn(), transaction.atomic():
            yield writing
            facts = _flush(writing) if writing.entries else []
    finally:
        _open.reset(token)
    if (listener := caused.get()) is not None:
        listener.extend(fact.pk for fact in facts)


def _in_turn() -> AbstractContextManager[object]:
    """Who is in a transaction already holds SQLite's lock, and must not wait for somebody who waits for that."""
    return _turn if connection.vendor == "sqlite" and not connection.in_atomic_block else nullcontext()


def instant() -> datetime:
    """Take the ledger's instant: after every earlier one, and in the order in which transactions commit.

    On PostgreSQL this waits for the ledger's lock and holds it to the commit; on SQLite the write lock is held already.
    """
    step = "1"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            step = "INTERVAL '1 microsecond'"
        cursor.execute(
            "INSERT INTO ledger_instant (id, last) VALUES (1, %s) ON CONFLICT (id) DO UPDATE SET last = "
            "CASE WHEN excluded.last > ledger_instant.last THEN excluded.last "
            f"ELSE ledger_instant.last + {step} END RETURNING last",
            [stored(clock.now(), connection.vendor)],
        )
        (taken,) = cursor.fetchone()
    return from_micros(taken) if isinstance(taken, int) else taken


def taken() -> datetime | None:
    """The instant of the transaction that is being written; None until its rows are."""
    writing = _open.get()
    return writing.instant if writing else None


def latest() -> datetime | None:
    """The last instant given out: what `known now` means to a report."""
    return LedgerInstant.objects.filter(pk=1).values_list("last", flat=True).first()


def standing(table: str, alias: str) -> str:
    """The condition, in SQL, that a row of the ledger was not taken back, singly or with its whole fact."""
    return (
        f"NOT EXISTS (SELECT 1 FROM retraction WHERE retracted_fact_id = {alias}.fact_id) "
        f"AND NOT EXISTS (SELECT 1 FROM retraction WHERE \"table\" = '{table}' AND row_id = {alias}.id)"
    )


def _flush(writing: Writing) -> list[Fact]:
    writing.instant = taken = instant()
    facts = _kept_facts([_fact(entry, taken) for entry in writing.entries])
    batches: dict[tuple[type[LedgerRow], tuple[str, ...]], list[Sequence[Any]]] = {}
    for fact, entry in zip(facts, writing.entries, strict=True):
        for rows in entry.rows:
            names, values = _dated(rows, fact.pk, fact.recorded_at, taken)
            batches.setdefault((rows.model, tuple(names)), []).extend(values)
    for (model, columns_of), kept in batches.items():
        bulk.insert(model, columns_of, kept, kept=True)
    for fact, entry in zip(facts, writing.entries, strict=True):
        if entry.then:
            entry.then(fact.pk)
    if _outbox:
        _outbox(facts)
    return facts


def _kept_facts(facts: list[Fact]) -> list[Fact]:
    """Few by one statement that returns their ids; many with ids drawn before, on the way that rows go."""
    names = [field.attname for field in Fact._meta.concrete_fields if not field.primary_key]
    rows = [[getattr(fact, name) for name in names] for fact in facts]
    if len(facts) > bulk.TOGETHER:
        ids = bulk.reserve(Fact, len(facts))
        bulk.insert(Fact, ["id", *names], [[pk, *row] for pk, row in zip(ids, rows, strict=True)])
    else:
        ids = bulk.made(Fact, names, rows)
    for fact, pk in zip(facts, ids, strict=True):
        fact.pk = pk
    return facts


def _fact(entry: _Entry, taken: datetime) -> Fact:
    recorded_at = entry.recorded_at or taken
    return Fact(
        **columns(entry.recorded),
        by_id=entry.by,
        occurred_at=min(entry.occurred_at, recorded_at),
        recorded_at=recorded_at,
        stored_at=taken,
    )


def _grouped(rows: Sequence[LedgerRow | Rows]) -> list[Rows]:
    """Single rows are turned into bulk rows, so that there is one way into the ledger."""
    single: dict[type[LedgerRow], list[LedgerRow]] = {}
    for row in rows:
        if not isinstance(row, Rows):
            single.setdefault(type(row), []).append(row)
    found = [row for row in rows if isinstance(row, Rows)]
    for model, its in single.items():
        names = _columns_of(model)
        found.append(Rows(model, names, [[getattr(row, name) for name in names] for row in its]))
    return found


@cache
def _columns_of(model: type[LedgerRow]) -> list[str]:
    ours = ("id", "fact_id", "stored_at", "ahead")
    return [field.attname for field in model._meta.concrete_fields if field.attname not in ours]


def _dated(rows: Rows, fact: int, recorded_at: datetime, taken: datetime) -> tuple[list[str], list[Sequence[Any]]]:
    """The rows with what the ledger adds, instants as the database keeps them: one pass, since files bring millions."""
    names = list(rows.columns)
    kept = _kept()
    tail = (fact, kept(taken))
    known_place = names.index("recorded_at") if "recorded_at" in names else None
    if not issubclass(rows.model, DatedRow):
        return _plain(rows, names, known_place, kept(recorded_at), tail)
    values: list[Sequence[Any]] = []
    occurred_place, default = names.index("occurred_at"), recorded_at
    for row in rows.values:
        cells = list(row)
        known = default if known_place is None else (cells[known_place] or default)
        occurred = cells[occurred_place]
        ahead = occurred > known
        cells[occurred_place] = kept(known if ahead else occurred)
        if known_place is None:
            cells.append(kept(known))
        else:
            cells[known_place] = kept(known)
        # Nothing is recorded before it happens: a later claim is set to `recorded_at`, and marked beyond five minutes.
        cells.append(ahead and occurred - known > AHEAD)
        cells += tail
        values.append(cells)
    more = ["recorded_at"] if known_place is None else []
    return [*names, *more, "ahead", "fact_id", "stored_at"], values


def _plain(
    rows: Rows, names: list[str], place: int | None, recorded_at: Any, tail: tuple[Any, ...]
) -> tuple[list[str], list[Sequence[Any]]]:
    if place is None:
        return [*names, "recorded_at", "fact_id", "stored_at"], [(*row, recorded_at, *tail) for row in rows.values]
    kept = _kept()
    values: list[Sequence[Any]] = []
    for row in rows.values:
        cells = list(row)
        cells[place] = kept(cells[place]) if cells[place] else recorded_at
        values.append([*cells, *tail])
    return [*names, "fact_id", "stored_at"], values


def _kept() -> Callable[[datetime], Any]:
    """Instants as this database keeps them; remembered, since the rows of a file share most of theirs."""
    if connection.vendor == "postgresql":
        return lambda at: at
    seen: dict[datetime, int] = {}

    def micros(at: datetime) -> int:
        if (found := seen.get(at)) is None:
            found = seen[at] = to_micros(at)
        return found

    return micros
