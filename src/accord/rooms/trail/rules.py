"""The steps of the trail, in their order, and which one is next."""

from collections.abc import Collection, Iterable

QUALIFIES, TAKEN, CALLED, RETURNED, TAKEN_UP = "qualifies", "taken", "called", "returned", "taken_up"
PROMISES, FUNNEL = "promises", "funnel"
OF_LEAD = (QUALIFIES, TAKEN, CALLED, RETURNED, TAKEN_UP)
PLACES = (PROMISES, FUNNEL)
STEPS = (*OF_LEAD, *PLACES)
CALLS = ("call_out", "call_in")

# The fact of the lead by which a step is done; a call is a touch of its contact.
FACTS = {
    "lead_qualified": QUALIFIES,
    "handoff_accepted": TAKEN,
    "handoff_returned": RETURNED,
    "return_taken_up": TAKEN_UP,
}


def passed(done: Collection[str]) -> set[str]:
    """Steps of the lead that it went past: a later one is done, so they can not be done any more."""
    last = max((place for place, step in enumerate(OF_LEAD) if step in done), default=0)
    return {step for step in OF_LEAD[:last] if step not in done}


def following(done: Collection[str], among: Iterable[str] = STEPS) -> str | None:
    """The first of these steps that is neither done nor passed; None where there is none."""
    gone = {*done, *passed(done)}
    return next((step for step in STEPS if step in set(among) and step not in gone), None)
