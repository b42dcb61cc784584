"""What a tracking client sent: by which key, and which of its events can be kept."""

import base64
import binascii
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from accord.rooms.capture.events import REASONS, Refused, admitted

MOST = 2500  # events of a batch
LARGEST = 500 * 1024  # bytes of a request, unpacked
LONGEST_TEXT = 255  # of a time or a key beside the events
SHORT = {
    "i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias", "b": "batch",
    "import": "batch",
}  # fmt: skip
PATH = re.compile(r"(?:/[\w.-]+)*/v1/(identify|track|page|screen|group|alias|batch|import|[itpsgab])/?|/(b)/?")
# A browser that cut a text in the midst of a character writes one half of a pair: group 2 is a whole pair.
HALF = re.compile(
    rb"(?<!\\)((?:\\\\)*)(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
Event = tuple[bytes, bytes]


class Unreadable(ValueError):
    """Nothing of the request can be kept; the argument says why."""


@dataclass
class Read:
    """The events of a request that are kept, and why others are not: by place, with the reason."""

    events: list[Event] = field(default_factory=list)
    rejected: list[tuple[int, str, bytes]] = field(default_factory=list)
    sent_at: str | None = None
    key: str | None = None  # given in the body, as browsers do


class Batch(msgspec.Struct, rename="camel"):
    batch: list[msgspec.Raw]
    sent_at: Any = None
    write_key: Any = None


class Single(msgspec.Struct, rename="camel"):
    sent_at: Any = None
    write_key: Any = None


_batch, _single = msgspec.json.Decoder(Batch), msgspec.json.Decoder(Single)


def type_of(path: str) -> str | None:
    """Which type of event an address takes, or `batch`; None for an address that is none of ours."""
    found = PATH.fullmatch(path)
    return (SHORT.get(word, word) if (word := found[1] or found[2]) else None) if found else None


def secret_of(headers: Mapping[bytes, bytes]) -> str | None:
    """The write key that stands as the user of Basic authorisation."""
    scheme, _space, given = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return None


def unpacked(body: bytes, encoding: bytes) -> bytes:
    """Raises Unreadable for a body that is broken or too large, before it fills the memory."""
    if encoding.strip().lower() in (b"gzip", b"x-gzip") or body[:2] == b"\x1f\x8b":
        reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            body = reader.decompress(body, LARGEST + 1)
        except zlib.error as wrong:
            raise Unreadable("the body says that it is gzip, and is not") from wrong
        if not reader.eof and len(body) <= LARGEST:
            raise Unreadable("the gzip body is cut off")
    if len(body) > LARGEST:
        raise Unreadable("a request has at most 500 KB")
    return body


def read(type: str, body: bytes) -> Read:
    """Raises Unreadable where the body is no event, and no batch of events."""
    try:
        return _many(_batch.decode(body)) if type == "batch" else _one(type, body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        if (mended := HALF.sub(_mended, body)) != body:
            return read(type, mended)
        shape = 'an object with a list "batch"' if type == "batch" else "an object"
        raise Unreadable(f"the body is not JSON of the right shape: {shape}") from wrong


def judged(found: Read, key: int, type: str) -> Read:
    """Sort the events of a request into those that are kept and those that are not."""
    kept = Read(sent_at=found.sent_at)
    for place, (_digest, raw) in enumerate(found.events):
        try:
            kept.events.append(admitted(raw, key, None if type == "batch" else type))
        except Refused as refused:
            kept.rejected.append((place, str(refused), raw))
    return kept


def explained(rejected: list[tuple[int, str, bytes]]) -> list[dict[str, Any]]:
    return [{"index": place, "reason": reason, "message": REASONS[reason]} for place, reason, _raw in rejected]


def _many(batch: Batch) -> Read:
    if len(batch.batch) > MOST:
        raise Unreadable(f"a batch has at most {MOST} events")
    return Read([(b"", bytes(raw)) for raw in batch.batch], [], _text(batch.sent_at), _text(batch.write_key))


def _one(type: str, body: bytes) -> Read:
    single = _single.decode(body)
    return Read([(b"", body)], [], _text(single.sent_at), _text(single.write_key))


def _mended(found: re.Match[bytes]) -> bytes:
    return found[1] + (found[2] or rb"\ufffd")


def _text(given: Any) -> str | None:
    kept = str(given) if isinstance(given, str | int | float) else ""
    return kept if 0 < len(kept) <= LONGEST_TEXT and "\x00" not in kept else None
