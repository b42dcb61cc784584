from accord.rooms.desk.models.booking import Booking
from accord.rooms.desk.models.letter import Letter
from accord.rooms.desk.models.task import AlreadyDone, Dropped, Ended, Task, TaskQuerySet, still_open

__all__ = ["AlreadyDone", "Booking", "Dropped", "Ended", "Letter", "Task", "TaskQuerySet", "still_open"]
