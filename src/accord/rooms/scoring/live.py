"""Judging a few contacts at once: the expression, compiled once for each version, over just their rows."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import ibis
import pyarrow as pa
from django.db import connection
from ibis import Table as Rows

from accord.kernel import bulk, fields
from accord.kernel.instants import from_micros, to_micros
from accord.kernel.ledger import Retraction
from accord.kernel.traits import Trait
from accord.kernel.warehouse.known import FOREVER
from accord.kernel.warehouse.tables import RETRACTIONS, TRAITS, Table
from accord.rooms.agreement.document.model import Document, Promises, Share
from accord.rooms.agreement.models.version import document_of
from accord.rooms.agreement.queries import Term
from accord.rooms.campaigns.tables import CAMPAIGNS
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.capture.tables import TOUCHES, VERDICTS
from accord.rooms.content.tables import ASSETS
from accord.rooms.people.models import Contact, Link
from accord.rooms.people.tables import LINKS
from accord.rooms.scoring import engine
from accord.rooms.scoring.engine import NOW, Statement
from accord.rooms.scoring.expression import attributes
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.expression.matching import NEVER, word
from accord.rooms.scoring.expression.passages import MOVES
from accord.rooms.scoring.expression.scores import At
from accord.rooms.scoring.expression.states import BEFORE_ALL, Tables
from accord.rooms.scoring.expression.stream import Inputs, evaluated
from accord.rooms.scoring.staff import Staff

FROM = ibis.schema({"contact_id": "int64", "from_instant": "int64"})
INSTANTS = ibis.schema({"contact_id": "int64", "at": "int64"})
ANY_DAY = "1970-01-01"
UNREAD = {
    "name": "any", "effective": ANY_DAY, "review_by": ANY_DAY, "icp": None, "handoffs": (), "promises": Promises(),
    "routing": (), "coverage": (), "recycling": (), "responsibilities": (),
}  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """What was true of a contact at one instant, in one segment of its passage.

    `due`: a qualification may fall here. `stretch_until` is where the segment ends, if it did.
    """

    contact_id: int
    t: int
    segment: int
    until: int
    opened: int
    by_touch: bool
    base: int
    due: bool
    scope: bool
    holds: bool
    engaged: bool


@dataclass(frozen=True)
class Scored:
    contact_id: int
    fit: float
    engagement: float
    grade: str


@dataclass
class Batch:
    """Some contacts, since when each is judged, and the moves of their passages as rows of `MOVES`."""

    since: Mapping[int, int]
    moves: Sequence[Mapping[str, Any]]
    known_at: int
    instants: list[dict[str, int]] = field(default_factory=list)


class _Tables:
    """Tables by name alone: what they hold is registered before each run."""

    def table(self, of: Table) -> Rows:
        return ibis.table(ibis.schema(of.schema), name=of.name)


class _Parts:
    """Compiles what is put aside, once."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.made: list[tuple[str, str]] = []

    def put(self, name: str, rows: Rows) -> Rows:
        self.made.append((f"{self.prefix}_{name}", ibis.to_sql(rows, dialect="duckdb")))
        return ibis.table(rows.schema(), name=f"{self.prefix}_{name}")


def judged(term: Term, batch: Batch, gathered: Mapping[str, pa.Table]) -> tuple[list[Moment], list[Scored]]:
    """The moments of contacts, and their scores as of what is known."""
    asked = Asked(term.version.document)
    statement = _judging(_read(term.version.text), _types(asked))
    there, scored = engine.run_all(statement, _told(batch, gathered), batch.known_at)
    return _moments(asked, batch, there), [Scored(**row) for row in scored]


def moments(term: Term, batch: Batch, gathered: Mapping[str, pa.Table]) -> list[Moment]:
    """Every instant, from the one on from which a contact is judged, at which it has an open passage."""
    asked = Asked(term.version.document)
    statement = _judging(_read(term.version.text), _types(asked))
    return _moments(asked, batch, engine.run(statement, _told(batch, gathered)))


