from accord.rooms.handoff.models.choice import Choice, Turn
from accord.rooms.handoff.models.handoff import Answered, Handoff, NeedsReason, NotAnswerable, Return

__all__ = ["Answered", "Choice", "Handoff", "NeedsReason", "NotAnswerable", "Return", "Turn"]
