"""Document → text: YAML or JSON that reads back to the same data, and the one text that is signed."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from accord.rooms.agreement.document import scalars

WIDTH = 118
INDENT = "  "
# What needs no quotes in any place of a YAML text, unless it would be read as something else than a string.
PLAIN = re.compile(r"\w|[\w/][\w ./-]*\w")
# JSON writes these as they are, and YAML reads them as line breaks or refuses them.
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def canonical(data: Mapping[str, Any]) -> str:
    """The text that is kept, hashed and signed: JSON without spaces, keys in the order of the document."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def digest(text: str) -> str:
    """SHA-256 of the canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def to_json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def to_yaml(data: Mapping[str, Any]) -> str:
    """YAML 1.2: one line where it fits, else one line an entry; what would be read otherwise stands in quotes."""
    lines: list[str] = []
    for key, value in data.items():
        entry = list(_entry(key, value, ""))
        if len(entry) > 1 and lines:
            lines.append("")
        lines += entry
    return "\n".join(lines) + "\n"


def _entry(key: str, value: Any, indent: str) -> Iterator[str]:
    named = f"{indent}{_scalar(key)}:"
    flow = _flow(value)
    if _is_leaf(value) or len(named) + 1 + len(flow) <= WIDTH:
        yield f"{named} {flow}"
    else:
        yield named
        yield from _block(value, indent + INDENT)


def _block(value: Mapping[str, Any] | list[Any], indent: str) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _item(one, indent)
    else:
        for key, one in value.items():
            yield from _entry(key, one, indent)


def _item(value: Any, indent: str) -> Iterator[str]:
    flow = _flow(value)
    if _is_leaf(value) or len(indent) + 2 + len(flow) <= WIDTH:
        yield f"{indent}- {flow}"
        return
    first, *rest = _block(value, indent + INDENT)
    yield f"{indent}- {first.lstrip(' ')}"
    yield from rest


def _is_leaf(value: Any) -> bool:
    return not value or not isinstance(value, dict | list)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and not (PLAIN.fullmatch(value) and scalars.is_plain_string(value)):
        quoted = json.dumps(value, ensure_ascii=False)
        return UNPRINTABLE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", quoted)
    return value if isinstance(value, str) else json.dumps(value, allow_nan=False)