def _told(batch: Batch, gathered: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    return {
        **gathered,
        "moves": pa.Table.from_pylist(list(batch.moves), schema=MOVES.to_pyarrow()),
        "from_instants": _arrow([{"contact_id": c, "from_instant": at} for c, at in batch.since.items()], FROM),
        "instants": _arrow(batch.instants, INSTANTS),
    }


def _moments(asked: Asked, batch: Batch, rows: engine.Found) -> list[Moment]:
    inside = within(asked.document, batch.since)
    kept = [row for row in rows if row["t"] <= batch.known_at]
    return [
        Moment(**{**row, "scope": row["scope"] and (inside is None or row["contact_id"] in inside)}) for row in kept
    ]


def counted(document_text: str, gathered: Mapping[str, pa.Table], now: int) -> set[tuple[int, int]]:
    """Which touches count for whom now: touch, contact."""
    statement = _counting(_read(document_text), _types(Asked(document_of(document_text))))
    return {(row["touch"], row["contact_id"]) for row in engine.run(statement, gathered, now)}


Put = Callable[[str, Rows], Rows]
Build = Callable[[Tables, Asked, Put], Rows]


def ask(build: Build, document_text: str, tables: Mapping[str, pa.Table], now: int = 0) -> list[dict[str, Any]]:
    """The rows of a further question over what is gathered. `build` says it once for each version, with NOW for `now`;
    what it puts aside does not know the instant."""
    statement = _asking(build, _read(document_text), _types(Asked(document_of(document_text))))
    return engine.run(statement, tables, now)


def table_of(rows: Sequence[Mapping[str, Any]], schema: ibis.Schema) -> pa.Table:
    return _arrow(rows, schema)


def within(document: Document, contacts: Iterable[int]) -> set[int] | None:
    """Who is in the scope, where that is a share of all contacts."""
    scope = document.scope
    if not isinstance(scope, Share):
        return None
    known = Contact.objects.filter(pk__in=list(contacts)).values_list("id", "external_id")
    return {pk for pk, external in known if part_of(scope, external)}


def part_of(scope: Share, external_id: str) -> bool:
    digest = hashlib.sha256(f"{scope.salt}:{external_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < scope.share


def gather(
    contacts: Iterable[int], asked: Sequence[Asked], known_at: int, since: int | None = None
) -> dict[str, pa.Table]:
    """All rows of the ledger that say anything of these contacts at any instant from `since` on, by name of table."""
    people = set(contacts)
    if people and any(one.of_company for one in asked):
        staff = Staff.since(from_micros(known_at if since is None else since))
        people |= {contact for contact, _company in staff.of({of for _one, of in staff.companies(people)})}
    ids = bulk.look_up(Link, "contact_id", people, ["identity_id"])
    identities = {identity for (identity,) in ids}
    links = _rows(LINKS, Link, "identity_id", identities)
    touches = _rows(TOUCHES, Touch, "identity_id", identities)
    verdicts = _rows(VERDICTS, Verdict, "touch_id", [row[0] for row in touches])
    values = _rows(TRAITS, Trait, "record", people, "\"kind\" = 'contact'")
    place = {name: number for number, name in enumerate(TRAITS.names)}
    employers = {row[place["number"]] for row in values if row[place["field"]] == "company" and row[place["number"]]}
    values += _rows(TRAITS, Trait, "record", [int(one) for one in employers], "\"kind\" = 'company'")
    found = {LINKS: links, TOUCHES: touches, VERDICTS: verdicts, ASSETS: [], CAMPAIGNS: []}
    for kind, (_about, table) in attributes.KINDS.items():
        if any(attributes.asked_of(one, kind) for one in asked):
            found[table] = list(table.model._default_manager.values_list(*table.names))
            values += _rows(TRAITS, Trait, "record", [row[0] for row in found[table]], f"\"kind\" = '{kind}'")
    found[TRAITS] = values
    found[RETRACTIONS] = _retractions(found)
    return {table.name: _known(table, rows, known_at) for table, rows in found.items()}


def _rows(table: Table, model: Any, column: str, values: Iterable[int], also: str = "TRUE") -> list[tuple]:
    names = [column_of.read(connection.vendor) for column_of in table.columns]
    return bulk.look_up_as(model, column, values, names, also)


def _retractions(found: Mapping[Table, list[tuple]]) -> list[tuple]:
    if not Retraction.objects.exists():
        return []
    place = {table: table.names.index("fact_id") for table in (LINKS, TOUCHES, VERDICTS, TRAITS)}
    written = {row[at] for table, at in place.items() for row in found[table]}
    rows = _rows(RETRACTIONS, Retraction, "retracted_fact_id", written)
    for table in place:
        rows += _rows(
            RETRACTIONS, Retraction, "row_id", [row[0] for row in found[table]], f"\"table\" = '{table.source}'"
        )
    return rows


def _known(table: Table, rows: list[tuple], known_at: int) -> pa.Table:
    if "recorded_at" in table.names:
        place = table.names.index("recorded_at")
        rows = [row for row in rows if row[place] <= known_at]
    return table.arrow(rows)


@lru_cache(256)
def _read(text: str) -> str:
    """A document without what no expression reads: versions that differ in that alone are compiled and planned once."""
    return document_of(text).model_copy(update=UNREAD).model_dump_json(by_alias=True, exclude_none=True)


def _types(asked: Asked) -> tuple[tuple[str, str], ...]:
    """The types of the fields that the document asks, also of assets and campaigns: a compiled statement is good for
    these alone."""
    wanted = [*asked.fields, *(one for kind in attributes.KINDS for one in attributes.asked_of(asked, kind))]
    known = {field.name: field.type for kind in {one.kind for one in wanted} for field in fields.of(kind).values()}
    return tuple(sorted((one.field, known.get(one.field, "")) for one in wanted))


@lru_cache(64)
def _judging(text: str, _types: tuple) -> Statement:
    asked, parts = Asked(document_of(text)), _Parts("judge")
    moves, instants = ibis.table(MOVES, name="moves"), ibis.table(INSTANTS, name="instants")
    inputs = Inputs(_Tables(), asked, moves, FOREVER, instants=instants, stage=parts.put)
    rows, of = evaluated(inputs)
    wanted = ibis.table(FROM, name="from_instants").rename(wanted="contact_id")
    found = rows.select(
        "contact_id",
        "t",
        fresh=of.fresh if asked.document.leads.requalify.fresh else ~NEVER,
        scope=of.holds(asked.scope) if asked.scope is not None else ~NEVER,
        holds=of.holds(asked.document.qualified),
        engaged=of.holds(asked.engaged) if asked.engaged is not None else NEVER,
    )
    found = found.inner_join(wanted, [found.contact_id == wanted.wanted, found.t >= wanted.from_instant])
    pieces = inputs.judged.rename(of="contact_id", due_from="since")
    opened = inputs.opened.select(whose="contact_id", its="stretch", by_touch="by_touch")
    pieces = pieces.inner_join(opened, [pieces.of == opened.whose, pieces.stretch == opened.its])
    begun = ibis.greatest(pieces.opened, pieces.segment)
    there = [found.contact_id == pieces.of, found.t >= begun, found.t < pieces.until]
    joined = found.inner_join(pieces.mutate(begun=begun), there)
    chosen = joined.select(
        "contact_id", "t", "segment", "until", "opened", "by_touch", "base", "scope", "engaged",
        due=joined.t >= joined.due_from, holds=joined.holds & (joined.fresh | (joined.base == word(BEFORE_ALL))),
    )  # fmt: skip
    scored = _scored(inputs)
    asks = ibis.to_sql(chosen.distinct().order_by("contact_id", "t"), dialect="duckdb")
    return Statement.of(parts.made, asks, ibis.to_sql(scored, dialect="duckdb"))


def _scored(inputs: Inputs) -> Rows:
    """The scores of whoever is judged, as of NOW, over what was put aside for judging."""
    contacts = ibis.table(FROM, name="from_instants").select("contact_id")
    rows, of = At(inputs.ledger, inputs.asked, NOW, FOREVER - 1, inputs).evaluated(contacts)
    return rows.select("contact_id", fit=of.fit, engagement=of.engagement, grade=of.grade)


@lru_cache(64)
def _counting(text: str, _types: tuple) -> Statement:
    touches = At(_Tables(), Asked(document_of(text)), NOW, FOREVER - 1).touches()
    return Statement.of((), ibis.to_sql(touches.select("touch", "contact_id").distinct(), dialect="duckdb"))


@lru_cache(256)
def _asking(build: Build, text: str, _types: tuple) -> Statement:
    parts = _Parts(build.__name__)
    asks = build(_Tables(), Asked(document_of(text)), parts.put)
    return Statement.of(parts.made, ibis.to_sql(asks, dialect="duckdb"))


def _arrow(rows: Sequence[Mapping[str, Any]], schema: ibis.Schema) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema.to_pyarrow())


__all__ = ["NOW", "Batch", "Moment", "Scored", "ask", "gather", "judged", "moments", "table_of", "to_micros"]
