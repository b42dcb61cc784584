"""The clocks of promises as they stood at an instant, by what was known then: from their facts, as arrays.

Also those of leads in the trash: what was broken stays broken.
"""

import json
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
from ibis import Table as Rows
from ibis import Value

from accord.kernel.fields import Field
from accord.kernel.instants import from_micros, to_micros
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.tables import FACTS
from accord.kernel.worktime import Worked
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Flags, Floats, Numbers, Texts, read
from accord.rooms.insight.made import made
from accord.rooms.insight.questions import ENTRY, Question
from accord.rooms.insight.values import with_values

KEPT, BROKEN, LATE, RUNNING, VOID = "kept", "broken", "late", "open", "void"
STANDINGS = (KEPT, BROKEN, LATE, RUNNING, VOID)
DUE = (KEPT, BROKEN, LATE)
STARTED, PASSED, EXCUSED, WAS_BROKEN = "clock_started", "clock_passed", "breach_excused", "promise_broken"
WAS_KEPT, STOPPED, ENDED, VOIDED, RESUMED = (
    "promise_kept", "clock_stopped", "clock_ended", "clock_voided", "clock_resumed",
)  # fmt: skip
SECOND = 1_000_000


@dataclass(frozen=True, eq=False)
class Clocks(Columns):
    """One entry a clock; instants in microseconds.

    `until`: when what was owed was done (`done`), or from when on nothing was owed, or the moment that is asked about.
    `late` is past its time, and nobody had noticed by then. A clock that runs is `open`.
    """

    clocks: Numbers
    promises: Texts
    sides: Texts
    modes: Texts
    versions: Numbers
    teams: Numbers  # 0 where there is none
    received: Numbers
    until: Numbers
    done: Flags
    standings: Texts
    excused: Flags
    groups: Texts

    @property
    def size(self) -> int:
        return int(self.clocks.size)


def clocks(generation: Generation, question: Question) -> Clocks:
    """Those that began in the period of a question, and that its viewer may see: their own, or all."""
    columns = read(asked(generation, question).order_by("clock"))
    return Clocks(
        clocks=_int(columns["clock"]),
        promises=_in_words(columns["promise"]),
        sides=columns["side"],
        modes=columns["mode"],
        versions=_int(columns["version"]),
        teams=_int(columns["team"]),
        received=_int(columns["received_at"]),
        until=_int(columns["until"]),
        done=columns["done"].astype(bool),
        standings=columns["standing"],
        excused=columns["excused"].astype(bool),
        groups=_in_words(columns["group"]) if _by_promise(question) else columns["group"],
    )


def shown(generation: Generation, question: Question) -> dict[str, str]:
    """The groups of a question, as they are written."""
    written = passages.shown(asked(generation, question), "clock")
    return {_decoded(name): _decoded(name) for name in written} if _by_promise(question) else written


def worked(hours: Worked, starts: Numbers, ends: Numbers) -> Floats:
    """Seconds of working time between instants, of many at once; as `Worked.between` tells them one by one."""
    if not starts.size:
        return np.zeros(0)
    first, last = (from_micros(int(one)) for one in (starts.min(), max(ends.max(), starts.min() + 1)))
    opens, closes = [to_micros(calendar_end) for calendar_end in (first, first)], [0.0, 0.0]
    for begins, stops in hours.intervals(first, last):
        opens += [to_micros(begins), to_micros(stops)]
        closes += [closes[-1], closes[-1] + (stops - begins).total_seconds()]
    passed = np.interp(ends, opens, closes) - np.interp(starts, opens, closes)
    return np.maximum(passed, 0.0)


def asked(generation: Generation, question: Question) -> Rows:
    """The clocks that a question is about, with `group` to compare by and `shown` as written."""
    return passages.settled(generation, "clocks", question, lambda: _asked(generation, question))


def _asked(generation: Generation, question: Question) -> Rows:
    moment = question.moment(generation)
    found = generation.once(("clocks", moment), lambda: _standing(generation, moment))
    if question.start:
        found = found.filter(found.received_at >= known.instant(to_micros(question.start)))
    if question.end:
        found = found.filter(found.received_at < known.instant(to_micros(question.end)))
    found = passages.seen(found, question, lambda rows, viewer: rows.filter(rows.owner == viewer))
    if any(field and field.name == ENTRY.name for field in (question.by, *(one.field for one in question.only))):
        found = _with_entry(generation, found, moment)
    return passages.narrowed(found, question, lambda rows, by: _with_values(generation, rows, by, moment))


