"""Whether a touch or a value satisfies an operator, as expressions over their normalised forms."""

import re
from functools import reduce
from operator import and_, or_
from typing import Any

import ibis
from ibis import Table as Rows
from ibis import Value

from accord.kernel import fields
from accord.rooms.agreement.document.conditions import Compared, OfField, OfProperty, Touches
from accord.rooms.capture.norm import (
    DAY,
    EARLIEST,
    GREATEST,
    ITEM,
    LATEST,
    LEAST,
    NESTED,
    NUMBER,
    STRING,
    compared,
    entry,
    plain,
    shown,
)

NEVER = ibis.literal(value=False)
ALWAYS = ibis.literal(value=True)


def said_of(pattern: Touches) -> list[OfProperty]:
    """What a pattern says of properties; what it says of assets and campaigns stands apart."""
    return [one for one in pattern.where if isinstance(one, OfProperty)]


def with_properties(touches: Rows, pattern: Touches) -> Value:
    return reduce(and_, [property_is(touches.norm, one) for one in said_of(pattern)])


def property_is(norm: Value, condition: OfProperty) -> Value:
    name, operator, value = plain(condition.property), condition.operator, condition.value
    if operator in ("is", "in"):
        wanted = value if operator == "in" else (value,)
        return reduce(or_, [norm.contains(_whole(name, one) + ITEM) for one in wanted])
    if operator == "known":
        any_of = reduce(or_, [norm.contains(entry(mark, name, "")) for mark in (STRING, NUMBER, NESTED)])
        return any_of if value else ~any_of
    if operator in ("at_least", "at_most"):
        return _property_sized(norm, name, operator, value)
    if not isinstance(value, str):
        return NEVER
    if operator == "starts_with":
        return norm.contains(entry(STRING, name, compared(value)))
    return norm.re_search(_escaped(entry(STRING, name, "")) + f"[^{ITEM}]*" + _escaped(compared(value)))


def _property_sized(norm: Value, name: str, operator: str, bound: Any) -> Value:
    least = operator == "at_least"
    if isinstance(bound, str):
        return _dated(text_in(norm, LATEST if least else EARLIEST, name).nullif(""), operator, bound)
    size = text_in(norm, GREATEST if least else LEAST, name).nullif("").cast("float64")
    return _sized(size, operator, bound)


def text_in(norm: Value, mark: str, name: str) -> Value:
    """The value of an entry; empty where there is none."""
    return norm.re_extract(_escaped(entry(mark, name, "")) + f"([^{ITEM}]*){ITEM}", 1)


def value_is(values: Rows, condition: OfField, of_type: str) -> Value:
    """A value of the field, which is known, satisfies the condition."""
    operator, value = condition.operator, condition.value
    by_number = of_type in (fields.NUMBER, fields.MONEY)
    if operator == "known":
        return values.norm.notnull()
    if operator in ("is", "in"):
        wanted = value if operator == "in" else (value,)
        return reduce(or_, [_equals(values, one, by_number) for one in wanted]).fill_null(NEVER)
    if operator in ("at_least", "at_most"):
        if by_number:
            return _sized(values.number, operator, value)
        return _dated(values.norm, operator, value) if of_type == fields.DATE else NEVER
    if by_number or not isinstance(value, str):
        return NEVER
    wanted = compared(value)
    found = values.norm.startswith(wanted) if operator == "starts_with" else values.norm.contains(wanted)
    return found.fill_null(NEVER)


def _equals(values: Rows, wanted: Any, by_number: bool) -> Value:
    if isinstance(wanted, bool):
        return values.norm == str(wanted).lower() if not by_number else NEVER
    if isinstance(wanted, str):
        return values.norm == compared(wanted) if not by_number else NEVER
    return values.number == number(wanted) if by_number else NEVER


def _sized(size: Value, operator: str, bound: Any) -> Value:
    """Both sides have to be numbers."""
    if isinstance(bound, bool | str):
        return NEVER
    within = size >= number(bound) if operator == "at_least" else size <= number(bound)
    return within.fill_null(NEVER)


def _dated(day: Value, operator: str, bound: Any) -> Value:
    """Dates compare as ISO strings."""
    if not isinstance(bound, str) or not DAY.fullmatch(compared(bound)):
        return NEVER
    within = day >= compared(bound) if operator == "at_least" else day <= compared(bound)
    return within.fill_null(NEVER)


def _whole(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return entry(STRING, name, str(value).lower())
    return entry(STRING, name, compared(value)) if isinstance(value, str) else entry(NUMBER, name, shown(value))


def number(value: float) -> Value:
    """A number as a text that is cast: a literal of digits is a decimal to some engines."""
    return ibis.literal(repr(float(value))).cast("float64")


def word(value: int) -> Value:
    return ibis.literal(value, "int64")


def _escaped(text: str) -> str:
    """Both engines' regular expressions take these escapes; `re.escape` also escapes what one of them refuses."""
    return re.sub(r"([\\.^$|?*+()\[\]{}])", r"\\\1", text)


__all__ = [
    "ALWAYS",
    "NEVER",
    "Compared",
    "number",
    "property_is",
    "said_of",
    "text_in",
    "value_is",
    "with_properties",
    "word",
]
