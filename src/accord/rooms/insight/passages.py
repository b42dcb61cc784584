"""Leads as of an instant, from their transitions: when each entered, how far it came, where it stands.

One row a lead. History may be written in any order, so the steps of a lead are put in the order in which they
happened, and in the order of writing where that is the same; a step that is dated before the entry (a win on
the day before its first contact) counts as made at the entry.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_

import ibis
from ibis import Table as Rows
from ibis import Value

from accord.kernel.fields import Field
from accord.kernel.instants import to_micros
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.tables import TRAITS
from accord.rooms.funnel import rules
from accord.rooms.funnel.tables import TRANSITIONS
from accord.rooms.insight.questions import ENTRY, OTHERS, Question
from accord.rooms.team.rules import ALL, OWN

MOST_GROUPS = 50
NOWHERE = -1  # the place of an exit: it takes a lead no further


def steps(generation: Generation, t: int, k: int) -> Rows:
    """Every standing step of every lead: from `since` in `stage`, until the next one or for ever.

    `previous` and `next_stage` are those before and after it; the entry has no previous one.
    """
    return generation.once(("steps", t, k), lambda: _steps(generation, t, k))


def _steps(generation: Generation, t: int, k: int) -> Rows:
    found = known.standing(generation, TRANSITIONS, k)
    found = found.filter(found.lead_id.notnull(), found.occurred_at <= known.instant(t))
    entered, first = _entered(found), found.move == rules.ENTERED
    made = found.filter(~first).inner_join(entered, found.lead_id == entered.entered_lead)
    made = made.select(
        *_of_lead(made),
        since=ibis.greatest(made.occurred_at, made.entered_at),
        turn=ibis.literal(1, "int64"),
        written=made.id,
        stage=made.to_stage,
        early=(made.to_stage == rules.WON) & (made.early | (made.occurred_at < made.entered_at)),
    )
    opened = entered.select(
        *_of_lead(entered),
        since=entered.entered_at,
        turn=ibis.literal(0, "int64"),
        written=entered.entered_id,
        stage=entered.entered_stage,
        early=ibis.literal(value=False),
    )
    return _until(opened.union(made))


def passages(generation: Generation, t: int, k: int) -> Rows:
    """One row a lead that is not in the trash: entered_at, entry, the furthest place it reached, the stage it stands
    in, since when."""
    made = steps(generation, t, k)
    last = made.until == known.instant(known.FOREVER)
    found = made.group_by("lead_id", "contact_id", "entry", "entered_at").aggregate(
        furthest=place(made.stage).max(),
        stage=ibis.ifelse(last, made.stage, None).max(),
        since=ibis.ifelse(last, made.since, None).max(),
        early=made.early.cast("int64").max(),
    )
    removed = known.values(known.standing(generation, TRAITS, k), t, kind="lead", field="trashed")
    removed = removed.filter(removed.norm == "true").select(removed="record")
    return found.anti_join(removed, found.lead_id == removed.removed)


def asked(generation: Generation, question: Question) -> Rows:
    """Passages that a question is about, with the value of its dimension: `group` to compare by, `shown` as written.

    Of more than MOST_GROUPS values the smaller ones are one group, OTHERS.
    """
    moment = question.moment(generation)
    found = passages(generation, moment, moment)
    if question.start:
        found = found.filter(found.entered_at >= known.instant(to_micros(question.start)))
    if question.end:
        found = found.filter(found.entered_at < known.instant(to_micros(question.end)))
    found = seen(found, question, lambda rows, viewer: _owned(generation, rows, viewer, moment))
    return narrowed(found, question, lambda rows, by: with_values(generation, rows, by, moment))


def seen(found: Rows, question: Question, own: Callable[[Rows, int], Rows]) -> Rows:
    """What the viewer of a question may see: everything, `own` of that member, or nothing."""
    scope = question.viewer.scope if question.viewer else ALL
    if scope == ALL:
        return found
    if scope != OWN or question.viewer is None:
        return found.filter(ibis.literal(value=False))
    return own(found, question.viewer.pk)


def narrowed(found: Rows, question: Question, valued: Callable[[Rows, Field | None], Rows]) -> Rows:
    """What the question is about, by group of its dimension; `valued` adds `group` and `shown` of a field."""
    for only in question.only:
        rows = valued(found, only.field)
        those = rows.group == only.value if only.value else rows.group.isnull()
        found = rows.filter(those).drop("group", "shown")
    grouped = valued(found, question.by)
    return bounded(grouped) if question.by else grouped


def with_values(generation: Generation, found: Rows, by: Field | None, moment: int) -> Rows:
    """With the value that a field had: `group` to compare by, `shown` as written. Rows bear lead_id, contact_id and,
    where the field is the entry, that."""
    if by is None:
        return found.mutate(group=ibis.literal(""), shown=ibis.literal(""))
    if by.name == ENTRY.name:
        return found.mutate(group=found.entry, shown=found.entry)
    values = _values(generation, by.kind, by.slug, moment).select(of="record", group="norm", shown="text")
    if by.kind != "company":
        key = found.lead_id if by.kind == "lead" else found.contact_id
        return found.left_join(values, key == values.of).drop("of")
    company = _values(generation, "contact", "company", moment)
    company = company.select(member="record", company=company.number.cast("int64"))
    placed = found.left_join(company, found.contact_id == company.member)
    return placed.left_join(values, placed.company == values.of).drop("of", "member", "company")


def bounded(grouped: Rows) -> Rows:
    """With the groups that are too many to be shown as one, OTHERS: the smallest, of those of one size the last."""
    named = grouped.filter(grouped.group.notnull()).group_by("group")
    sizes = named.aggregate(size=ibis._.count()).order_by([ibis.desc("size"), "group"])
    largest = sizes.limit(MOST_GROUPS + 1).to_pyarrow()["group"].to_pylist()
    if len(largest) <= MOST_GROUPS:
        return grouped
    kept = grouped.group.isnull() | grouped.group.isin(largest[:MOST_GROUPS])
    return grouped.mutate(
        group=ibis.ifelse(kept, grouped.group, OTHERS), shown=ibis.ifelse(kept, grouped.shown, OTHERS)
    )


def place(stage: Value) -> Value:
    """How far in the funnel a stage lies."""
    branches = [(name, ibis.literal(far, "int64")) for name, far in rules.PLACE.items()]
    return stage.cases(*branches, else_=ibis.literal(NOWHERE, "int64"))


def where(rows: Rows, wanted: Mapping[str, Value]) -> Rows:
    return rows.filter(reduce(and_, wanted.values())) if wanted else rows


def history_since(generation: Generation, t: int) -> int:
    """Rows that claim to have been known by then and were written later: history imported since."""
    rows = generation.table(TRANSITIONS)
    since = rows.filter(rows.recorded_at <= known.instant(t), rows.stored_at > known.instant(t))
    return int(since.count().execute())


def watched_until(generation: Generation, moment: int) -> int:
    """Until when the leads known at `moment` were watched: until then, or until where the told past ends.

    In a house that only imported its past, nobody can say what happened after the last thing that was told: who had
    not won by then is censored there, not counted as waiting ever since.
    """
    rows = known.standing(generation, TRANSITIONS, known.FOREVER)
    by_then = rows.filter(rows.recorded_at <= known.instant(moment))
    if by_then.filter(by_then.recorded_at == by_then.stored_at).count().execute():
        return moment
    told = rows.recorded_at.max().to_pyarrow().as_py()
    return moment if told is None else min(moment, told)


def _entered(found: Rows) -> Rows:
    """The first entry of each lead; a further one, while it is open, says nothing."""
    rows = found.filter(found.move == rules.ENTERED)
    place = ibis.row_number().over(ibis.window(group_by="lead_id", order_by=[rows.occurred_at, rows.id]))
    rows = rows.mutate(place=place)
    return rows.filter(rows.place == 0).select(
        entered_lead="lead_id",
        whose="contact_id",
        way_in="entry",
        entered_at="occurred_at",
        entered_id="id",
        entered_stage="to_stage",
    )


def _of_lead(rows: Rows) -> list[Value]:
    return [
        rows.entered_lead.name("lead_id"),
        rows.whose.name("contact_id"),
        rows.way_in.name("entry"),
        rows.entered_at,
    ]


def _until(rows: Rows) -> Rows:
    order = ibis.window(group_by="lead_id", order_by=[rows.since, rows.turn, rows.written])
    following = rows.mutate(
        until=rows.since.lead().over(order),
        next_stage=rows.stage.lead().over(order),
        previous=rows.stage.lag().over(order),
    )
    return following.mutate(until=following.until.fill_null(known.FOREVER))


def _owned(generation: Generation, found: Rows, member: int, moment: int) -> Rows:
    owner = _values(generation, "lead", "owner", moment)
    mine = owner.filter(owner.number == float(member)).select(owned="record")
    return found.semi_join(mine, found.lead_id == mine.owned)


def _values(generation: Generation, kind: str, field: str, moment: int) -> Rows:
    return known.values(known.standing(generation, TRAITS, moment), moment, kind=kind, field=field)
