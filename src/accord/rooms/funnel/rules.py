"""The stages of the one funnel, and which moves are allowed. The one source for guards, buttons and bulk acts."""

from dataclasses import dataclass

INQUIRY, ENGAGED, MQL, SAL, SQL, OPPORTUNITY, WON = "inquiry", "engaged", "mql", "sal", "sql", "opportunity", "won"
LOST, RECYCLED, DISQUALIFIED, JOINED = "lost", "recycled", "disqualified", "joined"

STAGES = (INQUIRY, ENGAGED, MQL, SAL, SQL, OPPORTUNITY, WON)
OPEN = STAGES[:-1]
EXITS = (LOST, RECYCLED, DISQUALIFIED, JOINED)
ENDS = (WON, *EXITS)
PLACE = {stage: place for place, stage in enumerate(STAGES)}

ENTRIES = ("marketing", "own_prospecting", "partner", "referral", "second_sale", "import")
BY_HAND = ("own_prospecting", "partner", "referral", "second_sale")

ENTERED, ADVANCED, RETURNED, REOPENED = "entered", "advanced", "returned", "reopened"
# What a file of transitions may say happened to a contact's passage.
HISTORY_MOVES = (ENTERED, RETURNED, WON, LOST, DISQUALIFIED, RECYCLED)

NEEDS_REASON = frozenset({LOST, RECYCLED, DISQUALIFIED, RETURNED})


@dataclass(frozen=True)
class Move:
    """A move that a person may make on a lead: from these stages, to that one."""

    name: str
    sources: tuple[str, ...]
    target: str

    @property
    def needs_reason(self) -> bool:
        return self.name in NEEDS_REASON


MOVES = {
    **{f"to_{target}": Move(f"to_{target}", STAGES[: PLACE[target]], target) for target in OPEN[1:]},
    WON: Move(WON, OPEN, WON),
    LOST: Move(LOST, OPEN, LOST),
    RECYCLED: Move(RECYCLED, OPEN, RECYCLED),
    DISQUALIFIED: Move(DISQUALIFIED, OPEN, DISQUALIFIED),
    RETURNED: Move(RETURNED, (MQL, SAL, SQL, OPPORTUNITY), ENGAGED),
    JOINED: Move(JOINED, OPEN, JOINED),
    REOPENED: Move(REOPENED, EXITS, INQUIRY),
}


def moves_from(stage: str) -> list[Move]:
    """The moves that a person may make on a lead in this stage; joining and reopening have their own verbs."""
    return [m for m in MOVES.values() if stage in m.sources and m.name not in (JOINED, REOPENED)]


def passed(furthest: int) -> tuple[str, ...]:
    """A lead that skipped stages counts as having passed them."""
    return STAGES[: furthest + 1]
