"""Merge fields of a text: `{{ contact.name }}`. A text is data: nothing in it is ever evaluated, only looked up."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FIELD = re.compile(r"\{\{\s*(\w+\.\w+)\s*\}\}")
BRACES = re.compile(r"\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)|\}\}", re.MULTILINE)


@dataclass(frozen=True)
class Filled:
    """A text with its fields filled in; `missing`: those of which nothing is known, in their order."""

    text: str
    missing: tuple[str, ...] = ()


def unknown(text: str, known: Iterable[str]) -> list[str]:
    """What stands in braces and is no field that is known, as it was written."""
    names = set(known)
    braced = BRACES.findall(text)
    wrong = [one for one in braced if not (found := FIELD.fullmatch(one)) or found[1] not in names]
    return list(dict.fromkeys(wrong))


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Put the values in place of the fields, once: what a value says is never looked at for fields again."""
    missing = dict.fromkeys(name for name in FIELD.findall(text) if not values.get(name))
    return Filled(FIELD.sub(lambda found: values.get(found[1], ""), text), tuple(missing))
