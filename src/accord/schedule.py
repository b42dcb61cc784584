"""What runs when nothing happens: one table of periodic work."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accord.kernel.warehouse import mirror

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Periodic:
    name: str
    every: timedelta
    run: Callable[[], object]


TABLE = (Periodic("refresh the mirror", timedelta(minutes=1), mirror.refresh),)


@dataclass
class Due:
    """Which entries of the table ran when, in this process."""

    last: dict[str, datetime] = field(default_factory=dict)

    def run(self, now: datetime) -> None:
        """Run what is due. An entry that fails is logged and waits for its next turn; the others go on."""
        for entry in TABLE:
            if entry.name not in self.last or now - self.last[entry.name] >= entry.every:
                self.last[entry.name] = now
                _run(entry)


def _run(entry: Periodic) -> None:
    try:
        entry.run()
    except Exception:
        log.exception("%s failed", entry.name)
