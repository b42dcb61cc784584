"""Which value of a field each lead has: by its own, its contact's, or its contact's company's."""

from dataclasses import dataclass
from typing import cast

import ibis
import numpy as np
from ibis import Table as Rows

from accord.kernel import fields
from accord.kernel.fields import REF, Field
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.lasting import Extent
from accord.kernel.warehouse.tables import RETRACTIONS, TRAITS
from accord.rooms.insight.columns import (
    NONE,
    Columns,
    Floats,
    Numbers,
    Texts,
    as_rows,
    everywhere,
    found_among,
    in_order,
    read,
)
from accord.rooms.insight.made import Made, last_written
from accord.rooms.insight.questions import ENTRY


@dataclass(frozen=True, eq=False)
class Valued(Columns):
    """One entry a lead, in the order of their ids: its value to compare by, and as it is written."""

    groups: Texts
    shown: Texts


@dataclass(frozen=True, eq=False)
class Values(Columns):
    """One entry a record that has a value, in the order of their ids: the value to compare by, as it is written, and as
    a number where it is one."""

    records: Numbers
    groups: Texts
    shown: Texts
    numbers: Floats

    def of_each(self, records: Numbers) -> Valued:
        places = found_among(self.records, records)
        return Valued(self.groups.of_each(places), self.shown.of_each(places))

    def as_records(self, records: Numbers) -> Numbers:
        """Of each of these the record that its value names, NONE where it has no value."""
        named = np.append(np.nan_to_num(self.numbers, nan=NONE).astype(np.int64), NONE)
        return cast(Numbers, named[found_among(self.records, records)])


def values_of(generation: Generation, of: Made, by: Field | None, moment: int) -> Valued:
    """Of every lead."""
    if by is None:
        return Valued(everywhere("", of.entries.size), everywhere("", of.entries.size))
    if by.name == ENTRY.name:
        return Valued(of.entries, of.entries)
    values = values_by(generation, by.kind, by.slug, moment)
    if by.kind == "lead":
        return values.of_each(of.passages.leads)
    if by.kind == "company":
        return values.of_each(values_by(generation, "contact", "company", moment).as_records(of.contacts))
    return values.of_each(of.contacts)


def values_by(generation: Generation, kind: str, field: str, moment: int) -> Values:
    """Of every record that has one. What is known by now is kept and goes on with what is told: it is the same at every
    later instant."""
    last = last_written(generation, TRAITS)
    name = f"values of {kind}.{field}"
    if moment < last:
        return generation.remembered(
            (name, moment), lambda: _read(field_values(generation, kind, field, moment), kind, field)
        )
    return generation.lasting(
        name,
        (TRAITS, RETRACTIONS),
        lambda: _read(field_values(generation, kind, field, last), kind, field),
        lambda told, before: _with_changed(generation, told, kind, field, before),
    )


def _with_changed(generation: Generation, told: Values, kind: str, field: str, before: Extent) -> Values:
    """With those of which something was told since, or retracted, as they are now."""
    traits = generation.table(TRAITS)
    changed = traits.filter(traits.id > before.high[TRAITS.name])
    changed = changed.union(known.retracted_since(generation, TRAITS, before))
    changed = changed.filter(changed.kind == kind, changed.field == field).select("record").distinct()
    records = read(changed)["record"]
    if not records.size:
        return told
    moment = last_written(generation, TRAITS)
    theirs = known.standing(generation, TRAITS, moment).semi_join(as_rows({"record": records}), "record")
    anew = _read(known.values(theirs, moment, kind=kind, field=field), kind, field)
    others = told.of(~np.isin(told.records, records))
    return others.with_put_in(np.searchsorted(others.records, anew.records), anew)


def compared_by(kind: str, field: str) -> str:
    """The column of a value that tells it from others: a record by its number, whatever a document calls it."""
    of = fields.of(kind).get(field)
    return "text" if of and of.type == REF else "norm"


def _read(values: Rows, kind: str, field: str) -> Values:
    values = values.select("record", "text", "number", group=compared_by(kind, field))
    records, groups, shown, numbers = read(values, "record", "group", "text", "number").values()
    return Values(records, groups, shown, numbers.astype(np.float64)).of(in_order(records))


def with_values(generation: Generation, found: Rows, by: Field | None, moment: int) -> Rows:
    """With the value that a field had: `group` to compare by, `shown` as written. Rows bear lead_id, contact_id and,
    where the field is the entry, that."""
    if by is None:
        return found.mutate(group=ibis.literal(""), shown=ibis.literal(""))
    if by.name == ENTRY.name:
        return found.mutate(group=found.entry, shown=found.entry)
    values = field_values(generation, by.kind, by.slug, moment)
    values = values.select(of="record", group=compared_by(by.kind, by.slug), shown="text")
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
