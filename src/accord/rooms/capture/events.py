"""The public tracking format: what an event must have at the door, and all of it when it is taken in.

Event types and field names are those of the public Segment HTTP tracking specification.
"""

import hashlib
import re
from typing import Any
from uuid import uuid4

import msgspec

TYPES = frozenset(("identify", "track", "page", "screen", "group", "alias"))
LARGEST = 32 * 1024  # bytes of one event
LONGEST_ID = 255
CALLED = re.compile(r"[^\W_]")  # a letter or a digit, without which a name is none in snake case either
DEEPEST = 100  # objects and lists within one another
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")  # no database text holds it
Name = str | int | None


class Envelope(msgspec.Struct, rename="camel"):
    """What is looked at before an event is acknowledged."""

    type: str | None = None
    message_id: Name = None
    user_id: Name = None
    anonymous_id: Name = None
    event: str | None = None
    group_id: Name = None
    previous_id: Name = None
    traits: "AddressOnly | None" = None
    context: "ContextOnly | None" = None

    @property
    def somebody(self) -> bool:
        addressed = (self.traits and self.traits.email) or (
            self.context and self.context.traits and self.context.traits.email
        )
        return bool(text(self.user_id) or text(self.anonymous_id) or addressed)


class AddressOnly(msgspec.Struct):
    email: Any = None


class ContextOnly(msgspec.Struct):
    traits: AddressOnly | None = None


class Event(msgspec.Struct, rename="camel"):
    """An event as it is taken in."""

    type: str | None = None
    message_id: Name = None
    user_id: Name = None
    anonymous_id: Name = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    timestamp: Any = None
    original_timestamp: Any = None
    sent_at: Any = None
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: dict[str, Any] | None = None
    group_id: Name = None
    previous_id: Name = None


class Refused(ValueError):
    """This event is not kept; the argument is a word for why, as `REASONS` explains."""


REASONS = {
    "not_an_object": "an event is a JSON object",
    "unreadable": "an event is JSON in UTF-8, with at most 100 objects and lists within one another",
    "too_large": "an event has at most 32 KB",
    "wrong_type": "the type is identify, track, page, screen, group or alias",
    "wrong_field": "an id is a text or a whole number; traits and context are objects",
    "id_too_long": "an id has at most 255 characters",
    "nobody": "an event needs userId, anonymousId, or traits.email",
    "no_event_name": "a track needs the name of the event, with a letter or a digit in it",
    "no_group": "a group needs groupId",
    "no_previous": "an alias needs previousId and userId",
}

_envelope = msgspec.json.Decoder(Envelope)
_event = msgspec.json.Decoder(Event)


def admitted(raw: bytes, key: int, type: str | None = None) -> tuple[bytes, bytes]:
    """An event's hash and what is kept of it. Raises Refused. `type` is what its address says that it is."""
    if len(raw) > LARGEST:
        raise Refused("too_large")
    try:
        raw.decode()  # the decoder does not look at texts that it skips
        event = _envelope.decode(raw)
    except msgspec.ValidationError as wrong:
        raise Refused("wrong_field" if str(wrong).find("$.") > 0 else "not_an_object") from wrong
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Refused("unreadable") from wrong
    if _too_deep(raw):
        raise Refused("unreadable")
    missing: dict[str, str] = {}
    if event.type is None and type:
        event.type = missing["type"] = type
    if text(event.message_id) is None:
        event.message_id = missing["messageId"] = f"accord-{uuid4()}"
    _check(event)
    if missing:  # at the end, where it counts even if the event says null
        raw = raw.rstrip()[:-1] + b"," + msgspec.json.encode(missing)[1:]
    return _digest(key, event.message_id), raw


def digest_of(raw: bytes, key: int) -> bytes:
    """The hash of an event that was admitted."""
    return _digest(key, _envelope.decode(raw).message_id)


def read(raw: bytes) -> Event:
    """Raises msgspec.ValidationError for what only the whole event shows to be wrong."""
    return _event.decode(NUL.sub(rb"\1", raw) if b"\\u0000" in raw else raw)


def _too_deep(raw: bytes) -> bool:
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for sign in STRING.sub(b"", raw):
        depth += (sign in b"[{") - (sign in b"]}")
        if depth > DEEPEST:
            return True
    return False


def _digest(key: int, message_id: Name) -> bytes:
    return hashlib.blake2b(f"{key}:{message_id}".encode(), digest_size=16).digest()


def text(name: Name) -> str | None:
    """An id as it is kept; empty ones are none."""
    return str(name).strip() or None if name is not None else None


def _check(event: Envelope) -> None:
    if event.type not in TYPES:
        raise Refused("wrong_type")
    ids = (event.message_id, event.user_id, event.anonymous_id, event.group_id, event.previous_id)
    if any(name and len(name if isinstance(name, str) else str(name)) > LONGEST_ID for name in ids):
        raise Refused("id_too_long")
    if event.type == "alias":
        if not (text(event.previous_id) and text(event.user_id)):
            raise Refused("no_previous")
    elif not event.somebody:
        raise Refused("nobody")
    if event.type == "track" and not CALLED.search(event.event or ""):
        raise Refused("no_event_name")
    if event.type == "group" and not text(event.group_id):
        raise Refused("no_group")
