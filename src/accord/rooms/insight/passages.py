"""Leads as of an instant, from their transitions: when each entered, how far it came, where it stands.

One row a lead. History may be written in any order, so the steps of a lead are put in the order in which they
happened, and in the order of writing where that is the same, the entry first; a step that is dated before it (a win on
the day before the first contact) counts as made at the entry.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_

import ibis
from django.utils.translation import gettext as _
from ibis import Table as Rows
from ibis import Value

from accord.kernel.fields import Field
from accord.kernel.instants import to_micros
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.tables import RETRACTIONS, TRAITS
from accord.rooms.funnel import rules
from accord.rooms.funnel.tables import TRANSITIONS
from accord.rooms.insight.questions import ENTRY, OTHERS, Question, labels
from accord.rooms.team.rules import ALL, OWN

MOST_GROUPS = 50
PLACES = range(len(rules.STAGES))
NOWHERE = -1  # the place of an exit: it takes a lead no further


def steps(generation: Generation, t: int, k: int) -> Rows:
    """Every standing step of every lead: from `since` in `stage`, until the next one or for ever.

    `previous` and `next_stage` are those before and after it. The entry has no previous one, and alone says whose the
    lead was and by which `entry` it came.
    """
    return _of_transitions(generation, "steps", t, k, _steps)


def passages(generation: Generation, t: int, k: int) -> Rows:
    """One row a lead that is not in the trash: entered_at, entry, the furthest place it reached, the stage it stands
    in, since when; `at_3` is when it first came as far as place 3, FOREVER where it has not.
    """
    found = every(generation, t, k)
    removed = known.values(known.standing(generation, TRAITS, k), t, kind="lead", field="trashed")
    removed = removed.filter(removed.norm == "true").select(removed="record")
    return found.anti_join(removed, found.lead_id == removed.removed)


def every(generation: Generation, t: int, k: int) -> Rows:
    """As `passages`, those in the trash too."""
    return _of_transitions(generation, "passages", t, k, _every)


def _of_transitions(
    generation: Generation, name: str, t: int, k: int, build: Callable[[Generation, int, int], Rows]
) -> Rows:
    """What is known by now is kept for as long as no transition comes; it is the same at every later instant."""
    last = generation.remembered("last transition", lambda: _last(generation))
    if min(t, k) < last:
        return generation.once((name, t, k), lambda: build(generation, t, k))
    return generation.lasting(name, (TRANSITIONS, RETRACTIONS), lambda: build(generation, last, last))


def _last(generation: Generation) -> int:
    """From when on nothing is added to what is known of transitions, in microseconds."""
    made, retracted = generation.table(TRANSITIONS), generation.table(RETRACTIONS)
    latest = made.aggregate(happened=made.occurred_at.max(), known=made.recorded_at.max())
    both = latest.cross_join(retracted.aggregate(retracted=retracted.recorded_at.max()))
    return max((at or 0 for at in both.to_pyarrow().to_pylist()[0].values()), default=0)


def _steps(generation: Generation, t: int, k: int) -> Rows:
    """In the order in which they happened. What is dated before the entry counts as made at it."""
    found = known.standing(generation, TRANSITIONS, k)
    found = found.filter(found.lead_id.notnull(), found.occurred_at <= known.instant(t))
    found = found.select("id", "lead_id", "contact_id", "entry", "move", "occurred_at", stage="to_stage")
    found = _with_one_entry(found)
    found = found.mutate(turn=(found.move != rules.ENTERED).cast("int8"))
    order = ibis.window(group_by="lead_id", order_by=[found.turn, found.occurred_at, found.id])
    made = found.mutate(
        entered_at=ibis.ifelse(found.turn == 0, found.occurred_at, None).first().over(order),
        then=found.occurred_at.lead().over(order),
        next_stage=found.stage.lead().over(order),
        previous=found.stage.lag().over(order),
    )
    return made.filter(made.entered_at.notnull()).select(
        "lead_id",
        "stage",
        "next_stage",
        "previous",
        contact_id=ibis.ifelse(made.turn == 0, made.contact_id, None),
        entry=ibis.ifelse(made.turn == 0, made.entry, None),
        since=ibis.greatest(made.occurred_at, made.entered_at),
        until=ibis.greatest(made.then.fill_null(known.FOREVER), made.entered_at),
        early=(made.stage == rules.WON) & (made.occurred_at < made.entered_at),
    )


def _with_one_entry(found: Rows) -> Rows:
    """A further entry of a lead, while it is open, says nothing."""
    entered = found.filter(found.move == rules.ENTERED)
    twice = entered.group_by(of="lead_id").having(entered.count() > 1).aggregate(first=entered.occurred_at.min())
    again = entered.semi_join(twice, entered.lead_id == twice.of)
    place = ibis.row_number().over(ibis.window(group_by="lead_id", order_by=[again.occurred_at, again.id]))
    again = again.mutate(place=place)
    further = again.filter(again.place > 0).select(further="id")
    return found.anti_join(further, found.id == further.further)


def _every(generation: Generation, t: int, k: int) -> Rows:
    made = steps(generation, t, k)
    far, last = place(made.stage), made.until == known.instant(known.FOREVER)
    return made.group_by("lead_id").aggregate(
        contact_id=made.contact_id.max(),
        entry=made.entry.max(),
        entered_at=made.since.min(),
        furthest=far.max(),
        stage=ibis.ifelse(last, made.stage, None).max(),
        since=ibis.ifelse(last, made.since, None).max(),
        early=made.early.cast("int64").max(),
        **{f"at_{at}": ibis.ifelse(far >= at, made.since, known.FOREVER).min() for at in PLACES},
    )


def asked(generation: Generation, question: Question) -> Rows:
    """Passages that a question is about, with the value of its dimension: `group` to compare by, `shown` as written.

    Of more than MOST_GROUPS values the smaller ones are one group, OTHERS.
    """
    return settled(generation, "leads", question, lambda: _asked(generation, question))


def _asked(generation: Generation, question: Question) -> Rows:
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
    return valued(found, question.by)


def settled(generation: Generation, of: str, question: Question, build: Callable[[], Rows]) -> Rows:
    """The records of a question with their groups, found once for as long as this generation is read."""
    grouped = generation.once((of, question), build)
    if question.by is None:
        return grouped
    return generation.remembered((of, "bounded", question), lambda: bounded(grouped))


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


def called(found: Rows, by: Field | None, of: str = "lead_id") -> dict[str | None, str]:
    """What the groups of a question are called, in their order; None stands for what is not known."""
    written = shown(found, of)
    return dict[str | None, str](written | labels(by, list(written))) | {None: str(_("not known"))}


def shown(found: Rows, of: str = "lead_id") -> dict[str, str]:
    """Each group as the first of its records is written."""
    groups = found.filter(found.group.notnull()).group_by("group")
    named = groups.aggregate(shown=found.shown.argmin(found[of])).order_by("group")
    return {row["group"]: row["shown"] for row in named.to_pyarrow().to_pylist()}


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
    return generation.remembered(("watched", moment), lambda: _watched_until(generation, moment))


def _watched_until(generation: Generation, moment: int) -> int:
    rows = known.standing(generation, TRANSITIONS, known.FOREVER)
    by_then = rows.filter(rows.recorded_at <= known.instant(moment))
    if by_then.filter(by_then.recorded_at == by_then.stored_at).count().execute():
        return moment
    told = rows.recorded_at.max().to_pyarrow().as_py()
    return moment if told is None else min(moment, told)


def _owned(generation: Generation, found: Rows, member: int, moment: int) -> Rows:
    owner = _values(generation, "lead", "owner", moment)
    mine = owner.filter(owner.number == float(member)).select(owned="record")
    return found.semi_join(mine, found.lead_id == mine.owned)


def _values(generation: Generation, kind: str, field: str, moment: int) -> Rows:
    return known.values(known.standing(generation, TRAITS, moment), moment, kind=kind, field=field)
