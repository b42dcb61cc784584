"""What a touch says, in the form in which conditions compare it: one text that every engine can search.

An entry is ITEM, a mark, the name, IS, the value; the whole ends with ITEM. Strings stand normalised (no engine
does NFKC and case folding), numbers as `repr(float)`; of numbers and of strings of their form, and of days, the
greatest and the least stand once more, for comparing by size; a list once more as a whole, for telling lists
apart. Properties of properties are named with a dot between.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from accord.kernel.text import normalise

ITEM, IS, BETWEEN = "\x1e", "\x1f", "\x1d"
STRING, NUMBER, NESTED, LIST, NAMED = "=", "#", "?", "*", "@"
GREATEST, LEAST, LATEST, EARLIEST = ">", "<", ")", "("
DEEPEST = 4
_SEPARATORS = str.maketrans("", "", ITEM + IS + BETWEEN + "\x00")
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:t.*)?", re.ASCII)


def norm_of(properties: Mapping[str, Any], asset: str, campaign: str) -> str:
    """The text for a touch; `asset` and `campaign` are the keys of their records. Empty where it says nothing."""
    entries = list(_entries(properties, "", 0))
    entries += [entry(NAMED, what, key) for what, key in (("asset", asset), ("campaign", campaign)) if key]
    return "".join(entries) + ITEM if entries else ""


def entry(mark: str, name: str, value: str) -> str:
    return f"{ITEM}{mark}{name}{IS}{value}"


def plain(text: str) -> str:
    """A text without the characters that separate entries."""
    return text.translate(_SEPARATORS)


def compared(text: str) -> str:
    return normalise(plain(text))


def number_of(value: Any) -> float | None:
    """A number, or what has, trimmed, the form of a JSON number; None for everything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        trimmed = value.strip()
        value = float(trimmed) if _JSON_NUMBER.fullmatch(trimmed) else None
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def shown(number: float) -> str:
    return repr(float(number) + 0.0)  # nothing is nothing, whatever its sign


def _entries(properties: Mapping[str, Any], within: str, depth: int) -> Iterator[str]:
    for called, value in properties.items():
        name = within + plain(called)
        if isinstance(value, Mapping):
            if value:
                yield entry(NESTED, name, "")
            if depth < DEEPEST:
                yield from _entries(value, f"{name}.", depth + 1)
        else:
            yield from _items(name, value if isinstance(value, list) else [value])


def _items(name: str, items: list[Any]) -> Iterator[str]:
    said = [one for item in items if (one := _said(item))]
    for mark, text in said:
        yield entry(mark, name, text)
    if len(items) > 1 and said:
        yield entry(LIST, name, BETWEEN.join(mark + text for mark, text in said))
    if numbers := [number for item in items if (number := _sized(item)) is not None]:
        yield entry(GREATEST, name, shown(max(numbers)))
        yield entry(LEAST, name, shown(min(numbers)))
    if days := [text for mark, text in said if mark == STRING and DAY.fullmatch(text)]:
        yield entry(LATEST, name, max(days))
        yield entry(EARLIEST, name, min(days))


def _said(item: Any) -> tuple[str, str] | None:
    """An item with its mark; None for an empty one."""
    if isinstance(item, str | bool):
        text = compared(str(item).lower() if isinstance(item, bool) else item)
        return (STRING, text) if text else None
    if item is None:
        return None
    number = _sized(item)
    return (NUMBER, shown(number)) if number is not None else (NESTED, "")


def _sized(item: Any) -> float | None:
    try:
        return number_of(item)
    except OverflowError:  # a whole number beyond every float
        return None
