"""Whoever has to act is told, once; what was done by any way is not news any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.kernel.journal import Reaction
from accord.kernel.ledger import Fact
from accord.rooms.notices.models import Notice
from accord.rooms.notices.telling import about, concerned, notices


@dataclass
class News:
    told: list[Notice]
    handoffs: set[int]
    nudges: set[int]
    versions: set[int]


def plan_notices(facts: Sequence[Fact], at: datetime) -> News:
    return News(notices(facts, at), concerned(facts), about("nudge", facts), about("version", facts))


def apply_notices(news: News, at: datetime) -> None:
    Notice.tell(news.told, at=at)
    Notice.settle(news.handoffs, news.nudges, news.versions, at=at)


NOTICE = Reaction("notices.notice", plan_notices, apply_notices)
