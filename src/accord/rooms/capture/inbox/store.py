"""What every inbox does the same way."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import ceil
from uuid import uuid4

import msgspec

from accord.rooms.capture.inbox.known import PACE, REMEMBERED, Known, apart, joined

STRETCH = 500  # events of one row, and so the least that is taken at once
DAY = 86_400_000_000  # µs
ACCEPTED, REPEATED, REJECTED = "accepted", "repeated", "rejected"
NOTED, NOTED_BYTES = 20, 4096  # of one commit, so that whoever sends nonsense fills no disk
NOTES = 200  # of one key: the last ones, so that whoever sends the same a million times fills none either
MOVED = """
INSERT INTO inbox_moved (one, upto) VALUES (1, {})
ON CONFLICT (one) DO UPDATE SET upto = excluded.upto WHERE excluded.upto > inbox_moved.upto
"""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What one request brought: by which key, when (µs), when its sender says that it sent it, and its events.

    An event is a hash of 16 bytes, by which it is known again, and its JSON. A rejected one is noted with its reason.
    """

    key: int
    received_at: int
    sent_at: str | None
    events: Sequence[tuple[bytes, bytes]]
    rejected: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a request: events that are new, and those that had come before."""

    new: int
    repeated: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the inbox on its way into the house."""

    id: int
    key: int
    received_at: int
    sent_at: str | None
    events: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as it came by a key, for whoever watches: accepted, repeated, or rejected for a reason."""

    received_at: int
    outcome: str
    reason: str
    event: bytes
    row: int  # of the inbox; 0 where it is in none


@dataclass(frozen=True, slots=True)
class Day:
    """What came by a key on a day (since 1970)."""

    key: int
    day: int
    accepted: int
    repeated: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Queue:
    """How much has not been taken: events, and since when (µs) the oldest waits."""

    events: int
    oldest: int | None


@dataclass(frozen=True, slots=True)
class Looked:
    """Rows of young hashes (id, day, hashes), hashes that stand in a table, the id for a next row of young ones, and up
    to which row they are gone, since all of them have moved."""

    young: Sequence[tuple[int, int, bytes]]
    met: set[bytes]
    next: int
    moved: int


class Inbox(ABC):
    epoch: str
    days: Sequence[int] = ()  # with a table of hashes, when it was last looked

    def __init__(self) -> None:
        self.known = Known()

    def keep(self, arrived: Sequence[Arrived]) -> list[Kept]:
        """Make all of it durable at once. What it returns may be acknowledged. After an exception, close the inbox."""
        day = arrived[0].received_at // DAY
        with self._writing():
            new = self._fresh([digest for one in arrived for digest, _event in one.events], day)
            rows, kept, notes = [], [], []
            for one in arrived:
                events, repeated = _apart(one.events, new)
                kept.append(Kept(len(events), len(repeated)))
                rows += [(one.key, one.received_at, one.sent_at, len(part), _body(part)) for part in _parts(events)]
                notes += [(one.received_at, one.key, REPEATED, "", event) for event in repeated]
                notes += [(one.received_at, one.key, REJECTED, reason, event) for reason, event in one.rejected]
            self._insert(rows)
            self._note(notes[:NOTED])
            self._count(day, arrived, kept)
            self._move(day, sum(one.new for one in kept))
        return kept

    def after(self, taken: int, events: int) -> list[Waiting]:
        """The next rows after id `taken`: about so many events, and at least one row where there is any."""
        found: list[Waiting] = []
        many = 0
        for pk, key, received_at, sent_at, count, body in self._next(taken, events):
            if found and many + count > events:
                break
            many += count
            found.append(Waiting(pk, key, received_at, sent_at, msgspec.json.decode(body, type=list[msgspec.Raw])))
        return found

    def refresh(self) -> None:
        """Another process may have begun a new epoch."""
        ((self.epoch,),) = self._rows("SELECT epoch FROM inbox_epoch", ())

    def queue(self, taken: int) -> Queue:
        counted = "SELECT coalesce(sum(events), 0), min(received_at) FROM inbox WHERE id > {}"
        ((events, oldest),) = self._rows(counted, (taken,))
        return Queue(int(events), oldest)

    def last(self) -> int:
        """The id of the newest row; 0 where there is none."""
        ((found,),) = self._rows("SELECT coalesce(max(id), 0) FROM inbox", ())
        return int(found)

    def days_of_keys(self, since: int) -> list[Day]:
        """What came by each key on each day from `since` on."""
        columns = "api_key, day, accepted, repeated, rejected"
        return [Day(*row) for row in self._rows(f"SELECT {columns} FROM inbox_day WHERE day >= {{}}", (since,))]

    def seen(self, key: int, most: int) -> list[Seen]:
        """The last events that came by a key, newest first."""
        rows = self._rows(
            "SELECT received_at, id, body FROM inbox WHERE api_key = {} ORDER BY id DESC LIMIT {}", (key, most)
        )
        accepted = [
            Seen(received_at, ACCEPTED, "", bytes(event), pk)
            for received_at, pk, body in rows
            for event in reversed(msgspec.json.decode(body, type=list[msgspec.Raw]))
        ]
        notes = self._rows(
            "SELECT received_at, outcome, reason, event FROM inbox_note WHERE api_key = {} ORDER BY id DESC LIMIT {}",
            (key, most),
        )
        noted = [Seen(received_at, outcome, reason, bytes(event), 0) for received_at, outcome, reason, event in notes]
        return sorted([*accepted[:most], *noted], key=lambda one: -one.received_at)[:most]

    def forget(self, taken: int, now: int) -> None:
        """Let go of what was taken and is older than a repeat is looked for."""
        oldest = now // DAY - REMEMBERED + 1
        with self._writing():
            self._run("DELETE FROM inbox WHERE id <= {} AND received_at < {}", (taken, oldest * DAY))
            self._run("DELETE FROM inbox_note WHERE received_at < {}", (oldest * DAY,))
            self._run("DELETE FROM inbox_young WHERE day < {}", (oldest - 1,))
            for day in [d for d in self._days() if d < oldest - 1]:  # a writer may still be in yesterday
                self._run(f"DROP TABLE {_seen(day)}", ())

    def purge(self, taken: int) -> None:
        """Throw away all that was taken, young or not, and begin anew. What waits is kept, what repeats still known."""
        with self._writing():
            self._run("DELETE FROM inbox WHERE id <= {}", (taken,))
            self._run("DELETE FROM inbox_note", ())
            self.renew()

    def renew(self) -> None:
        """A new epoch: ids of this inbox mean nothing to whoever took from the one before."""
        self.epoch = uuid4().hex
        self._run("UPDATE inbox_epoch SET epoch = {}", (self.epoch,))

    def _fresh(self, digests: Sequence[bytes], day: int) -> set[bytes]:
        """Those that were not known; durable, and known from now on."""
        made = self._made(day)
        fresh = self.known.unknown(set(digests), day)
        days = [earlier for earlier in self.days if day - REMEMBERED < earlier]
        looked = self._look_in(days, sorted(fresh))
        for row, of_day, joint in looked.young:
            self.known.add(row, of_day, apart(joint))
        fresh = self.known.unknown(fresh, day) - looked.met
        if fresh:
            self._run(
                "INSERT INTO inbox_young (id, day, hashes) VALUES ({}, {}, {})", (looked.next, day, joined(fresh))
            )
            self.known.add(looked.next, day, fresh)
        for unsifted in [one for one in days if one not in self.known.sieves]:
            self.known.sift(unsifted, iter(()) if unsifted == made else self._stored(_seen(unsifted)))
        return fresh

    def _made(self, day: int) -> int | None:
        """The day, where there was no table for it until now."""
        if day in self.days:
            return None
        self.days = self._days()
        self.known.sieves.keep(day - REMEMBERED + 1, day)
        if day in self.days:
            return None
        self.make_day(_seen(day))
        self.days = [*self.days, day]
        return day

    def _look_in(self, days: Sequence[int], digests: Sequence[bytes]) -> Looked:
        sieves = self.known.sieves
        looked = self._look(self.known.last, {_seen(day): sieves.passing(day, digests) for day in days})
        if looked.moved > self.known.last and any(day in sieves for day in days):
            # Another process has moved what was never read here, and the sieves do not hold it.
            self.known.unsift(days)
            looked = self._look(self.known.last, {_seen(day): digests for day in days})
        self.known.last = max(self.known.last, looked.moved)
        return looked

    def _move(self, today: int, events: int) -> None:
        """A part of what is no longer young, in proportion to what came.

        What begins to move is of this commit, too. It goes on its way with the next, when it is durable: a hash that
        stood in a table without its event would have the event taken for a repeat.
        """
        for day, hashes in self.known.part(ceil(PACE * events)).items():
            if day > today - REMEMBERED and (aside := self._settle(_seen(day), hashes)) is not None:
                self.known.settling(aside)
        if (row := self.known.moved()) is not None:
            self._run("DELETE FROM inbox_young WHERE id <= {}", (row,))
            self._run(MOVED, (row,))
            self._rest()
        if self.known.ripe:
            self.known.begin(self._days())

    def close(self) -> None:
        self.known.sieves.close()
        self._close()

    @abstractmethod
    def _close(self) -> None: ...

    @abstractmethod
    def _writing(self) -> AbstractContextManager[object]:
        """One durable transaction, which nobody else's ids can come into the midst of."""

    @abstractmethod
    def _rows(self, sql: str, values: Sequence[object]) -> Iterator[tuple]: ...

    def _next(self, taken: int, events: int) -> Iterator[tuple]:
        """The rows after id `taken`, as many as may hold so many events: one that is not asked for is not read."""
        return self._rows(
            "SELECT id, api_key, received_at, sent_at, events, body FROM inbox WHERE id > {} ORDER BY id LIMIT {}",
            (taken, events),
        )

    @abstractmethod
    def _run(self, sql: str, values: Sequence[object]) -> None: ...

    @abstractmethod
    def _days(self) -> list[int]: ...

    @abstractmethod
    def make_day(self, table: str) -> None: ...

    @abstractmethod
    def _look(self, last: int, sought: Mapping[str, Sequence[bytes]]) -> Looked:
        """What others have added after row `last` of the young ones, and which of the hashes stand in their table."""

    @abstractmethod
    def _stored(self, table: str) -> Iterator[bytes]:
        """The hashes of a table, many joint at a time, by a connection of its own, as another thread reads them."""

    @abstractmethod
    def _settle(self, table: str, digests: Sequence[bytes]) -> Future[None] | None:
        """Put hashes, whose events are durable, into the table of a day, where they may stand already. Where another
        thread does it, what it returns is done when they stand there for everybody."""

    def _rest(self) -> None:  # noqa: B027 - most have nothing to put away
        """All has settled, and for a while nothing will."""

    @abstractmethod
    def _insert(self, rows: Sequence[tuple]) -> None: ...

    def _note(self, notes: Sequence[tuple[int, int, str, str, bytes]]) -> None:
        for *where, event in notes:
            self._run(
                "INSERT INTO inbox_note (received_at, api_key, outcome, reason, event) VALUES ({}, {}, {}, {}, {})",
                (*where, event[:NOTED_BYTES]),
            )
        for key in {key for _received_at, key, *_more in notes}:
            older = "SELECT id FROM inbox_note WHERE api_key = {} ORDER BY id DESC LIMIT 1 OFFSET {}"
            self._run(f"DELETE FROM inbox_note WHERE api_key = {{}} AND id <= ({older})", (key, key, NOTES))

    def _count(self, day: int, arrived: Sequence[Arrived], kept: Sequence[Kept]) -> None:
        counts: dict[int, list[int]] = {}
        for one, became in zip(arrived, kept, strict=True):
            of_key = counts.setdefault(one.key, [0, 0, 0])
            for place, many in enumerate((became.new, became.repeated, len(one.rejected))):
                of_key[place] += many
        for key, of_key in counts.items():
            self._run(
                "INSERT INTO inbox_day (api_key, day, accepted, repeated, rejected) VALUES ({}, {}, {}, {}, {}) "
                "ON CONFLICT (api_key, day) DO UPDATE SET accepted = inbox_day.accepted + excluded.accepted, "
                "repeated = inbox_day.repeated + excluded.repeated, rejected = inbox_day.rejected + excluded.rejected",
                (key, day, *of_key),
            )


def _apart(events: Sequence[tuple[bytes, bytes]], new: set[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Events that are new, and repeats; a new one is taken out, so that it is new once."""
    distinct = {digest for digest, _event in events}
    if len(distinct) == len(events) and distinct <= new:
        new -= distinct
        return [event for _digest, event in events], []
    first, again = [], []
    for digest, event in events:
        if digest in new:
            new.remove(digest)
            first.append(event)
        else:
            again.append(event)
    return first, again


def _seen(day: int) -> str:
    return f"inbox_seen_{day}"


def _parts(events: list[bytes]) -> Iterator[list[bytes]]:
    return (events[start : start + STRETCH] for start in range(0, len(events), STRETCH))


def _body(events: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(events) + b"]"
