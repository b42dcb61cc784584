from accord.kernel.warehouse.tables import Table
from accord.rooms.funnel.models import Deal, Transition

TRANSITIONS = Table(
    "transitions",
    Transition,
    (
        "id", "fact_id", "lead_id", "contact_id", "entry", "move", "from_stage", "to_stage", "owner_id", "deal_id",
        "reason", "by_id", "version_id", "early", "occurred_at", "recorded_at", "stored_at",
    ),
)  # fmt: skip
# Whose a deal is never changes. Copied whole: its rows are no ledger's, so that a watermark could miss one.
DEALS = Table("deals", Deal, ("id", "lead_id", "company_id"), append_only=False)
