"""What keeps a promise and what breaks it, and what is to be done when. Decided from values alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from accord.rooms.capture.rules import TALKS

RUNNING, KEPT, BROKEN, VOID = "running", "kept", "broken", "void"
MARKETING, SALES = "marketing", "sales"
PILOT, ENFORCED = "pilot", "enforced"

FIRST_CONTACT, ATTEMPTS, VERDICT, TAKE_UP = "first_human_contact", "attempts", "verdict", "return_taken_up"
# Measures that have a clock, and whose side owes them.
TIMED = {FIRST_CONTACT: SALES, ATTEMPTS: SALES, VERDICT: SALES, TAKE_UP: MARKETING}

# Opening or clicking a mail is none of it.
CONTACT = TALKS
# With these, somebody answered, unless it came to nothing; and so they did in a call that reached them.
TWO_WAY = ("call_in", "reply", "meeting", "chat")
# Whoever said so is waited for until we come back to them.
WAIT = ("call_back", "put_off", "not_now")
NOTHING, REACHED = ("missed", "put_off", "wrong_number"), ("reached", "call_back")
# Where a machine tells of them, a person of the house took part all the same. It did not in a mail that a program sent.
IN_PERSON = ("call_out", "call_in", "meeting", "chat")

REMIND, BREAK, ESCALATE, TAKE_BACK = "remind", "break", "escalate", "take_back"
MOST_TAKEN_BACK = 2

# Why a clock had nothing to measure any more; the exits of the funnel are causes too.
RETURNED, WENT_ON, TRASHED = "returned", "went_on", "trashed"


@dataclass(frozen=True)
class Touched:
    """One touch; `by_member`: somebody of the house said that it happened, not a machine."""

    kind: str
    occurred_at: datetime
    recorded_at: datetime
    by_member: bool = True
    outcome: str = ""

    @property
    def is_contact(self) -> bool:
        return self.kind in (CONTACT if self.by_member else IN_PERSON)

    @property
    def is_answered(self) -> bool:
        if self.kind in TWO_WAY:
            return self.outcome not in NOTHING
        return self.kind == "call_out" and self.outcome in REACHED


@dataclass(frozen=True)
class End:
    """From then on there was nothing to measure."""

    at: datetime
    cause: str


@dataclass(frozen=True)
class Outcome:
    """How a clock stands. `ended_at`: from then on nothing changes; of a broken one, when it was done at last."""

    state: str
    stopped_at: datetime | None = None
    ended_at: datetime | None = None
    cause: str = ""


@dataclass(frozen=True)
class Plan:
    """When what is to be done about a clock; None: not at all, or done."""

    due_at: datetime
    remind_at: datetime | None = None
    escalate_at: datetime | None = None
    take_back_at: datetime | None = None


def counted_at(touch: Touched, received_at: datetime, due_at: datetime) -> datetime | None:
    """When a touch counts as made; None: it came before the lead did, or was known before.

    What is told too late counts from when it was told: dating it back keeps no promise. People write down minutes.
    """
    if touch.recorded_at <= received_at or touch.occurred_at < received_at.replace(second=0, microsecond=0):
        return None
    if touch.recorded_at > due_at:
        return touch.recorded_at
    return max(touch.occurred_at, received_at)


def first_contact(touches: Iterable[Touched], received_at: datetime, due_at: datetime) -> datetime | None:
    """The first time that a person of the house was in contact, or tried to be."""
    return min(_counted((touch for touch in touches if touch.is_contact), received_at, due_at), default=None)


def attempts(touches: Sequence[Touched], least: int, received_at: datetime, due_at: datetime) -> datetime | None:
    """When so many were made, at different minutes, or somebody answered before."""
    made = _counted((touch for touch in touches if touch.is_contact), received_at, due_at)
    by_minute = {at.replace(second=0, microsecond=0): at for at in sorted(made, reverse=True)}
    enough = sorted(by_minute.values())[least - 1 : least]
    answered = _counted((touch for touch in touches if touch.is_answered), received_at, due_at)
    return min([*enough, *answered], default=None)


def waited_for(touches: Iterable[Touched], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Between start and end, the times from when somebody asked to be left until the next contact with them."""
    made = sorted((one for one in touches if one.is_contact), key=lambda one: one.occurred_at)
    spans = [(one.occurred_at, after) for one, after in pairwise((*made, None)) if one and one.outcome in WAIT]
    until = [(since, after.occurred_at if after else end) for since, after in spans]
    return [(max(a, start), min(b, end)) for a, b in until if max(a, start) < min(b, end)]


def outcome(due_at: datetime, stopped_at: datetime | None, end: End | None, now: datetime) -> Outcome:
    """How a clock stands now. Past its time it is broken, whatever comes afterwards."""
    ended = end.at if end else None
    if stopped_at and (ended is None or stopped_at <= ended):
        state = KEPT if stopped_at <= due_at else BROKEN
        return Outcome(state, stopped_at, stopped_at)
    if end and end.at <= due_at:
        return Outcome(VOID, None, end.at, end.cause)
    if now >= due_at:
        return Outcome(BROKEN, None, ended)
    return Outcome(RUNNING)


def left(plan: Plan, standing: Outcome) -> list[tuple[datetime, str]]:
    """What is still to be done, the first first. What was due before the end is done though it comes late."""
    if standing.state == RUNNING:
        steps = [(plan.remind_at, REMIND), (plan.due_at, BREAK), (plan.escalate_at, ESCALATE)]
        steps.append((plan.take_back_at, TAKE_BACK))
    elif standing.state == BROKEN:
        until = standing.ended_at
        escalate = plan.escalate_at if until is None or (plan.escalate_at and plan.escalate_at <= until) else None
        steps = [(escalate, ESCALATE)]
        if until is None:
            steps.append((plan.take_back_at, TAKE_BACK))
    else:
        return []
    return sorted((at, step) for at, step in steps if at is not None)


def next_at(plan: Plan, standing: Outcome) -> datetime | None:
    return next((at for at, _step in left(plan, standing)), None)


def _counted(touches: Iterable[Touched], received_at: datetime, due_at: datetime) -> list[datetime]:
    return [at for touch in touches if (at := counted_at(touch, received_at, due_at))]
