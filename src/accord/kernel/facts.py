"""What a fact is made of: a frozen dataclass in the past tense, declared by the room that records it."""

import dataclasses
import re
from functools import cache
from typing import Any, dataclass_transform

SUBJECTS = ("contact", "company", "lead", "deal")
_declared: dict[str, type] = {}


@dataclass_transform(frozen_default=True)
def fact(cls: type) -> type:
    """Declare a kind of fact. Its first field names its subject; it holds ids and plain values, never free text."""
    declared: type = dataclasses.dataclass(frozen=True)(cls)
    _declared[kind_of(declared)] = declared
    return declared


def kind_of(declared: type) -> str:
    return _snake(declared.__name__)


@cache
def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def kinds() -> dict[str, type]:
    """Every kind that Accord itself declares; a test or a bench may declare some of its own beside them."""
    return {kind: declared for kind, declared in _declared.items() if declared.__module__.startswith("accord.")}


def columns(recorded: Any) -> dict[str, Any]:
    """The ledger's columns for a fact: subject, the ids it is found by, and the rest as payload.

    A fact about volume has a subject without an id, such as the source that touches came from.
    """
    values = dict(vars(recorded))
    subject = next(iter(values))
    record = values[subject] if isinstance(values[subject], int | None) else None
    return {
        "kind": kind_of(type(recorded)),
        "subject": subject,
        "subject_id": record,
        **{f"{name}_id": values.get(name) for name in SUBJECTS},
        "payload": {k: v for k, v in values.items() if k not in SUBJECTS and (k != subject or record is None)},
    }
