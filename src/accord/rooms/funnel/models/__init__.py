from accord.rooms.funnel.models.deal import Deal, LeadInTrash
from accord.rooms.funnel.models.holding import DealCompetitor, DealContact, DealProduct, InTrash
from accord.rooms.funnel.models.lead import AlreadyMoved, AlreadyOpen, HasDeals, Lead, NeedsReason, TakenBack
from accord.rooms.funnel.models.pipeline import AlreadyStage, LastStage, PipelineStage, UnknownStage
from accord.rooms.funnel.models.qualification import Qualification
from accord.rooms.funnel.models.transition import Transition
from accord.rooms.funnel.models.usual import Usual

__all__ = [
    "AlreadyMoved", "AlreadyOpen", "AlreadyStage", "Deal", "DealCompetitor", "DealContact", "DealProduct", "HasDeals",
    "InTrash", "LastStage", "Lead", "LeadInTrash", "NeedsReason", "PipelineStage", "Qualification",
    "TakenBack", "Transition", "UnknownStage", "Usual",
]  # fmt: skip
