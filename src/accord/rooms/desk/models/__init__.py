from accord.rooms.desk.models.booking import Booking
from accord.rooms.desk.models.letter import Letter
from accord.rooms.desk.models.nudge import (
    AnsweredAlready,
    NeedsWords,
    NotReturnable,
    NotTheirs,
    Nudge,
    NudgeQuerySet,
    Stands,
)  # fmt: skip
from accord.rooms.desk.models.task import AlreadyDone, Dropped, Ended, Task, TaskQuerySet, still_open

__all__ = [
    "AlreadyDone", "AnsweredAlready", "Booking", "Dropped", "Ended", "Letter", "NeedsWords", "NotReturnable",
    "NotTheirs", "Nudge", "NudgeQuerySet", "Stands", "Task", "TaskQuerySet", "still_open",
]  # fmt: skip
