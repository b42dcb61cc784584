"""The tracking endpoint: beside Django, because a web framework would cost more than everything else here."""

from accord.intake.tracking.handler import Tracking

__all__ = ["Tracking"]
