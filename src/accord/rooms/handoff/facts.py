from accord.kernel.facts import fact


@fact
class HandoffOffered:
    """A lead is handed over; `kind` is the hand-off of the document."""

    handoff: int
    lead: int
    contact: int
    kind: str
    owner: int
    version: int


@fact
class HandoffPlanned:
    """It is offered on a later day: a version that comes into force does not bring all its leads at once."""

    handoff: int
    lead: int
    contact: int
    kind: str
    version: int


@fact
class HandoffAccepted:
    handoff: int
    lead: int
    contact: int
    kind: str


@fact
class HandoffReturned:
    """With the reason; the track says what becomes of the lead."""

    handoff: int
    lead: int
    contact: int
    kind: str
    track: str


@fact
class HandoffReassigned:
    """Somebody else answers it from now on; `why` is a word of the rules."""

    handoff: int
    lead: int
    contact: int
    kind: str
    owner: int
    before: int
    why: str


@fact
class HandoffEnded:
    """The lead went on or ended before anybody answered."""

    handoff: int
    lead: int
    contact: int
    kind: str


@fact
class ReturnTakenUp:
    """Marketing has taken up a lead that came back."""

    handoff: int
    lead: int
    contact: int
