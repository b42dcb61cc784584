from accord.rooms.handoff.models.choice import Choice, Turn
from accord.rooms.handoff.models.handoff import (
    Answered,
    Handoff,
    HandoffQuerySet,
    HasOpenDeal,
    NeedsReason,
    NotAnswerable,
    Return,
)

__all__ = [
    "Answered",
    "Choice",
    "Handoff",
    "HandoffQuerySet",
    "HasOpenDeal",
    "NeedsReason",
    "NotAnswerable",
    "Return",
    "Turn",
]
