"""Which routes of a document hold for contacts, as of an instant: by the one expression, like everything it says."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

import ibis
from ibis import Table as Rows

from accord.kernel.instants import to_micros
from accord.kernel.warehouse.known import FOREVER
from accord.rooms.agreement.document.conditions import AnyOf, Count, Score
from accord.rooms.agreement.document.model import EVERYBODY, Scoring, Stage
from accord.rooms.agreement.models.version import document_of
from accord.rooms.scoring import live
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.expression.passages import MOVES
from accord.rooms.scoring.expression.predicate import Evaluated
from accord.rooms.scoring.expression.scores import At
from accord.rooms.scoring.expression.states import Tables
from accord.rooms.scoring.expression.stream import Inputs, evaluated

NO_STAGES = (Stage(kind="inquiry", type="pool"),)  # that anything has to be asked for


def routes(text: str, contacts: Iterable[int], at: datetime) -> dict[int, list[str]]:
    """The ids of the routes whose condition holds, in their order, for each contact."""
    people, routing = list(contacts), document_of(text).routing
    if not routing or not people:
        return {contact: [] for contact in people}
    asking, now = _asking(text), to_micros(at)
    tables = live.gather(people, [Asked(document_of(asking))], now)
    instants = live.table_of([{"contact_id": contact, "at": now} for contact in people], live.INSTANTS)
    rows = live.ask(holding, asking, {**tables, "moves": live.table_of([], MOVES), "instants": instants}, now)
    return {row["contact_id"]: [route.id for place, route in enumerate(routing) if row[f"r{place}"]] for row in rows}


def holding(ledger: Tables, asked: Asked, put: live.Put) -> Rows:
    """One row a contact: which of the conditions hold that the document asks under `qualified`."""
    rows, of = _now(ledger, asked) if not asked.asks(Count, Score) else _course(ledger, asked, put)
    qualified = asked.document.qualified
    parts = qualified.any if isinstance(qualified, AnyOf) else (qualified,)
    held = {f"r{place}": of.holds(part) for place, part in enumerate(parts)}
    return rows.select("contact_id", **held).distinct()


def _now(ledger: Tables, asked: Asked) -> tuple[Rows, Evaluated]:
    """Values alone need no course of events."""
    contacts = ibis.table(live.INSTANTS, name="instants").select("contact_id")
    return At(ledger, asked, live.NOW, FOREVER - 1).evaluated(contacts)


def _course(ledger: Tables, asked: Asked, put: live.Put) -> tuple[Rows, Evaluated]:
    moves, instants = ibis.table(MOVES, name="moves"), ibis.table(live.INSTANTS, name="instants")
    rows, of = evaluated(Inputs(ledger, asked, moves, FOREVER, clip=False, instants=instants, stage=put))
    there = [rows.contact_id == instants.contact_id, rows.t == instants.at]
    return rows.semi_join(instants, there), of


@lru_cache(64)
def _asking(text: str) -> str:
    """The same document with its routes in the place of its definition, and without what none of them asks."""
    document = document_of(text)
    asked = AnyOf(any=tuple(route.when for route in document.routing))
    narrowed = document.model_copy(update={"qualified": asked, "scope": EVERYBODY, "stages": NO_STAGES})
    if not Asked(narrowed).asks(Score):
        narrowed = narrowed.model_copy(update={"scoring": Scoring()})
    return narrowed.model_dump_json(by_alias=True, exclude_none=True)
