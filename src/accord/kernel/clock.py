"""The two clocks. Nothing else in Accord reads the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_moved_to: datetime | None = None


def now() -> datetime:
    """Business time: the source of `occurred_at` and due times. Read at the edge, passed down as `at`."""
    return _moved_to or datetime.now(UTC)


def machine() -> datetime:
    """The machine's own time, for leases, sessions, signatures and progress. Never moved."""
    return datetime.now(UTC)


@contextmanager
def moved_to(at: datetime) -> Iterator[None]:
    """Stand still at `at` within this process: for tests and for the simulated company."""
    global _moved_to
    before, _moved_to = _moved_to, at
    try:
        yield
    finally:
        _moved_to = before
