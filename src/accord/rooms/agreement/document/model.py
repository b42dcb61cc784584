"""The agreement as one frozen value. What it means, docs/reference/agreement.md says."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from accord.rooms.agreement.document.conditions import (
    EVERYBODY,
    Condition,
    Count,
    Node,
    Scalar,
    Touches,
    Word,
    key_among,
)

Label = Word | Annotated[dict[Word, Word], Field(min_length=1)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Mode = Literal["pilot", "enforced"]
StageKind = Literal["inquiry", "engaged", "mql", "sal", "sql", "opportunity", "won"]
Entry = Literal["marketing", "own_prospecting", "partner", "referral", "second_sale", "import"]
ENTRIES: tuple[Entry, ...] = ("marketing", "own_prospecting", "partner", "referral", "second_sale", "import")
Points = float
LONGEST_NAME = 200


class Share(Node):
    """A random part of all contacts, the same ones for as long as the salt is the same."""

    share: Annotated[float, Field(ge=0, le=1)]
    salt: Word


def _share_or_condition(given: Any) -> str:
    shared = isinstance(given, Share) or (isinstance(given, Mapping) and "share" in given)
    return "<share>" if shared else "<condition>"


Scope = Annotated[
    Annotated[Share, Tag("<share>")] | Annotated[Condition, Tag("<condition>")],
    Discriminator(_share_or_condition),
]


class Readiness(Node):
    id: Word
    label: Label | None = None
    when: Condition


class Stage(Node):
    kind: StageKind
    label: Label | None = None
    type: Literal["pool", "gate", "clock"] | None = None
    enter: Literal["qualified"] | Condition | None = None


class Requalify(Node):
    fresh: bool = True
    wait_days: Annotated[float, Field(ge=0)] = 0


class Leads(Node):
    open_on: Touches
    entries: tuple[Entry, ...] = ENTRIES
    pool_owner: Word | None = None
    requalify: Requalify = Requalify()
    release_per_day: Annotated[int, Field(ge=1)] | None = None


class FitRule(Node):
    id: Word
    label: Label | None = None
    points: Points
    when: Condition


class EngagementRule(Node):
    id: Word
    label: Label | None = None
    group: Word | None = None
    points: Points
    half_life_days: float | None = None
    cap: float | None = None
    once: bool = False
    when: Touches


class Group(Node):
    label: Label | None = None
    cap: float | None = None


class Grades(Node):
    fit: dict[Literal["A", "B", "C"], float] = {}
    engagement: dict[Literal["1", "2", "3"], float] = {}


class Scoring(Node):
    fit: tuple[FitRule, ...] = ()
    engagement: tuple[EngagementRule, ...] = ()
    groups: dict[Word, Group] = {}
    engagement_cap: float | None = None
    grades: Grades = Grades()


class Handoff(Node):
    id: Word
    label: Label | None = None
    at: StageKind
    from_: Word = Field(alias="from")
    to: Word
    answers: tuple[Literal["accept", "return", "reject"], ...]


class Promise(Node):
    id: Word
    label: Label | None = None
    measure: Word
    of: Word | None = None
    segment: Word | None = None
    per: Literal["week", "month", "quarter"] | None = None
    window_days: Annotated[float, Field(gt=0)] | None = None
    within: Word | None = None
    at_least: float | None = None
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    mode: Mode = "pilot"
    remind_at: float | None = None
    escalate_at: float | None = None
    take_back_at: float | None = None


class Promises(Node):
    marketing: tuple[Promise, ...] = ()
    sales: tuple[Promise, ...] = ()


class ToOwner(Node):
    owner: Word


class ToTeam(Node):
    team: Word
    pick: Literal["fair"] = "fair"
    overflow_owner: Word | None = None


class Route(Node):
    id: Word
    label: Label | None = None
    when: Condition
    to: Annotated[Annotated[ToOwner, Tag("<owner>")] | Annotated[ToTeam, Tag("<team>")], key_among("owner", "team")]


class Coverage(Node):
    tier: Word
    label: Label | None = None
    when: Condition
    leads: Word
    with_: tuple[Word, ...] = Field((), alias="with")
    offer: tuple[Word, ...] = ()
    effort_per_quarter: dict[Word, float] = {}
    cost_of: dict[Word, float] = {}


class Recycling(Node):
    reason: Word
    track: Literal["wake", "suppress", "program"]
    wake_after_days: Annotated[float, Field(gt=0)] | None = None
    program: Word | None = None


class Responsibility(Node):
    task: Label
    decides: tuple[Word, ...] = ()
    does: tuple[Word, ...] = ()
    advises: tuple[Word, ...] = ()
    learns: tuple[Word, ...] = ()
    mode: Literal["together", "alone"] = "together"


class Document(Node):
    accord: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    zone: str = "UTC"
    effective: Day
    review_by: Day
    scope: Scope = EVERYBODY
    segments: dict[Word, Condition] = {}
    icp: Condition | None = None
    readiness: tuple[Readiness, ...] = ()
    stages: tuple[Stage, ...] | None = None  # absent: those of every house
    leads: Leads
    scoring: Scoring
    qualified: Condition
    handoffs: tuple[Handoff, ...] = ()
    promises: Promises = Promises()
    routing: tuple[Route, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    recycling: tuple[Recycling, ...] = ()
    responsibilities: tuple[Responsibility, ...] = ()


_ENGAGING = ("page", "form", "download", "email_click", "event_attended", "reply", "meeting")
# What a document says that leaves its stages out.
STAGES_OF_EVERY_HOUSE = (
    Stage(kind="inquiry", type="pool"),
    Stage(kind="engaged", type="pool", enter=Count(count=Touches(touch=_ENGAGING), at_least=2)),
    Stage(kind="mql", type="clock", enter="qualified"),
    Stage(kind="sal", type="clock"),
    Stage(kind="sql", type="gate"),
    Stage(kind="opportunity", type="gate"),
    Stage(kind="won", type="pool"),
)

__all__ = ["Condition", "Document", "Scalar"]
