from accord.kernel.facts import fact


@fact
class ClockStarted:
    """A promise runs for a hand-off; `promise` is its id in the document. Instants are in microseconds.

    All that never changes of a clock stands in it, and whose it is at first: reports are read from facts.
    """

    clock: int
    lead: int
    contact: int
    handoff: int
    promise: str
    version: int
    side: str
    mode: str
    owner: int
    team: int | None
    received_at: int
    due_at: int


@fact
class ClockPassed:
    """Somebody else answers for it."""

    clock: int
    lead: int
    contact: int
    owner: int
    promise: str


@fact
class ClockReminded:
    clock: int
    lead: int
    contact: int
    owner: int
    promise: str


@fact
class PromiseKept:
    """At the instant at which what was owed was done."""

    clock: int
    lead: int
    contact: int
    promise: str


@fact
class PromiseBroken:
    """At the instant at which it was due, whenever that was noticed."""

    clock: int
    lead: int
    contact: int
    owner: int
    promise: str


@fact
class ClockStopped:
    """What was owed was done at that instant, and not before: after it was due, so that the promise stays broken; or in
    time, where another instant was told before."""

    clock: int
    lead: int
    contact: int
    promise: str


@fact
class ClockEnded:
    """Of a broken promise nothing is owed any more, though it was not done: its lead has come to an end."""

    clock: int
    lead: int
    contact: int
    promise: str


@fact
class ClockEscalated:
    clock: int
    lead: int
    contact: int
    owner: int
    promise: str


@fact
class ClockVoided:
    """Before it was due there was nothing to measure any more; the cause says why."""

    clock: int
    lead: int
    contact: int
    promise: str
    cause: str


@fact
class ClockResumed:
    """What had stopped, ended or voided it was undone: it goes on as if that had never been."""

    clock: int
    lead: int
    contact: int
    promise: str


@fact
class BreachExcused:
    """Somebody said why a promise was broken. It stays broken."""

    clock: int
    lead: int
    contact: int
    promise: str
