"""Which value of a field each lead has: by its own, its contact's, or its contact's company's."""

from dataclasses import dataclass

import ibis
from ibis import Table as Rows

from accord.kernel.fields import Field
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.tables import RETRACTIONS, TRAITS
from accord.rooms.funnel.tables import TRANSITIONS
from accord.rooms.insight.columns import Columns, Texts, everywhere, read
from accord.rooms.insight.made import Made, last_written
from accord.rooms.insight.questions import ENTRY

TABLES = (TRANSITIONS, TRAITS, RETRACTIONS)
MOST_KEPT = 8  # dimensions: each takes sixteen megabytes of a million leads


@dataclass(frozen=True, eq=False)
class Valued(Columns):
    """One entry a lead, in the order of their ids: its value to compare by, and as it is written."""

    groups: Texts
    shown: Texts


def values_of(generation: Generation, of: Made, by: Field | None, moment: int) -> Valued:
    """Of every lead. What is known by now is kept until something is told; it is the same at every later instant."""
    if by is None:
        return Valued(everywhere("", of.entries.size), everywhere("", of.entries.size))
    if by.name == ENTRY.name:
        return Valued(of.entries, of.entries)
    if moment < max(last_written(generation, TRANSITIONS), last_written(generation, TRAITS)):
        return generation.remembered(("values", by.name, moment), lambda: _values_of(generation, of, by, moment))
    kept: dict[str, Valued] = generation.lasting("values", TABLES, dict)
    if by.name not in kept:
        if len(kept) == MOST_KEPT:
            kept.pop(next(iter(kept)))
        kept[by.name] = _values_of(generation, of, by, moment)
    return kept[by.name]


def _values_of(generation: Generation, of: Made, by: Field, moment: int) -> Valued:
    columns = read(with_values(generation, of.rows, by, moment), "lead_id", "group", "shown")
    order = columns["lead_id"].argsort()
    return Valued(columns["group"].of(order), columns["shown"].of(order))


def with_values(generation: Generation, found: Rows, by: Field | None, moment: int) -> Rows:
    """With the value that a field had: `group` to compare by, `shown` as written. Rows bear lead_id, contact_id and,
    where the field is the entry, that."""
    if by is None:
        return found.mutate(group=ibis.literal(""), shown=ibis.literal(""))
    if by.name == ENTRY.name:
        return found.mutate(group=found.entry, shown=found.entry)
    values = field_values(generation, by.kind, by.slug, moment).select(of="record", group="norm", shown="text")
    if by.kind != "company":
        key = found.lead_id if by.kind == "lead" else found.contact_id
        return found.left_join(values, key == values.of).drop("of")
    company = field_values(generation, "contact", "company", moment)
    company = company.select(member="record", company=company.number.cast("int64"))
    placed = found.left_join(company, found.contact_id == company.member)
    return placed.left_join(values, placed.company == values.of).drop("of", "member", "company")


def field_values(generation: Generation, kind: str, field: str, moment: int) -> Rows:
    """The values that a field had of every record."""
    return known.values(known.standing(generation, TRAITS, moment), moment, kind=kind, field=field)
