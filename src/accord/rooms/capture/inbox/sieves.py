"""Which hashes stand in no table for sure: Bloom's filter over the table of each day, in memory.

To seek every hash of a commit in the tables of eight days costs more than all else that a commit does. A hash is four
words of 32 bits and sets the bit that each names: of those that were never put in, one in 400 passes and is sought in
vain, and none that was put in is held back. Costs two bytes an event that is remembered. Bloom, "Space/Time Trade-offs
in Hash Coding with Allowable Errors", CACM 13 (1970).
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from threading import Event, Lock, Thread

import numpy as np

WORDS, BITS = 4, 16  # of a hash, and for a hash
SMALLEST, LARGEST = 2**16, 2**27  # hashes in a part; each holds twice as many as the one before
REST = 0.05  # seconds after each part of a table: nobody waits for a sieve, and events wait for the processor
BIT = np.array([1 << place for place in range(8)], np.uint8)
log = logging.getLogger(__name__)


class Sieve:
    """What was put in passes; of everything else, very little does."""

    def __init__(self) -> None:
        self._parts: list[_Part] = []

    def put(self, joint: bytes) -> None:
        """Hashes, one after another."""
        words = _words(joint)
        while len(words):
            if not self._parts or not self._parts[-1].room:
                self._parts.append(_Part(min(SMALLEST << len(self._parts), LARGEST)))
            room = self._parts[-1].room
            self._parts[-1].put(words[:room])
            words = words[room:]

    def passing(self, hashes: Sequence[bytes]) -> list[bytes]:
        words, found = _words(b"".join(hashes)), np.zeros(len(hashes), bool)
        for part in self._parts:
            found |= part.holds(words)
        return [hashes[place] for place in found.nonzero()[0].tolist()]

    def join(self, other: "Sieve") -> None:
        self._parts[:0] = other._parts


class Sieves:
    """Of one process, by day. Until its table has been read to the end, a day lets everything pass."""

    def __init__(self) -> None:
        self._by_day: dict[int, Sieve] = {}
        self._reading: dict[int, _Reading] = {}
        self._turn = Lock()

    def __contains__(self, day: int) -> bool:
        return day in self._by_day

    def begin(self, day: int, young: Iterable[bytes], stored: Iterator[bytes]) -> None:
        """`young`: what may not stand in the table yet. `stored`: what does, as joint hashes, read aside."""
        self._by_day[day] = Sieve()
        self.put(day, young)
        self._reading[day] = _Reading(stored, self._turn)

    def put(self, day: int, hashes: Iterable[bytes]) -> None:
        if day in self._by_day:
            self._by_day[day].put(b"".join(hashes))

    def passing(self, day: int, hashes: Sequence[bytes]) -> Sequence[bytes]:
        """Those that may stand in the table of the day."""
        return self._by_day[day].passing(hashes) if self.ready(day) else hashes

    def ready(self, day: int) -> bool:
        reading = self._reading.get(day)
        if reading and reading.done:
            self._by_day[day].join(reading.sieve)
            del self._reading[day]
        return day in self._by_day and day not in self._reading

    def keep(self, first: int, last: int) -> None:
        """Let go of the days before and after."""
        for day in [day for day in self._by_day if not first <= day <= last]:
            del self._by_day[day]
            if reading := self._reading.pop(day, None):
                reading.stop()

    def close(self) -> None:
        self.keep(0, -1)


class _Reading:
    """A table, on its way into a sieve, in a thread that nobody waits for. One takes its turn after another."""

    def __init__(self, stored: Iterator[bytes], turn: Lock) -> None:
        self.sieve = Sieve()
        self.done = False
        self._stopped = Event()
        Thread(target=self._read, args=(stored, turn), name="inbox-sieve", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _read(self, stored: Iterator[bytes], turn: Lock) -> None:
        try:
            with turn:
                for joint in stored:
                    self.sieve.put(joint)
                    if self._stopped.wait(REST):
                        break
        except Exception:
            log.exception("the hashes of a day could not be read: they are sought in its table")
        else:
            self.done = True


class _Part:
    def __init__(self, room: int) -> None:
        self.room = room
        self._last = np.uint32(room * BITS - 1)  # a power of two but one, which cuts a word to a place
        self._bits = np.zeros(room * BITS // 8, np.uint8)

    def put(self, words: np.ndarray) -> None:
        places = words & self._last
        np.bitwise_or.at(self._bits, places >> 3, BIT[places & 7])
        self.room -= len(words)

    def holds(self, words: np.ndarray) -> np.ndarray:
        places = words & self._last
        return (self._bits[places >> 3] & BIT[places & 7]).all(axis=1)


def _words(joint: bytes) -> np.ndarray:
    return np.frombuffer(joint, "<u4").reshape(-1, WORDS)
