"""Passages and qualifications of one contact: instant by instant, in the order that the agreement's text gives."""

from dataclasses import dataclass, field
from functools import cached_property

from tests.rooms.scoring.plain_known import DAY, Row
from tests.rooms.scoring.plain_rules import PASSED, Moment, Reading

ENDS = ("won", "lost", "disqualified", "recycled", "joined")


@dataclass
class Qualification:
    at: int
    ended: str | None = None


@dataclass
class State:
    """Where a contact stands after all that happened so far."""

    open: bool = False
    qualifications: list[Qualification] = field(default_factory=list)

    @property
    def qualified(self) -> bool:
        return bool(self.qualifications) and self.qualifications[-1].ended is None

    def end_qualification(self, how: str) -> None:
        if self.qualified:
            self.qualifications[-1].ended = how

    def take(self, event: str, at: int) -> None:
        if event in ("entered", "opened"):
            self.open = True
        elif event == "qualified":
            if self.open and not self.qualified:
                self.qualifications.append(Qualification(at))
        else:
            self.end_qualification(event)
            self.open = self.open and event not in ENDS


class Story:
    """What happens to one contact under one document, up to the instant that is known."""

    def __init__(self, reading: Reading, contact: str, known_at: int) -> None:
        self.reading = reading
        self.known = reading.known
        self.contact = contact
        self.known_at = known_at
        leads = reading.document["leads"]
        self.fresh = leads.get("requalify", {}).get("fresh", True)
        self.wait = leads.get("requalify", {}).get("wait_days", 0) * DAY
        self.entries = leads.get("entries", ["marketing", "import"])
        self.log: list[tuple[str, int, Row | None]] = []

    # Instants

    @cached_property
    def moves(self) -> list[Row]:
        return sorted(self.known.moves[self.contact], key=lambda row: (row.recorded_at, row.occurred_at, row.order))

    @cached_property
    def facts(self) -> set[int]:
        return self.facts_of_touches() | self.facts_of_values()

    def facts_of_touches(self) -> set[int]:
        found, touches = set(), self.known.touches if self.reading.of_company else self.known.ever[self.contact]
        for touch in touches:
            before = None
            for instant, now in self.known.states[touch.order]:
                if any(whose and self.concerned(whose, instant) for whose in (before, now)):
                    found.add(instant)
                before = now
        return found

    def concerned(self, whose: str, instant: int) -> bool:
        if whose == self.contact:
            return True
        if not self.reading.of_company:
            return False
        company = self.known.company(self.contact, instant, instant)
        return company is not None and company == self.known.company(whose, instant, instant)

    def facts_of_values(self) -> set[int]:
        found = set()
        for (kind, record, _), rows in self.known.values.items():
            instants = set().union(*(row.instants() for row in rows)) if kind in ("contact", "company") else set()
            if kind == "company":
                found |= {at for at in instants if self.known.company(self.contact, at, at) == record}
            elif record == self.contact:
                found |= instants
        return found

    def instants(self) -> list[int]:
        """Everything that could open a passage or be evaluated."""
        moved = set().union(*(row.instants() for row in self.moves))
        waits = {row.occurred_at + self.wait for row in self.moves} if self.wait else set()
        return sorted(at for at in self.facts | moved | waits if at <= self.known_at)

    # State

    def base(self, k: int, *moves: str) -> int | None:
        bases = [row.occurred_at for row in self.moves if row.stands(k) and row.said.move in moves]
        return max(bases, default=None)

    def state(self, k: int) -> State:
        state = State()
        for event, at, row in self.log:
            if row is None or row.stands(k):
                state.take(event, at)
        return state

    # Evaluation

    def tell(self) -> list[Qualification]:
        for at in self.instants():
            entered = self.move(at)
            opened = self.open(at) or entered
            if self.to_evaluate(at, opened=opened) and self.qualifies(at):
                self.log.append(("qualified", at, None))
        return self.state(self.known_at).qualifications

    def move(self, at: int) -> bool:
        """Entries, returns and ends of this instant. True if one opened a passage."""
        opened = False
        for row in self.moves:
            if row.recorded_at == at and (row.said.move != "entered" or "import" in self.entries):
                before = self.state(at).open
                self.log.append((row.said.move, at, row))
                opened = opened or (self.state(at).open and not before)
        return opened

    def open(self, at: int) -> bool:
        if self.state(at).open or "marketing" not in self.entries:
            return False
        since = self.base(at, *ENDS)
        if not self.reading.touches(self.reading.open_on, Moment(self.contact, at, at), since=since):
            return False
        self.log.append(("opened", at, None))
        return True

    def to_evaluate(self, at: int, *, opened: bool) -> bool:
        state = self.state(at)
        if not state.open or state.qualified:
            return False
        return opened or at in self.facts or self.waited(at)

    def waited(self, at: int) -> bool:
        base = self.base(at, "returned", *ENDS)
        return self.wait > 0 and base is not None and base + self.wait == at

    def qualifies(self, at: int) -> bool:
        now = Moment(self.contact, at, at)
        if not self.reading.in_scope(now):
            return False
        base = self.base(at, "returned", *ENDS)
        if base is None:
            return self.reading.holds(self.reading.document["qualified"], now)
        if at < base + self.wait:
            return False
        if not self.fresh:
            return self.reading.holds(self.reading.document["qualified"], now)
        if not any(self.reading.touches(one, now, since=base) for one in (self.reading.open_on, PASSED)):
            return False
        return self.reading.holds(self.reading.document["qualified"], Moment(self.contact, at, at, base))
