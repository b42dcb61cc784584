from accord.rooms.funnel.models.deal import Deal
from accord.rooms.funnel.models.lead import AlreadyMoved, AlreadyOpen, Lead, NeedsReason
from accord.rooms.funnel.models.transition import Transition

__all__ = ["AlreadyMoved", "AlreadyOpen", "Deal", "Lead", "NeedsReason", "Transition"]
