"""Which events came before, by their hashes: what one process holds in memory of what the inbox knows.

A hash falls anywhere in the table of its day, so that each would cost a page to write. Young hashes are therefore
durable in the order in which they come, one row a commit, and move into the tables later, in parts that are sorted and
fall into few pages. At each commit a process reads the rows that others have added.
"""

from collections.abc import Iterable

SIZE = 16  # bytes of a hash
REMEMBERED = 8  # days in which a repeat is found
MOST_YOUNG = 200_000  # hashes from which on they move
PACE = 4  # hashes that move with each event that comes

Hashes = dict[int, set[bytes]]  # by the day of their events


class Known:
    """Is right after a commit. After a transaction that was rolled back one begins with a new one."""

    def __init__(self) -> None:
        self.last = 0  # row of young hashes, up to which all are here
        self.most = MOST_YOUNG
        self._young: Hashes = {}
        self._moving: Hashes = {}
        self._left: list[tuple[int, bytes]] = []
        self._upto = 0

    def add(self, row: int, day: int, hashes: Iterable[bytes]) -> None:
        self.last = row
        self._young.setdefault(day, set()).update(hashes)

    def unknown(self, hashes: set[bytes], day: int) -> set[bytes]:
        for within in (self._young, self._moving):
            for earlier, known in within.items():
                if earlier > day - REMEMBERED:
                    hashes = hashes - known
        return hashes

    @property
    def ripe(self) -> bool:
        """Whether there are so many young ones that they are to move."""
        return not self._moving and sum(map(len, self._young.values())) >= self.most

    def begin(self, days: Iterable[int]) -> None:
        """Let the young ones of these days move; of others nobody asks any more."""
        self._moving, self._young = {day: self._young[day] for day in days if day in self._young}, {}
        self._left = [(day, one) for day in self._moving for one in sorted(self._moving[day], reverse=True)]
        self._upto = self.last

    def part(self, size: int) -> dict[int, list[bytes]]:
        """The next so many that move, sorted, by day."""
        part: dict[int, list[bytes]] = {}
        rest = max(len(self._left) - size, 0)
        for day, one in reversed(self._left[rest:]):
            part.setdefault(day, []).append(one)
        del self._left[rest:]
        return part

    def moved(self) -> int | None:
        """The last row of which nothing is needed any more; once, as soon as all that moved stands in the tables."""
        if self._left or not self._moving:
            return None
        self._moving = {}
        return self._upto


def joined(hashes: Iterable[bytes]) -> bytes:
    return b"".join(hashes)


def apart(joint: bytes) -> list[bytes]:
    return [joint[start : start + SIZE] for start in range(0, len(joint), SIZE)]
