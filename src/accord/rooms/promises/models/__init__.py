from accord.rooms.promises.models.clock import Clock, ClockQuerySet, NeedsReason, NotBroken

__all__ = ["Clock", "ClockQuerySet", "NeedsReason", "NotBroken"]
