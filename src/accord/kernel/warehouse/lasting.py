"""What was computed of rows of the mirror, kept by this process for as long as rows are only added to them.

One copy serves every thread: what is kept is read and never written to.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar, cast

One = TypeVar("One")
MOST = 16  # of which one of a million rows has some fifty megabytes

_found: "OrderedDict[str, tuple[Extent, Any]]" = OrderedDict()
_busy: defaultdict[str, Lock] = defaultdict(Lock)
_turn = Lock()


@dataclass(frozen=True)
class Extent:
    """Which rows of some tables there are: those with ids up to `high`, since each was `begun`."""

    begun: Mapping[str, str]
    high: Mapping[str, int]

    def continues(self, before: "Extent") -> bool:
        """Whether rows were only added since."""
        return self.begun == before.begun and all(self.high[name] >= high for name, high in before.high.items())


def lasting(name: str, extent: Extent, build: Callable[[], One], extend: Callable[[One, Extent], One | None]) -> One:
    """What was computed under this name of rows of this extent; of what was used longest ago nothing is kept.

    Whoever asks while it is computed waits for it.
    """
    with _turn:
        busy = _busy[name]
    with busy:
        with _turn:
            before, found = _found.pop(name, (None, None))
        if before and before != extent:
            found = extend(cast(One, found), before) if extent.continues(before) else None
        found = build() if found is None else found
        with _turn:
            _found[name] = extent, found
            if len(_found) > MOST:
                _found.popitem(last=False)
        return cast(One, found)
