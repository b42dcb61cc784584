"""Which touches count for whom at (as-of, known-at), as AGREEMENT.md fixes it."""

import json

import numpy as np
from ibis import Table as Rows

from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.tables import FACTS
from accord.rooms.capture.tables import TOUCHES, VERDICTS
from accord.rooms.insight.columns import NONE, Numbers, found_among
from accord.rooms.people.tables import LINKS


def owners(generation: Generation, k: int) -> Rows:
    """To whom each identity belongs: identity_id, contact_id (none: nobody)."""
    return known.newest(known.standing(generation, LINKS, k), "identity_id").select("identity_id", "contact_id")


def human(generation: Generation, touches: Rows, k: int) -> Rows:
    """Touches by their newest verdict human; without one, by the flag they came with."""
    newest = known.newest(known.standing(generation, VERDICTS, k), "touch_id")
    verdicts = newest.select(judged="touch_id", verdict="machine")
    judged = touches.left_join(verdicts, touches.id == verdicts.judged)
    return judged.filter(~judged.verdict.fill_null(judged.machine)).drop("judged", "verdict")


def counting(generation: Generation, t: int, k: int) -> Rows:
    """Touches that count, each with the contact for whom it does."""
    standing = known.standing(generation, TOUCHES, k)
    touches = human(generation, standing.filter(standing.occurred_at <= known.instant(t)), k)
    links = owners(generation, k)
    owned = links.filter(links.contact_id.notnull()).select(owned="identity_id", contact_id="contact_id")
    return touches.inner_join(owned, touches.identity_id == owned.owned).drop("owned")


def lived_on(generation: Generation, contacts: Numbers, k: int) -> Numbers:
    """In whom each of these contacts lives on: itself, where it was not merged away. A merge moves touches; what a lead
    did stays with whom it was opened for.
    """
    into = _merged(generation, k)
    losers = np.array(sorted(into), dtype=np.int64)
    survivors = np.array([*(_end(into, loser) for loser in losers.tolist()), NONE], dtype=np.int64)
    places = found_among(losers, contacts)
    return np.where(places == NONE, contacts, survivors[places])


def _merged(generation: Generation, k: int) -> dict[int, int]:
    facts = known.recorded(generation.table(FACTS), k)
    facts = facts.filter(facts.kind.isin(["contacts_merged", "contacts_unmerged"])).order_by("id")
    into: dict[int, int] = {}
    for row in facts.select("kind", "contact_id", "payload").to_pyarrow().to_pylist():
        loser = json.loads(row["payload"])["loser"]
        if row["kind"] == "contacts_merged":
            into[loser] = row["contact_id"]
        else:
            into.pop(loser, None)
    return into


def _end(into: dict[int, int], contact: int) -> int:
    while contact in into:
        contact = into[contact]
    return contact
