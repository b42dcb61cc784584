"""What comes next for a seller, and which outcomes there are. Decided from values alone."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

CALL, EMAIL, MEETING, OTHER = "call", "email", "meeting", "other"
UNDELIVERED = "undelivered"  # a mail came back: planned by the house, not by people
WAKE = "wake"  # somebody is to be got back to, as the agreement says: planned by the house as well
PLANNED = (CALL, EMAIL, MEETING, OTHER)
TASKS = (*PLANNED, UNDELIVERED, WAKE)

# What somebody proposes for a lead, how it stands, and why its owner would rather not.
MESSAGE, EVENT, OFFER, PROGRAM, RETURN = "message", "event", "offer", "program", "return"
NUDGES = (MESSAGE, EVENT, OFFER, PROGRAM, RETURN)
PROPOSED, ACCEPTED, DECLINED, WITHDRAWN, ENDED = "proposed", "accepted", "declined", "withdrawn", "ended"
OTHERWISE = "other"  # the reason that needs words
DECLINES = ("planned", "not_now", "asked_not_to", "no_fit", "tried", OTHERWISE)
AFTER_NUDGE = {MESSAGE: EMAIL}  # which step an accepted one is; the others: something else
NUDGED = "nudge"  # why a lead went back whose owner accepted that

# What people log, and what can come of it; where a call did not reach anybody it was an attempt.
OUTCOMES = {
    "call_out": ("reached", "no_answer", "voicemail", "call_back", "wrong_number"),
    "call_in": ("reached", "call_back", "wrong_number"),
    "email_out": ("sent",),
    "reply": ("interested", "not_now", "refused"),
    "meeting": ("held", "missed", "put_off"),
    "chat": ("reached", "interested", "not_now", "refused"),
}
LOGGED = tuple(OUTCOMES)

BOOKED = "booked"  # by somebody outside: the outcome of a meeting before it took place

Span = tuple[datetime, datetime]  # from, to before

# What somebody outside can book: no sooner than the notice that a seller needs, no later than people plan ahead.
LENGTH = timedelta(minutes=30)
NOTICE, AHEAD = timedelta(hours=2), timedelta(days=14)

# Groups of the queue, in their order.
CLOCK, TODAY, NEW, IDLE = "clock", "today", "new", "idle"
GROUPS = (CLOCK, TODAY, NEW, IDLE)
NO_GRADE = "~"  # after every grade
SELLING = ("sal", "sql", "opportunity")  # stages in which a lead without a next step is marked

# The server knows no such mailbox (RFC 5321, 4.2.3); with 5.7 it has something against us instead (RFC 3463, 3.8).
NO_MAILBOX = re.compile(r"(?:550|551|553)\b(?!.*\b5\.7\.)", re.DOTALL)


def no_such_mailbox(answer: str) -> bool:
    """Whether a mail server's words mean that the address is wrong, and not that this mail was unwelcome."""
    return NO_MAILBOX.match(answer) is not None


def beginnings(worked: Iterable[Span], busy: Iterable[Span]) -> Iterator[datetime]:
    """When a meeting can begin in what is worked and not taken yet: on the hour or the half, in UTC."""
    taken = sorted(busy)
    for opens, closes in worked:
        begins = opens + (datetime.min.replace(tzinfo=opens.tzinfo) - opens) % LENGTH
        while (ends := begins + LENGTH) <= closes:
            if not any(since < ends and begins < until for since, until in taken):
                yield begins
            begins = ends


@dataclass(frozen=True)
class Waits:
    """What is known of somebody who waits: when something is owed, when a task is due, since when, and how good."""

    owed_at: datetime | None = None
    task_at: datetime | None = None
    offered_at: datetime | None = None
    since: datetime | None = None
    grade: str = ""
    total: float = 0.0

    @property
    def group(self) -> str:
        if self.owed_at:
            return CLOCK
        if self.task_at:
            return TODAY
        return NEW if self.offered_at else IDLE

    @property
    def rank(self) -> tuple:
        """Clocks by time left, then tasks by time, then what is new, best first, then what has no next step."""
        group = self.group
        if group == NEW:
            return GROUPS.index(group), self.grade or NO_GRADE, -self.total, self.offered_at
        return GROUPS.index(group), self.owed_at or self.task_at or self.since
