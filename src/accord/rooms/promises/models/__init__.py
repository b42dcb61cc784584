from accord.rooms.promises.models.clock import Clock, ClockQuerySet

__all__ = ["Clock", "ClockQuerySet"]
