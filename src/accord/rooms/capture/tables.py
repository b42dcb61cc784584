from accord.kernel.warehouse.tables import Table
from accord.rooms.capture.models import Touch, Verdict

TOUCHES = Table(
    "touches",
    Touch,
    (
        "id", "fact_id", "identity_id", "kind", "machine", "asset", "campaign", "channel", "properties", "norm",
        "occurred_at", "recorded_at", "stored_at",
    ),
)  # fmt: skip
VERDICTS = Table("verdicts", Verdict, ("id", "fact_id", "touch_id", "machine", "recorded_at", "stored_at"))
