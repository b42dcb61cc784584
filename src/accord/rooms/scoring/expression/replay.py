"""One document over all that is recorded: when each passage would have qualified."""

import ibis
from ibis import Table as Rows
from ibis import Value

from accord.kernel.warehouse.known import FOREVER
from accord.rooms.scoring.expression.matching import ALWAYS
from accord.rooms.scoring.expression.predicate import Evaluated
from accord.rooms.scoring.expression.states import BEFORE_ALL
from accord.rooms.scoring.expression.stream import Inputs, evaluated


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


def _fresh(inputs: Inputs, of: Evaluated) -> Value:
    return of.fresh if inputs.asked.document.leads.requalify.fresh else ALWAYS


def _holds(inputs: Inputs, of: Evaluated) -> Value:
    holds = of.holds(inputs.asked.document.qualified)
    return holds if inputs.asked.scope is None else holds & of.holds(inputs.asked.scope)


__all__ = ["FOREVER", "ibis", "qualifications"]
