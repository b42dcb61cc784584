"""What happened to the passages of contacts, as the expression of an agreement takes it."""

import ibis
from ibis import Table as Rows

from accord.kernel.warehouse import known
from accord.rooms.funnel import rules
from accord.rooms.funnel.tables import TRANSITIONS
from accord.rooms.scoring.expression.passages import ENTERED, MOVES
from accord.rooms.scoring.expression.states import Tables

SAID = (rules.RETURNED, *rules.ENDS)


def moves(ledger: Tables, k: int, *, judged: bool = False) -> Rows:
    """Entries, returns and ends that stand at `k` (µs): rows of the schema `passages.MOVES`.

    A merge moves no base, so what it joined is left out. A passage that is opened again is entered again. What the
    judge opened by a touch is left out as well, since a replay opens by its own document; with `judged` it is kept,
    and takes effect when it happened.
    """
    rows = known.standing(ledger, TRANSITIONS, k)
    merged = (rows.move == rules.JOINED) & (rows.reason == rules.BY_MERGE)
    said = rows.filter(rows.move.isin(SAID), ~merged).mutate(way_in=ibis.null("string"))
    entered = rows.filter(rows.move == rules.ENTERED).mutate(way_in=rows.entry, of_judge=_by_judge(rows))
    entered = entered.mutate(recorded_at=entered.of_judge.ifelse(entered.occurred_at, entered.recorded_at))
    taken = entered if judged else entered.filter(~entered.of_judge)
    every = said.union(taken.select(said.columns)).union(_reopened(rows, entered).select(said.columns))
    move = every.move.isin(SAID).ifelse(every.move, ibis.literal(ENTERED))
    return every.select(
        "contact_id", move=move, entry="way_in", occ="occurred_at", rec="recorded_at", turn="id"
    ).cast(dict(MOVES.items()))  # fmt: skip


def _by_judge(rows: Rows) -> ibis.Value:
    return rows.reason == rules.BY_RULE


def _reopened(rows: Rows, entered: Rows) -> Rows:
    again = rows.filter(rows.move == rules.REOPENED)
    of_lead = entered.group_by(of="lead_id").aggregate(way_in=lambda r: r.way_in.min())
    return again.inner_join(of_lead, again.lead_id == of_lead.of)