def _standing(generation: Generation, moment: int) -> Rows:
    rows = known.recorded(generation.table(FACTS), moment)
    rows = rows.filter(rows.subject == "clock")
    found = _started(rows)
    for more in (_owners(rows), _ends(rows), _told(rows, WAS_BROKEN, "noticed"), _told(rows, EXCUSED, "said")):
        found = found.left_join(more, found.clock == more.of).drop("of")
    found = found.mutate(end=found.end.fill_null(RESUMED))
    done, over = found.end.isin((WAS_KEPT, STOPPED)), found.end != RESUMED
    standing = ibis.cases(
        (found.end == VOIDED, VOID),
        (done & (found.ended_at <= found.due_at), KEPT),
        (done | (found.end == ENDED), BROKEN),
        (found.due_at > known.instant(moment), RUNNING),
        (found.noticed.notnull(), BROKEN),
        else_=LATE,
    )
    return found.mutate(
        standing=standing,
        done=done,
        until=ibis.ifelse(over, found.ended_at, known.instant(moment)),
        excused=found.said.notnull() & (standing == BROKEN),
    ).drop("end", "ended_at", "noticed", "said")


def _started(rows: Rows) -> Rows:
    """What never changes of a clock; one whose fact was written before it said all of this is not told of."""
    begun = rows.filter(rows.kind == STARTED, _text(rows, "side") != "")
    return begun.select(
        "lead_id",
        "contact_id",
        clock="subject_id",
        promise=_text(begun, "promise"),
        side=_text(begun, "side"),
        mode=_text(begun, "mode"),
        version=_number(begun, "version"),
        team=_number(begun, "team").fill_null(0),
        received_at=_number(begun, "received_at"),
        due_at=_number(begun, "due_at"),
    )


def _owners(rows: Rows) -> Rows:
    newest = known.newest(rows.filter(rows.kind.isin((STARTED, PASSED))), "subject_id")
    return newest.select(of="subject_id", owner=_number(newest, "owner"))


def _ends(rows: Rows) -> Rows:
    """The last that was told of its end, or that it goes on."""
    newest = known.newest(rows.filter(rows.kind.isin((WAS_KEPT, STOPPED, ENDED, VOIDED, RESUMED))), "subject_id")
    return newest.select(of="subject_id", end="kind", ended_at="occurred_at")


def _told(rows: Rows, kind: str, name: str) -> Rows:
    told = rows.filter(rows.kind == kind)
    return told.group_by("subject_id").aggregate(**{name: told.id.max()}).rename(of="subject_id")


def _text(rows: Rows, name: str) -> Value:
    return rows.payload.re_extract(f'"{name}": ?"([^"]*)"', 1)


def _number(rows: Rows, name: str) -> Value:
    return rows.payload.re_extract(f'"{name}": ?([0-9]+)', 1).nullif("").cast("int64")


def _with_entry(generation: Generation, found: Rows, moment: int) -> Rows:
    entries = made(generation, moment, moment).rows.select("entry", entered="lead_id")
    return found.left_join(entries, found.lead_id == entries.entered).drop("entered")


def _with_values(generation: Generation, found: Rows, by: Field | None, moment: int) -> Rows:
    if by is None or by.kind != "clock":
        return with_values(generation, found, by, moment)
    value = found[by.slug]
    text = value.cast("string") if by.slug in ("owner", "team") else value
    text = ibis.ifelse(value == 0, ibis.null("string"), text) if by.slug == "team" else text
    return found.mutate(group=text, shown=text)


def _int(values: npt.NDArray[Any]) -> Numbers:
    return np.asarray(values, dtype=np.int64)


def _by_promise(question: Question) -> bool:
    return question.by is not None and question.by.name == "clock.promise"


def _in_words(texts: Texts) -> Texts:
    return texts.renamed({name: _decoded(name) for name in texts.names})


def _decoded(text: str) -> str:
    """Words as they are in the document, which JSON may have written with escapes."""
    return str(json.loads(f'"{text}"'))
