"""The leads that a question is about, as what they did and in which group of its dimension each is."""

from collections.abc import Callable

import ibis
from django.utils.translation import gettext as _
from ibis import Table as Rows

from accord.kernel.fields import Field
from accord.kernel.instants import to_micros
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.tables import TRAITS
from accord.rooms.funnel.tables import TRANSITIONS
from accord.rooms.insight.columns import read
from accord.rooms.insight.made import Made, Passages, made
from accord.rooms.insight.questions import ENTRY, OTHERS, Question, labels
from accord.rooms.team.rules import ALL, OWN

MOST_GROUPS = 50


def leads(generation: Generation, question: Question) -> Passages:
    """What the leads did that a question is about, as of its moment."""
    return generation.remembered(("passages", question), lambda: _leads(generation, question))


def _leads(generation: Generation, question: Question) -> Passages:
    columns = read(asked(generation, question), "lead_id", "group")
    return all_of(generation, question).of(columns["lead_id"], columns["group"])


def all_of(generation: Generation, question: Question) -> Made:
    """Of every lead, by the moment of the question."""
    moment = question.moment(generation)
    return made(generation, moment, moment)


def asked(generation: Generation, question: Question) -> Rows:
    """Leads that a question is about, with the value of its dimension: `group` to compare by, `shown` as written.

    Those in the trash are none. Of more than MOST_GROUPS values the smaller ones are one group, OTHERS.
    """
    return settled(generation, "leads", question, lambda: _asked(generation, question))


def _asked(generation: Generation, question: Question) -> Rows:
    moment = question.moment(generation)
    found = made(generation, moment, moment).rows
    removed = known.values(known.standing(generation, TRAITS, moment), moment, kind="lead", field="trashed")
    removed = removed.filter(removed.norm == "true").select(removed="record")
    found = found.anti_join(removed, found.lead_id == removed.removed)
    if question.start:
        found = found.filter(found.entered_at >= known.instant(to_micros(question.start)))
    if question.end:
        found = found.filter(found.entered_at < known.instant(to_micros(question.end)))
    found = seen(found, question, lambda rows, viewer: _owned(generation, rows, viewer, moment))
    found = narrowed(found, question, lambda rows, by: with_values(generation, rows, by, moment))
    return found.select("lead_id", "entry", "group", "shown")


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


def history_since(generation: Generation, t: int) -> int:
    """Rows that claim to have been known by then and were written later: history imported since."""
    rows = generation.table(TRANSITIONS)
    since = rows.filter(rows.recorded_at <= known.instant(t), rows.stored_at > known.instant(t))
    return int(since.count().execute())


def watched_until(generation: Generation, question: Question) -> int:
    """Until when the leads known at the moment of a question were watched: until then, or until where the told past
    ends.

    In a house that only imported its past, nobody can say what happened after the last thing that was told: who had
    not won by then is censored there, not counted as waiting ever since.
    """
    moment = question.moment(generation)
    return generation.remembered(("watched", moment), lambda: _watched_until(generation, moment))


def _watched_until(generation: Generation, moment: int) -> int:
    rows = known.standing(generation, TRANSITIONS, known.FOREVER)
    by_then = rows.filter(rows.recorded_at <= known.instant(moment))
    if by_then.filter(by_then.recorded_at == by_then.stored_at).limit(1).count().execute():
        return moment
    told = rows.recorded_at.max().to_pyarrow().as_py()
    return moment if told is None else min(moment, told)


def _owned(generation: Generation, found: Rows, member: int, moment: int) -> Rows:
    owner = _values(generation, "lead", "owner", moment)
    mine = owner.filter(owner.number == float(member)).select(owned="record")
    return found.semi_join(mine, found.lead_id == mine.owned)


def _values(generation: Generation, kind: str, field: str, moment: int) -> Rows:
    return known.values(known.standing(generation, TRAITS, moment), moment, kind=kind, field=field)
