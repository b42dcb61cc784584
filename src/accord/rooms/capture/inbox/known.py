"""Which events came before, by their hashes: what one process holds in memory of what the inbox knows.

A hash falls anywhere in the table of its day, so that each would cost a page to write. Young hashes are therefore
durable in the order in which they come, one row a commit, and move into the tables later, in parts that are sorted and
fall into few pages. At each commit a process reads the rows that others have added. What stands in the tables is sought
there, but for what the sieves hold back.
"""

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from accord.rooms.capture.inbox.sieves import Sieves

SIZE = 16  # bytes of a hash
REMEMBERED = 8  # days in which a repeat is found
MOST_YOUNG = 200_000  # hashes from which on they move
PACE = 1.25  # hashes that move with each event that comes: all are gone before as many young ones are there
BEHIND = 50  # parts on their way into a table, from which on a commit waits for the oldest
MANY = 20_000  # from so many on nobody who waits for a commit waits for their being sorted

_aside = ThreadPoolExecutor(1, "inbox-sort")

Hashes = dict[int, set[bytes]]  # by the day of their events


@dataclass
class _Leaving:
    """Hashes of a day that move, and the places of those that have not yet, by order of the hash."""

    day: int
    joint: bytes
    places: np.ndarray

    @classmethod
    def of(cls, day: int, hashes: Iterable[bytes]) -> "_Leaving":
        # Sorted as numbers and by their first half only: that is near enough, and others go on meanwhile.
        joint = joined(hashes)
        return cls(day, joint, np.frombuffer(joint, ">u8")[::2].astype("u8").argsort())

    def take(self, size: int) -> list[bytes]:
        taken, self.places = self.places[:size], self.places[size:]
        return [self.joint[SIZE * place : SIZE * (place + 1)] for place in taken.tolist()]


class Known:
    """Is right after a commit. After a transaction that was rolled back one begins with a new one."""

    def __init__(self) -> None:
        self.last = self.last_day = 0  # row of young hashes, up to which all are here, and its day
        self.most = MOST_YOUNG
        self.sieves = Sieves()
        self._young: Hashes = {}
        self._moving: Hashes = {}
        self._sorting: list[Future[_Leaving]] = []
        self._leaving: list[_Leaving] = []
        self._settling: list[Future[None]] = []
        self._upto = 0

    def add(self, row: int, day: int, hashes: Collection[bytes]) -> None:
        self.last, self.last_day = row, day
        self._young.setdefault(day, set()).update(hashes)
        self.sieves.put(day, hashes)

    def unknown(self, hashes: set[bytes], day: int) -> set[bytes]:
        for within in (self._young, self._moving):
            for earlier, known in within.items():
                if earlier > day - REMEMBERED:
                    hashes = hashes - known
        return hashes

    def sift(self, day: int, stored: Iterator[bytes]) -> None:
        """Begin a sieve of a day. `stored`: the hashes in its table by now or later, joint."""
        self.sieves.begin(day, self._moving.get(day, set()) | self._young.get(day, set()), stored)

    def unsift(self, days: Collection[int]) -> None:
        """Begin the latest of these sieves anew: in their tables may stand what came after the last that is here."""
        self.sieves.keep(min(days), self.last_day - 2)  # a day more, since clocks of two processes may differ

    @property
    def ripe(self) -> bool:
        """Whether there are so many young ones that they are to move."""
        return not self._moving and sum(map(len, self._young.values())) >= self.most

    def begin(self, days: Iterable[int]) -> None:
        """Let the young ones of these days move from the next commit on; of others nobody asks any more."""
        self._moving, self._young = {day: self._young[day] for day in days if day in self._young}, {}
        self._sorting = [_sorted(day, hashes) for day, hashes in self._moving.items()]
        self._upto = self.last

    def part(self, size: int) -> dict[int, list[bytes]]:
        """The next so many that move, sorted, by day."""
        if all(one.done() for one in self._sorting):
            self._leaving += [one.result() for one in self._sorting]
            self._sorting = []
        part: dict[int, list[bytes]] = {}
        while size > 0 and self._leaving:
            first = self._leaving[0]
            part[first.day] = first.take(size)
            size -= len(part[first.day])
            if not len(first.places):
                self._leaving.pop(0)
        return part

    def settling(self, part: Future[None]) -> None:
        """A part is on its way into its table."""
        self._settling.append(part)
        if len(self._settling) > BEHIND:
            self._settling.pop(0).result()

    def moved(self) -> int | None:
        """The last row of which nothing is needed any more; once, as soon as all that moved stands in the tables."""
        under_way = self._sorting or self._leaving or not all(part.done() for part in self._settling)
        if under_way or not self._moving:
            return None
        for part in self._settling:
            part.result()
        self._moving, self._settling = {}, []
        return self._upto


def _sorted(day: int, hashes: Collection[bytes]) -> Future[_Leaving]:
    if len(hashes) >= MANY:
        return _aside.submit(_Leaving.of, day, hashes)
    done: Future[_Leaving] = Future()
    done.set_result(_Leaving.of(day, hashes))
    return done


def joined(hashes: Iterable[bytes]) -> bytes:
    return b"".join(hashes)


def apart(joint: bytes) -> list[bytes]:
    return [joint[start : start + SIZE] for start in range(0, len(joint), SIZE)]
