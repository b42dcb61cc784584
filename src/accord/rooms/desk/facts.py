from accord.kernel.facts import fact


@fact
class TaskPlanned:
    """Somebody means to do something by a time; `owner` is who."""

    task: int
    lead: int | None
    contact: int | None
    deal: int | None
    owner: int


@fact
class TaskDone:
    task: int
    lead: int | None
    contact: int | None
    deal: int | None


@fact
class TaskSnoozed:
    """Put off."""

    task: int
    lead: int | None
    contact: int | None
    deal: int | None


@fact
class TaskReopened:
    """It was not done after all."""

    task: int
    lead: int | None
    contact: int | None
    deal: int | None


@fact
class TaskDropped:
    """Its lead went back to marketing or ended, or who had booked it called it off: there is nothing left to do."""

    task: int
    lead: int | None
    contact: int | None
    deal: int | None


@fact
class MailUndelivered:
    """A mail to somebody was given up: the touch that told of it is taken back."""

    letter: int
    lead: int
    contact: int


@fact
class MeetingBooked:
    """Somebody outside chose a time for a meeting; `owner` is with whom."""

    booking: int
    task: int
    lead: int
    contact: int
    owner: int


@fact
class MeetingChanged:
    """What somebody outside had booked is at another time now, or is dropped with its task."""

    booking: int
    lead: int | None
    contact: int | None


@fact
class MeetingCalledOff:
    """Whoever had booked it cannot come, or wants another time."""

    booking: int
    lead: int | None
    contact: int


@fact
class NudgeProposed:
    """Somebody proposes to the owner of a lead what to do about it."""

    nudge: int
    lead: int
    contact: int
    kind: str


@fact
class NudgeAccepted:
    nudge: int
    lead: int
    contact: int
    kind: str


@fact
class NudgeDeclined:
    nudge: int
    lead: int
    contact: int
    kind: str
    reason: str


@fact
class NudgeWithdrawn:
    """By whoever had proposed it."""

    nudge: int
    lead: int
    contact: int
    kind: str


@fact
class NudgeEnded:
    """The lead went on or ended before anybody answered."""

    nudge: int
    lead: int
    contact: int
    kind: str
