"""What can happen in the story, each at its time. The law decides them, the story tells them through the verbs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from accord.demo.population import Person

DEVICE, ADDRESS = "device", "address"


@dataclass(frozen=True)
class Act:
    """One touch, before it is written: who did what, when, and by which identity we saw it."""

    who: Person
    kind: str
    at: datetime
    via: str = DEVICE
    asset: str | None = None
    campaign: str | None = None
    channel: str | None = None
    machine: bool = False
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    at: datetime


@dataclass(frozen=True)
class Met(Event):
    """We know who somebody is."""

    who: Person


@dataclass(frozen=True)
class Opened(Event):
    """A passage begins. `owner` is the role of whom it belongs to."""

    who: Person
    entry: str
    owner: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Moved(Event):
    who: Person
    move: str
    reason: str = ""


@dataclass(frozen=True)
class Answered(Event):
    """Sales takes what was handed over, or gives it back for a reason. Where nothing was, `instead` is the move that
    says the same, with its words."""

    who: Person
    reason: str = ""
    instead: str = ""
    words: str = ""

    @property
    def accepts(self) -> bool:
        return not self.reason


@dataclass(frozen=True)
class Called(Event):
    """Somebody of the house rings; what came of it."""

    who: Person
    outcome: str


@dataclass(frozen=True)
class Checked(Event):
    """Sales has verified by speaking to them what the agreement asks before a lead goes on."""

    who: Person
    answers: Mapping[str, str]


@dataclass(frozen=True)
class TakenUp(Event):
    """Marketing has the lead again that sales gave back."""

    who: Person


@dataclass(frozen=True)
class Stepped(Event):
    """What somebody is by the law, whether a rule or a seller of the house sees it or not: told to nobody."""

    who: Person
    move: str


@dataclass(frozen=True)
class Joined(Event):
    """A passage ends because a deal of the same company takes it along."""

    who: Person


@dataclass(frozen=True)
class Broken(Event):
    """Somebody sends a form, and the website loses who they are."""

    who: Person
    about: str


@dataclass(frozen=True)
class Away(Event):
    """A colleague plans to be away; by the first part of their address."""

    who: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Reopened(Event):
    who: Person


@dataclass(frozen=True)
class Assigned(Event):
    """`role`: who shall have it from now on, somebody who speaks the customer's language."""

    who: Person
    role: str


@dataclass(frozen=True)
class Offered(Event):
    """A deal is opened; the amount in cents of the currency of the customer's country."""

    who: Person
    product: str
    pieces: int
    amount: int
    expected_close: date


@dataclass(frozen=True)
class Revised(Event):
    """The deal stands otherwise: its pipeline stage, its amount, its expected close."""

    who: Person
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Won(Event):
    who: Person
    reason: str
    note: str


@dataclass(frozen=True)
class Lost(Event):
    who: Person
    reason: str
    note: str
    come_back_on: date | None = None


@dataclass(frozen=True)
class Wrote(Event):
    """A note."""

    who: Person
    text: str


@dataclass(frozen=True)
class Learnt(Event):
    """Values of the contact, or of its company, become known; they are true since earlier."""

    who: Person
    since: datetime
    values: Mapping[str, Any]
    of: str = "contact"


@dataclass(frozen=True)
class Seen(Event):
    """Touches that arrive together: of one visit, one mailing, one list of visitors."""

    source: str
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class Logged(Event):
    """A touch that somebody of the house logs by hand."""

    who: Person
    kind: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Recognised(Event):
    """An anonymous device turns out to be somebody's."""

    who: Person


@dataclass(frozen=True)
class Judged(Event):
    """Openings that were taken for theirs were a machine's."""

    who: Person


@dataclass(frozen=True)
class Merged(Event):
    """Two contacts are one person."""

    who: Person
    loser: Person
    reason: str


@dataclass(frozen=True)
class Parted(Event):
    """They were two after all."""

    who: Person
    loser: Person


@dataclass(frozen=True)
class Together(Event):
    """Several things in one transaction: what a form brings, or a list that somebody of that role brings in."""

    by: str | None
    parts: tuple[Event, ...]
