"""The leads that a question is about, as what they did and in which group of its dimension each is."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import ibis
from django.utils.translation import gettext as _
from ibis import Table as Rows

from accord.kernel.fields import Field
from accord.kernel.instants import to_micros
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel.tables import TRANSITIONS
from accord.rooms.insight.columns import NONE, Flags, Numbers, Texts
from accord.rooms.insight.made import Made, Passages, made
from accord.rooms.insight.questions import OTHERS, Question, labels
from accord.rooms.insight.values import values_by, values_of
from accord.rooms.team.rules import ALL, OWN

MOST_GROUPS = 50


def leads(generation: Generation, question: Question) -> Passages:
    """What the leads did that a question is about, as of its moment, each with the value of its dimension.

    Those in the trash are none. Of more than MOST_GROUPS values the smaller ones are one group, OTHERS.
    """
    return generation.remembered(("passages", question), lambda: _leads(generation, question))


def _leads(generation: Generation, question: Question) -> Passages:
    found = all_of(generation, question)
    about = _about(generation, question, found)
    valued = values_of(generation, found, question.by, question.moment(generation)).of(about)
    return replace(found.passages.of(about), groups=_bounded(valued.groups), shown=valued.shown)


def all_of(generation: Generation, question: Question) -> Made:
    """Of every lead, by the moment of the question."""
    moment = question.moment(generation)
    return made(generation, moment, moment)


def _about(generation: Generation, question: Question, of: Made) -> Flags:
    """Which leads the question is about."""
    moment, every = question.moment(generation), of.passages
    trashed = values_by(generation, "lead", "trashed", moment)
    about = ~every.among(trashed.records[trashed.groups.are("true")])
    if question.start:
        about &= every.entered >= to_micros(question.start)
    if question.end:
        about &= every.entered < to_micros(question.end)
    if (reach := scope(question)) != ALL:
        about &= every.among(_owned(generation, question, moment)) if reach == OWN else False
    for only in question.only:
        about &= values_of(generation, of, only.field, moment).groups.are(only.value or None)
    return about


def scope(question: Question) -> str:
    """What the viewer of a question may see: everything, their own, or nothing that reports count."""
    return question.viewer.scope if question.viewer else ALL


def seen(found: Rows, question: Question, own: Callable[[Rows, int], Rows]) -> Rows:
    """What the viewer of a question may see: everything, `own` of that member, or nothing."""
    if (reach := scope(question)) == ALL:
        return found
    if reach != OWN or question.viewer is None:
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


def bounded(grouped: Rows) -> Rows:
    """As `_bounded`, of records that the engine holds."""
    named = grouped.filter(grouped.group.notnull()).group_by("group")
    sizes = named.aggregate(size=ibis._.count()).order_by([ibis.desc("size"), "group"])
    largest = sizes.limit(MOST_GROUPS + 1).to_pyarrow()["group"].to_pylist()
    if len(largest) <= MOST_GROUPS:
        return grouped
    kept = grouped.group.isnull() | grouped.group.isin(largest[:MOST_GROUPS])
    return grouped.mutate(
        group=ibis.ifelse(kept, grouped.group, OTHERS), shown=ibis.ifelse(kept, grouped.shown, OTHERS)
    )


def _bounded(groups: Texts) -> Texts:
    """With the groups that are too many to be shown as one, OTHERS: the smallest, of those of one size the last."""
    counts = groups.counts()
    largest = sorted((name for name in counts if name is not None), key=lambda name: (-counts[name], name))
    return groups.renamed(dict.fromkeys(largest[MOST_GROUPS:], OTHERS)) if len(largest) > MOST_GROUPS else groups


def called(written: Mapping[str, str], by: Field | None) -> dict[str | None, str]:
    """What groups are called that are written so, in their order; None stands for what is not known."""
    return dict[str | None, str]({**written, **labels(by, list(written))}) | {None: str(_("not known"))}


def written(found: Passages) -> dict[str, str]:
    """Each group as the first of its leads is written."""
    first = found.groups.first()
    return {name: name if name == OTHERS else found.shown.at(first[name]) or "" for name in sorted(first)}


def shown(found: Rows, of: str) -> dict[str, str]:
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


def _owned(generation: Generation, question: Question, moment: int) -> Numbers:
    owner = values_by(generation, "lead", "owner", moment)
    return owner.records[owner.numbers == (question.viewer.pk if question.viewer else NONE)]
