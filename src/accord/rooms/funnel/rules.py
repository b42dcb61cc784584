"""The stages of the one funnel, and which moves are allowed. The one source for guards, buttons and bulk acts."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date

INQUIRY, ENGAGED, MQL, SAL, SQL, OPPORTUNITY, WON = "inquiry", "engaged", "mql", "sal", "sql", "opportunity", "won"
LOST, RECYCLED, DISQUALIFIED, JOINED = "lost", "recycled", "disqualified", "joined"

STAGES = (INQUIRY, ENGAGED, MQL, SAL, SQL, OPPORTUNITY, WON)
OPEN = STAGES[:-1]
EXITS = (LOST, RECYCLED, DISQUALIFIED, JOINED)
LOST_FOR = (LOST, RECYCLED, DISQUALIFIED)  # nobody goes on with the passage: it was not joined to another
ENDS = (WON, *EXITS)
PLACE = {stage: place for place, stage in enumerate(STAGES)}

ENTRIES = ("marketing", "own_prospecting", "partner", "referral", "second_sale", "import")
BY_HAND = ("own_prospecting", "partner", "referral", "second_sale")

SUBJECT = ("marketing", "import")  # entries that are subject to qualification

ENTERED, ADVANCED, RETURNED, REOPENED = "entered", "advanced", "returned", "reopened"
# What a file of transitions may say happened to a contact's passage.
HISTORY_MOVES = (ENTERED, RETURNED, WON, LOST, DISQUALIFIED, RECYCLED)

BY_MERGE = "merge"  # the reason of a passage that was joined because its contact was merged away
BY_DEAL = "deal"  # … because a deal of its company goes on
BY_RULE = "by_rule"  # the reason of what the judge did, for the agreement says so
PLACED = frozenset({f"to_{stage}" for stage in (MQL, SAL, SQL, OPPORTUNITY)})

NEEDS_REASON = frozenset({LOST, RECYCLED, DISQUALIFIED, RETURNED})

# What is said of the age in a stage against what is usual there; with fewer that moved on nothing is.
LONG, STALLED = "long", "stalled"
ENOUGH = 20

# What became of a lead that a person placed in a stage before its rule held.
OUTCOMES = (WON, LOST, RETURNED, "open")


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


def places(move: str, stage: str) -> bool:
    """Whether the move takes a lead past the point up to which the rule of an agreement brings it."""
    return stage in (INQUIRY, ENGAGED) and (move in PLACED or move == WON)


def outcome(stage: str, returned: bool) -> str:
    """One of `OUTCOMES`, by the stage in which the lead is, and whether sales has returned it since."""
    if stage == WON:
        return WON
    if stage in EXITS:
        return LOST
    return RETURNED if returned else "open"


# The stages of a pipeline that ship, in their order.
PIPELINE = ("qualified", "discovery", "proposal", "negotiation", "signing")

OTHER, NOT_NOW = "other", "not_now"
WON_BY = ("fit", "price", "relationship", "reference", "speed", "service", OTHER)
LOST_BY = (
    "price", "terms", "competitor", "no_decision", NOT_NOW, "no_budget", "no_need", "no_answer", "lost_contact", OTHER,
)  # fmt: skip
REASONS = {WON: WON_BY, LOST: LOST_BY, RECYCLED: LOST_BY}
# How an agreement calls in its recycling what a deal calls so.
GIVEN_BACK_FOR = {NOT_NOW: "timing", "no_budget": "budget", "no_answer": "no_response"}

BUYER_ROLES = ("decision_maker", "economic_buyer", "champion", "user", "influencer", "gatekeeper", OTHER)

UNKNOWN_REASON, NEEDS_NOTE, NEEDS_DATE, NOT_AHEAD = "unknown_reason", "needs_note", "needs_date", "not_ahead"
NEGATIVE, UNKNOWN_CURRENCY, PAST, CLOSED = "negative", "unknown_currency", "past", "closed"


def wrong_ending(outcome: str, reason: str, note: str, come_back_on: date | None, today: date) -> dict[str, str]:
    """What is wrong, by field, with an ending that a person or a program tells of a deal."""
    wrong = {}
    if reason not in REASONS[outcome]:
        wrong["reason"] = UNKNOWN_REASON
    if reason == OTHER and not note.strip():
        wrong["note"] = NEEDS_NOTE
    if come_back_on is None and outcome != WON and (reason == NOT_NOW or outcome == RECYCLED):
        wrong["come_back_on"] = NEEDS_DATE
    if come_back_on is not None and come_back_on <= today:
        wrong["come_back_on"] = NOT_AHEAD
    return wrong


def wrong_amount(amount: int | None, currency: str | None, currencies: Container[str] = ()) -> dict[str, str]:
    """Of what is sold, in minor units; a currency without an amount is fine, if it is one of those that there are."""
    wrong = {}
    if amount is not None and amount < 0:
        wrong["amount"] = NEGATIVE
    if currency and currency not in currencies:
        wrong["currency"] = UNKNOWN_CURRENCY
    return wrong


def wrong_close(expected_close: date | None, today: date) -> dict[str, str]:
    """A deal that is open is not expected to close on a day that is over. Files may tell of one."""
    return {"expected_close": PAST} if expected_close and expected_close < today else {}
