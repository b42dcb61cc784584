"""When a contact's passage was open, and between which moves a qualification may fall.

`moves` are rows of contact_id, move, entry, occ, rec, turn (the order of writing): entries, returns and ends.
"""

import ibis
from ibis import Table as Rows

from accord.kernel.warehouse.known import FOREVER
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.expression.counting import has
from accord.rooms.scoring.expression.matching import word
from accord.rooms.scoring.expression.states import BEFORE_ALL, span

ENTERED, RETURNED = "entered", "returned"
SUBJECT = ("marketing", "import")  # entries that are subject to qualification
MOVES = ibis.schema(
    {"contact_id": "int64", "move": "string", "entry": "string", "occ": "int64", "rec": "int64", "turn": "int64"}
)


def placed(moves: Rows, asked: Asked) -> Rows:
    """Every move with its stretch (between ends), the base and the last end as known from it on."""
    moves = moves.filter((moves.move != ENTERED) | moves.entry.isin(asked.document.leads.entries))
    order = [moves.rec, moves.occ, moves.turn]
    until_here = ibis.window(group_by="contact_id", order_by=order, rows=(None, 0))
    ends, bases = ~moves.move.isin([ENTERED, RETURNED]), moves.move != ENTERED
    return moves.mutate(
        stretch=ends.cast("int64").sum().over(until_here),
        last_end=ends.ifelse(moves.occ, word(BEFORE_ALL)).max().over(until_here),
        base=bases.ifelse(moves.occ, word(BEFORE_ALL)).max().over(until_here),
        ends=ends,
        bases=bases,
    )


def segments(moved: Rows) -> Rows:
    """contact_id, since, until, stretch, base, last_end, ended: between two returns or ends, by when they are known.

    A contact without any has none here: it has one segment that lasts for ever.
    """
    breaks = moved.filter(moved.bases)
    columns = ("contact_id", "stretch", "base", "last_end")
    first = moved.select("contact_id").distinct().select(
        "contact_id", stretch=word(0), base=word(BEFORE_ALL), last_end=word(BEFORE_ALL),
        since=word(BEFORE_ALL), occ=word(BEFORE_ALL), turn=word(-1), begun=ibis.literal(""),
    )  # fmt: skip
    rows = first.union(breaks.select(*columns, since="rec", occ="occ", turn="turn", begun="move"))
    order = ibis.window(group_by="contact_id", order_by=[rows.since, rows.occ, rows.turn])
    return rows.mutate(
        until=rows.since.lead().over(order).fill_null(FOREVER), ended=rows.begun.lead().over(order)
    ).drop("occ", "turn", "begun")


def openings(touches: Rows, moved: Rows, parts: Rows, asked: Asked) -> Rows:
    """contact_id, stretch, opened, subject: when the passage of each stretch opened, by a touch or by an entry."""
    opening = touches.filter(has(touches[f"m{_bit(asked).column}"], _bit(asked)))
    if "marketing" not in asked.document.leads.entries:
        opening = opening.filter(word(0) == 1)
    never_moved = opening.anti_join(moved, "contact_id")
    by_touch = never_moved.group_by("contact_id").aggregate(opened=never_moved.since.min()).mutate(stretch=word(0))
    stretches = parts.group_by("contact_id", "stretch").aggregate(
        begins=parts.since.min(), ends=parts.until.max(), last_end=parts.last_end.min()
    )
    stretches = stretches.rename(of="contact_id")
    again = opening.inner_join(stretches, opening.contact_id == stretches.of)
    again = again.mutate(opened=ibis.greatest(again.since, again.begins))
    again = again.filter(again.opened < again.until, again.opened < again.ends, again.occ > again.last_end)
    again = again.group_by("contact_id", "stretch").aggregate(opened=again.opened.min())
    by_entry = _entries(moved)
    columns = ("contact_id", "stretch", "opened")
    touched = (
        by_touch.select(*columns).union(again.select(*columns)).mutate(turn=word(1), subject=ibis.literal(value=True))
    )
    every = touched.union(by_entry.select(*columns, turn=word(0), subject=by_entry.subject))
    first = ibis.window(group_by=["contact_id", "stretch"], order_by=[every.opened, every.turn])
    chosen = every.mutate(place=ibis.row_number().over(first))
    return chosen.filter(chosen.place == 0).mutate(by_touch=chosen.turn == 1).drop("place", "turn")


def _entries(moved: Rows) -> Rows:
    """The first entry of each stretch; a further one while it is open says nothing."""
    entries = moved.filter(moved.move == ENTERED)
    first = ibis.window(group_by=["contact_id", "stretch"], order_by=[entries.rec, entries.occ, entries.turn])
    placed_entries = entries.mutate(place=ibis.row_number().over(first))
    chosen = placed_entries.filter(placed_entries.place == 0)
    return chosen.select("contact_id", "stretch", opened="rec", subject=chosen.entry.isin(SUBJECT))


def judged(opened: Rows, moved: Rows, parts: Rows, asked: Asked) -> Rows:
    """contact_id, stretch, segment (its beginning), since, until, base, ended: where a qualification may fall."""
    never_moved = opened.anti_join(moved, "contact_id")
    simple = never_moved.filter(never_moved.subject).select(
        "contact_id", "stretch", segment=word(BEFORE_ALL), since="opened", until=word(FOREVER),
        base=word(BEFORE_ALL), ended=ibis.null("string"), opened="opened", waited=word(BEFORE_ALL),
    )  # fmt: skip
    pieces = parts.rename(of="contact_id", in_stretch="stretch", segment="since")
    joined = opened.filter(opened.subject).inner_join(
        pieces, [opened.contact_id == pieces.of, opened.stretch == pieces.in_stretch]
    )
    wait = span(asked.document.leads.requalify.wait_days)
    waited = (joined.base > word(BEFORE_ALL)).ifelse(joined.base + wait, word(BEFORE_ALL))
    joined = joined.mutate(waited=waited, since=ibis.greatest(joined.opened, joined.segment, waited))
    joined = joined.filter(joined.since < joined.until)
    columns = ("contact_id", "stretch", "segment", "since", "until", "base", "ended", "opened", "waited")
    return simple.select(*columns).union(joined.select(*columns))


def _bit(asked: Asked):
    return asked.bit(asked.fresh[0])
