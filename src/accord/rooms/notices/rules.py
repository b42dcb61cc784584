"""What people are told, and by which way. Decided from values alone."""

from collections.abc import Mapping
from dataclasses import dataclass

OFFERED, PASSED_ON, TAKEN_AWAY, RETURNED = "offered", "passed_on", "taken_away", "returned"
DUE_SOON, BROKEN, ESCALATED = "due_soon", "broken", "escalated"
NUDGED, NUDGE_ANSWERED = "nudged", "nudge_answered"
TO_SIGN, SIGNED = "to_sign", "signed"
KINDS = (
    OFFERED, PASSED_ON, TAKEN_AWAY, RETURNED, DUE_SOON, BROKEN, ESCALATED, NUDGED, NUDGE_ANSWERED, TO_SIGN, SIGNED,
)  # fmt: skip

MOST_AN_HOUR = 20  # at the bell; what comes on top waits for the digest


@dataclass(frozen=True)
class Way:
    """In the app at once, in the digest by mail, both, or not at all."""

    app: bool
    digest: bool


OFF = Way(False, False)
DEFAULTS: Mapping[str, Way] = {kind: Way(True, kind in (BROKEN, ESCALATED, TO_SIGN)) for kind in KINDS}


@dataclass(frozen=True)
class Told:
    """How one notice reaches its member; `capped`: it would be at the bell, had there not been so many."""

    shown: bool
    mailed: bool
    capped: bool = False


def told(way: Way, shown: int) -> Told | None:
    """By which way, after so many within the hour; None: by none."""
    if way == OFF:
        return None
    if way.app and shown >= MOST_AN_HOUR:
        return Told(False, True, capped=True)
    return Told(way.app, way.digest)
