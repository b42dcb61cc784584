from accord.kernel.intervals import Little, Rate, little, wilson
from accord.kernel.survival import (
    OPEN,
    Curve,
    Incidence,
    StageTime,
    Survival,
    aalen_johansen,
    kaplan_meier,
    time_in_stage,
)
from accord.rooms.insight.rules.cure import Cure, Projection, expected_wins, mixture_cure

__all__ = [
    "OPEN",
    "Cure",
    "Curve",
    "Incidence",
    "Little",
    "Projection",
    "Rate",
    "StageTime",
    "Survival",
    "aalen_johansen",
    "expected_wins",
    "kaplan_meier",
    "little",
    "mixture_cure",
    "time_in_stage",
    "wilson",
]
