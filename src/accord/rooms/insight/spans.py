"""Stays in the stages, and ways from one stage to the next, as arrays: the input of velocity.

A stage that a lead left at the instant at which it came was skipped: it is no stay, and no way begins there.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis import Table as Rows

from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.known import FOREVER, instant
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.questions import Question

RUNNING, LEFT, JOINED, GONE = 0, 1, 2, 3
ENTRY = "entry"
WAYS = {
    f"{start}-{end}": (start, end)
    for start, end in (
        (ENTRY, rules.MQL),
        (rules.MQL, rules.SAL),
        (rules.SAL, rules.SQL),
        (rules.SQL, rules.OPPORTUNITY),
        (rules.OPPORTUNITY, rules.WON),
        (ENTRY, rules.WON),
    )
}
NOBODY = -1  # the code of the group of those whose value is not known

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Spans:
    """One entry a span of a lead's time, in microseconds: how it ended, or that it runs, is one of the codes above.

    `groups` are places in a list of values, NOBODY where the value is not known.
    """

    leads: Numbers
    since: Numbers
    until: Numbers
    ends: Numbers
    groups: Numbers

    def of(self, which: npt.NDArray[np.bool_]) -> Self:
        return replace(self, **{column.name: getattr(self, column.name)[which] for column in fields(self)})

    def begun(self, start: int | None, end: int | None) -> Self:
        """Those that began from `start` on and before `end`."""
        which = np.ones(self.since.shape, dtype=bool) if start is None else self.since >= start
        return self.of(which if end is None else which & (self.since < end))

    @property
    def size(self) -> int:
        return int(self.leads.size)

    def many(self, end: int) -> int:
        return int((self.ends == end).sum())


@dataclass(frozen=True, eq=False)
class Stays(Spans):
    """`stages` are places in the funnel."""

    stages: Numbers

    def there(self, first: int, last: int) -> float:
        """How many were there at a time, on the average between the two instants."""
        inside = np.minimum(self.until, last) - np.maximum(self.since, first)
        return float(np.maximum(inside, 0).sum() / (last - first))


@dataclass(frozen=True, eq=False)
class Leads:
    """What the leads that somebody asks about did: their stays, and from where to where they came in which time.

    `values` are the groups, each with how it is written.
    """

    values: list[tuple[str, str]]
    stays: Stays
    ways: dict[str, Spans]
    skipped: dict[str, Spans]


def leads(generation: Generation, question: Question) -> Leads:
    """Of every lead that the viewer sees, whenever it entered."""
    moment = question.moment(generation)
    watched = passages.watched_until(generation, moment)
    found = passages.asked(generation, replace(question, start=None, end=None))
    values = _values(found) if question.by else []
    coded = [value for value, _shown in values]
    made = passages.steps(generation, moment, moment)
    ways, skipped = _ways(_firsts(made, found), coded, watched)
    return Leads(values, _stays(made, found, coded, watched), ways, skipped)


def _values(found: Rows) -> list[tuple[str, str]]:
    named = found.filter(found.group.notnull()).group_by("group").aggregate(shown=found.shown.min()).order_by("group")
    return [(row["group"], row["shown"]) for row in named.to_pyarrow().to_pylist()]


def _stays(made: Rows, found: Rows, values: list[str], watched: int) -> Stays:
    made = made.filter(made.stage.isin(rules.OPEN), made.until > made.since)
    stayed = made.inner_join(found.select("lead_id", "group"), "lead_id")
    ended = ibis.cases(
        (stayed.until == instant(FOREVER), RUNNING), (stayed.next_stage == rules.JOINED, JOINED), else_=LEFT
    )
    read = stayed.select(
        "lead_id", "since", "until", "group", ends=ended.cast("int64"), place=passages.place(stayed.stage)
    ).to_pyarrow()
    since = _numbers(read["since"])
    return Stays(
        leads=_numbers(read["lead_id"]),
        since=since,
        until=np.maximum(np.minimum(_numbers(read["until"]), watched), since),
        ends=_numbers(read["ends"]),
        groups=_codes(read["group"], values),
        stages=_numbers(read["place"]),
    )


def _firsts(made: Rows, found: Rows) -> Rows:
    """When each lead first came as far as each stage; who skipped it came as far all the same."""
    far = passages.place(made.stage)
    reached = {
        f"first_{stage}": ibis.ifelse(far >= place, made.since, None).min() for stage, place in rules.PLACE.items()
    }
    first = made.group_by("lead_id").aggregate(**reached)
    joined = found.inner_join(first, "lead_id")
    known = {name: joined[name].fill_null(FOREVER) for name in reached}
    return joined.select("lead_id", "entered_at", "since", "stage", "group", **known)


def _ways(firsts: Rows, values: list[str], watched: int) -> tuple[dict[str, Spans], dict[str, Spans]]:
    read = firsts.to_pyarrow()
    columns = {name: _numbers(read[name]) for name in read.column_names if name not in ("stage", "group")}
    stage = read["stage"].to_numpy(zero_copy_only=False)
    groups = _codes(read["group"], values)
    gone = np.isin(stage, [exit for exit in rules.EXITS if exit != rules.JOINED])
    stands = np.select([gone, stage == rules.JOINED], [GONE, JOINED], RUNNING)
    ways, skipped = {}, {}
    for name, (start, end) in WAYS.items():
        since = columns["entered_at"] if start == ENTRY else columns[f"first_{start}"]
        there = columns[f"first_{end}"]
        ends = np.where(there < FOREVER, LEFT, stands)
        until = np.select([ends == LEFT, ends == RUNNING], [there, np.maximum(watched, since)], columns["since"])
        every = Spans(columns["lead_id"], since, until, ends, groups).of(since < FOREVER)
        at_once = (every.ends == LEFT) & (every.until == every.since)
        ways[name], skipped[name] = every.of(~at_once), every.of(at_once)
    return ways, skipped


def _numbers(column: pa.ChunkedArray) -> Numbers:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)


def _codes(column: pa.ChunkedArray, values: list[str]) -> Numbers:
    """The place of each value among `values`; without values everything is of one group."""
    if not values:
        return np.full(len(column), NOBODY, dtype=np.int64)
    encoded: Any = column.combine_chunks().dictionary_encode()
    place = {value: at for at, value in enumerate(values)}
    known = np.array([*(place[value] for value in encoded.dictionary.to_pylist()), NOBODY], dtype=np.int64)
    return known[encoded.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)]
