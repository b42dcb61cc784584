"""Which routes of a document hold for contacts, as of an instant: by the one expression, like everything it says."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

import ibis
from ibis import Table as Rows

from accord.kernel.instants import to_micros
from accord.kernel.warehouse.known import FOREVER
from accord.rooms.agreement.document.conditions import AnyOf
from accord.rooms.agreement.models.version import document_of
from accord.rooms.scoring import live
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.expression.passages import MOVES
from accord.rooms.scoring.expression.states import Tables
from accord.rooms.scoring.expression.stream import Inputs, evaluated


def routes(text: str, contacts: Iterable[int], at: datetime) -> dict[int, list[str]]:
    """The ids of the routes whose condition holds, in their order, for each contact."""
    people, routing = list(contacts), document_of(text).routing
    if not routing or not people:
        return {contact: [] for contact in people}
    asking, now = _asking(text), to_micros(at)
    tables = live.gather(people, [Asked(document_of(asking))], now)
    instants = live.table_of([{"contact_id": contact, "at": now} for contact in people], live.INSTANTS)
    rows = live.ask(holding, asking, {**tables, "moves": live.table_of([], MOVES), "instants": instants})
    return {row["contact_id"]: [route.id for place, route in enumerate(routing) if row[f"r{place}"]] for row in rows}


def holding(ledger: Tables, asked: Asked, put: live.Put) -> Rows:
    """One row a contact: which of the conditions hold that the document asks under `qualified`."""
    moves, instants = ibis.table(MOVES, name="moves"), ibis.table(live.INSTANTS, name="instants")
    rows, of = evaluated(Inputs(ledger, asked, moves, FOREVER, clip=False, instants=instants, stage=put))
    qualified = asked.document.qualified
    parts = qualified.any if isinstance(qualified, AnyOf) else (qualified,)
    held = {f"r{place}": of.holds(part) for place, part in enumerate(parts)}
    wanted = instants.rename(whose="contact_id")
    found = rows.select("contact_id", "t", **held)
    return found.semi_join(wanted, [found.contact_id == wanted.whose, found.t == wanted.at]).distinct()


@lru_cache(64)
def _asking(text: str) -> str:
    """The same document with its routes in the place of its definition, so that all they ask is known."""
    document = document_of(text)
    asked = AnyOf(any=tuple(route.when for route in document.routing))
    return document.model_copy(update={"qualified": asked}).model_dump_json(by_alias=True, exclude_none=True)
