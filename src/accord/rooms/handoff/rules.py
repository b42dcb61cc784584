"""Whose turn it is. Decided from values alone, so that a choice can be replayed from what was kept of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WAITING, OFFERED, ACCEPTED, RETURNED, ENDED = "waiting", "offered", "accepted", "returned", "ended"
OPEN = (WAITING, OFFERED)

# Why somebody got it.
FIRST, ABSENT, TAKEN_BACK, BY_HAND = "first", "absent", "taken_back", "by_hand"

# Why somebody did not.
AWAY, FULL, HAD_IT, NO_SHARE, OFF = "away", "full", "had_it", "no_share", "off"

ACCEPT, RETURN, REJECT = "accept", "return", "reject"
# The stage into which the lead goes when a hand-off at this one is accepted; elsewhere it stays.
ACCEPTED_INTO = {"mql": "sal"}
WITH_SALES = ("sal", "sql", "opportunity")  # stages from which sales returns what it has accepted


def held_at(stage: str) -> str:
    """Where a lead stands whose hand-off at this stage was accepted, until it goes on."""
    return ACCEPTED_INTO.get(stage, stage)


@dataclass(frozen=True)
class Candidate:
    """A member who may get it, with their share of the work; `out` says why not now, empty: they may."""

    member: int
    weight: int
    out: str = ""

    @property
    def may(self) -> bool:
        return not self.out and self.weight > 0


@dataclass(frozen=True)
class Pick:
    """Who gets it, None where nobody can; `turns` as they stand afterwards."""

    member: int | None
    turns: Mapping[int, int]


def fair(candidates: Sequence[Candidate], turns: Mapping[int, int]) -> Pick:
    """Smooth weighted round robin: shares are kept at every moment, without bursts, and the same again.

    Each who may gains their weight, the one who stands highest gets it and pays what all of them gained; the first in
    line of those who stand equal. Who is full or away earns a credit for the turn that passed them by, of one turn at
    the most, so that nobody comes back to a flood.
    """
    after = dict(turns)
    there = [one for one in candidates if one.may]
    for one in candidates:
        standing = after.get(one.member, 0)
        after[one.member] = standing + one.weight if one.may else max(standing, min(standing + one.weight, one.weight))
    if not there:
        return Pick(None, dict(turns))
    first = max(there, key=lambda one: after[one.member])  # the first of equals
    after[first.member] -= sum(one.weight for one in there)
    return Pick(first.member, after)
