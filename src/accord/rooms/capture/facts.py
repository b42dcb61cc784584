from accord.kernel.facts import fact


@fact
class TouchesRecorded:
    """Touches were written; how many. They name this fact."""

    source: str
    count: int


@fact
class EventsTaken:
    """Events of the inbox were taken in; how many, and how many touches they are. What they wrote names this fact."""

    events: int
    touches: int


@fact
class VerdictsGiven:
    """Touches were judged human or machine."""

    source: str
    count: int


@fact
class TouchLogged:
    """Somebody logged one touch by hand."""

    contact: int
    kind: str
