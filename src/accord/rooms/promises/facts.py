from accord.kernel.facts import fact


@fact
class ClockStarted:
    """A promise runs for a hand-off; `promise` is its id in the document."""

    clock: int
    lead: int
    contact: int
    handoff: int
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
    """What was owed was done after it was due: nothing is owed any more, and the promise stays broken."""

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
    """What had voided it was undone: it goes on as if it had never stopped."""

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
