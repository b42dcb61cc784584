from accord.rooms.funnel.models.deal import Deal, LeadInTrash
from accord.rooms.funnel.models.lead import AlreadyMoved, AlreadyOpen, HasDeals, Lead, NeedsReason, TakenBack
from accord.rooms.funnel.models.qualification import Qualification
from accord.rooms.funnel.models.transition import Transition
from accord.rooms.funnel.models.usual import Usual

__all__ = [
    "AlreadyMoved", "AlreadyOpen", "Deal", "HasDeals", "Lead", "LeadInTrash", "NeedsReason", "Qualification",
    "TakenBack", "Transition", "Usual",
]  # fmt: skip
