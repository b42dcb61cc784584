"""What every report has in common: of which moment it tells, and the list behind each number."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.utils.functional import Promise

from accord.kernel.instants import from_micros
from accord.kernel.warehouse.generation import Generation
from accord.rooms.agreement.queries import in_force_between
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Flags, Texts
from accord.rooms.insight.questions import KINDS, UNKNOWN, Question

BEGINNING, MOMENT = datetime.min.replace(tzinfo=UTC), timedelta(microseconds=1)

LEAD, DEAL, CLOCK, CONTACT = "lead", "deal", "clock", "contact"


@dataclass(frozen=True)
class Under:
    """A version that was in force for some time of what a report tells; the starter is signed by nobody."""

    agreement: str
    number: int
    signed: bool


@dataclass(frozen=True)
class Told:
    """Of which moment a report tells: t = k = `as_of`, from a generation of the mirror that holds all up to `known_at`.

    `history_since` counts rows that claim to have been known by then and were imported later; `watched_until` is
    where times that are still running are cut off. `under`: the versions in force from the first day until then.
    """

    as_of: datetime
    generation: int
    known_at: datetime | None
    history_since: int
    watched_until: datetime
    under: tuple[Under, ...]

    @classmethod
    def by(cls, generation: Generation, question: Question) -> "Told":
        moment = question.moment(generation)
        return cls(
            as_of=from_micros(moment),
            generation=generation.number,
            known_at=generation.known_at,
            history_since=passages.history_since(generation, moment),
            watched_until=from_micros(passages.watched_until(generation, question)),
            under=_under(question.start, from_micros(moment)),
        )


@dataclass(frozen=True)
class Cell:
    """Names one number of a report: what was counted, in which stage (or of which kind), group or cohort."""

    measure: str
    stage: str | None = None
    group: str | None = None
    cohort: str | None = None

    def chosen(self, groups: Texts) -> Flags:
        """The rows of its group; all of them where it names none."""
        if self.group is None:
            return np.ones(groups.size, dtype=bool)
        return groups.are(None if self.group == UNKNOWN else self.group)


@dataclass(frozen=True)
class Report:
    """`answer` gives a frozen dataclass, `lines` the same as rows of a table, `records` the ids behind a cell.

    `of` says which records these are; `kinds` of which records the fields are by which it can be split. `needs` is the
    right without which nobody sees it.
    """

    name: str
    label: str | Promise
    options: Sequence[str]
    answer: Callable[[Generation, Question], Any]
    lines: Callable[[Any], list[dict[str, Any]]]
    records: Callable[[Generation, Question, Cell], list[int]]
    of: str = LEAD
    kinds: Sequence[str] = KINDS
    needs: str = "see_insight"


def _under(start: datetime | None, until: datetime) -> tuple[Under, ...]:
    terms = in_force_between(start or BEGINNING, until + MOMENT)
    found = [Under(term.version.agreement.name, term.version.number, not term.version.starter) for term in terms]
    return tuple(dict.fromkeys(found))


def as_json(answer: Any) -> Any:
    """An answer as plain values; instants in ISO 8601."""
    return _plain(asdict(answer))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
