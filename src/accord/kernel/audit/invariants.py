"""The registry of invariants, and the run over all of them.

An invariant looks at records by stretches of ids and with set-based statements, so that a million records
take a bounded amount of memory; nothing is ever repaired.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection

STRETCH = 10_000
Shown = Callable[[int, int], None]


@dataclass(frozen=True)
class Violation:
    """A record of which an invariant does not hold, and in what way."""

    invariant: str
    record: str
    what: str


@dataclass
class Findings:
    """What an audit has looked at, as record × invariant, so many records at a time, and what it found wrong."""

    stretch: int = STRETCH
    checked: int = 0
    violations: list[Violation] = field(default_factory=list)
    asking: str = ""

    def looked_at(self, count: int) -> None:
        self.checked += count

    def wrong(self, kind: str, record: object, what: str) -> None:
        self.violations.append(Violation(self.asking, f"{kind}:{record}", what))


@dataclass(frozen=True)
class Invariant:
    """`name` is stable for ever. `outside`: it compares with files, which may be newer than the database's snapshot."""

    name: str
    check: Callable[[Findings], None]
    outside: bool = False


_held: list[Invariant] = []


def hold(*invariants: Invariant) -> None:
    """The kernel and each room say what must hold. A name may be held by several, each for its own records."""
    _held.extend(one for one in invariants if one not in _held)


def names() -> list[str]:
    return list(dict.fromkeys(one.name for one in _held))


def run(shown: Shown | None = None, stretch: int = STRETCH) -> Findings:
    """Check everything that is held, against one state of the database. Writes nothing and holds no writer up."""
    findings = Findings(stretch)
    ordered = sorted(_held, key=lambda one: not one.outside)
    outside = [one for one in ordered if one.outside]
    for done, invariant in enumerate(outside):
        _ask(invariant, findings, shown, done)
    with _snapshot():
        for done, invariant in enumerate(ordered[len(outside) :], len(outside)):
            _ask(invariant, findings, shown, done)
    return findings


def _ask(invariant: Invariant, findings: Findings, shown: Shown | None, done: int) -> None:
    if shown:
        shown(done, len(_held))
    findings.asking = invariant.name
    invariant.check(findings)


@contextmanager
def _snapshot() -> Iterator[None]:
    """One state for all statements. Not `atomic`, which would take the write lock of SQLite for as long as it lasts."""
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else "BEGIN DEFERRED"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
