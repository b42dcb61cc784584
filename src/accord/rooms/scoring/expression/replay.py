"""One document over all that is recorded: when each passage would have qualified."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import ceil

import pyarrow as pa
from ibis import Table as Rows
from ibis import Value

from accord.rooms.scoring.expression.matching import ALWAYS, word
from accord.rooms.scoring.expression.predicate import Evaluated
from accord.rooms.scoring.expression.pruning import narrowed
from accord.rooms.scoring.expression.states import BEFORE_ALL
from accord.rooms.scoring.expression.stream import Inputs, evaluated, events_of

CHUNK = 2_000_000  # events that are looked at together: what bounds the memory


def qualifications(inputs: Inputs, within: Rows | None = None) -> Rows:
    """contact_id, at, ended: each passage's first instant, since its last return, at which the predicate holds.

    `within` lists the contacts of a scope that is a share.
    """
    rows, of = evaluated(inputs)
    found = rows.select("contact_id", "t", fresh=_fresh(inputs, of), holds=_holds(inputs, of))
    found = found.filter(found.holds)
    if within is not None:
        found = found.semi_join(within, "contact_id")
    pieces = inputs.judged.rename(of="contact_id")
    judged = found.inner_join(pieces, [found.contact_id == pieces.of, found.t >= pieces.since, found.t < pieces.until])
    judged = judged.filter(judged.fresh | (judged.base == BEFORE_ALL))
    grouped = judged.group_by("contact_id", "segment")
    return grouped.aggregate(at=judged.t.min(), ended=judged.ended.max(), until=judged.until.max())


def in_chunks(
    inputs: Inputs,
    within: Rows | None = None,
    shown: Callable[[int, int], None] = lambda done, of: None,
    *,
    chunk: int = CHUNK,
) -> Iterator[pa.Table]:
    """The same for very many contacts, in bounded memory; `inputs` has to stage for good.

    `shown` hears after each chunk how many of them are done; what it raises stops the replay.
    """
    few = narrowed(inputs)
    events, judged = few.once("events", lambda: events_of(few)), few.judged
    chunks = max(ceil(events.count().to_pyarrow().as_py() / chunk), 1)
    for place in range(chunks):
        mine = [rows.filter(rows.contact_id % word(chunks) == word(place)) for rows in (events, judged)]
        part = replace(few, made={**few.made, "events": mine[0], "judged": mine[1]})
        yield qualifications(part, within).to_pyarrow()
        shown(place + 1, chunks)


def _fresh(inputs: Inputs, of: Evaluated) -> Value:
    return of.fresh if inputs.asked.document.leads.requalify.fresh else ALWAYS


def _holds(inputs: Inputs, of: Evaluated) -> Value:
    holds = of.holds(inputs.asked.document.qualified)
    return holds if inputs.asked.scope is None else holds & of.holds(inputs.asked.scope)
