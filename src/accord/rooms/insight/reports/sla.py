"""Promises kept, of both sides: by the clocks that began in the period, as they stood at the moment asked about.

Kept is a share of what was due by then: kept, broken, or past its time. What is open is told beside, and what was
excused stays broken. What is only tried out (a pilot) is never added to what is enforced. The period is that in which
a clock began: when the lead was handed over, or came back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext_lazy as _

from accord.kernel.instants import from_micros, to_micros
from accord.kernel.intervals import FEW, Rate, trailing, wilson
from accord.kernel.survival import Quantile, kaplan_meier
from accord.kernel.warehouse.generation import Generation
from accord.kernel.worktime import Span, Worked
from accord.rooms.agreement.document.model import Promise
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import in_force, standing
from accord.rooms.agreement.words import Speaker, plain
from accord.rooms.insight.clocks import (
    BROKEN,
    DUE,
    KEPT,
    LATE,
    RUNNING,
    SECOND,
    STANDINGS,
    VOID,
    Clocks,
    clocks,
    shown,
    worked,
)
from accord.rooms.insight.columns import Flags, Floats, Texts
from accord.rooms.insight.passages import called
from accord.rooms.insight.questions import CannotAsk, Question, midnight, ordered
from accord.rooms.insight.reports.frame import CLOCK, Cell, Report, Told
from accord.rooms.promises import counting, rules
from accord.rooms.team import worktimes
from accord.rooms.team.rules import ALL

KINDS = ("clock", "lead", "contact", "company")
EXCUSED, OF_DUE, EVERY = "excused", "due", "clocks"
WEEK = timedelta(days=7)
PARTS = tuple((side, mode) for side in (rules.MARKETING, rules.SALES) for mode in (rules.ENFORCED, rules.PILOT))


@dataclass(frozen=True)
class Tally:
    """How clocks stand. `due` = kept + broken + late; `rate` is the share kept of these. `late` are past their time
    and nobody had noticed; `void` had nothing to measure any more; `excused` are among the broken."""

    clocks: int
    kept: int
    broken: int
    late: int
    open: int
    void: int
    excused: int
    due: int
    rate: Rate
    too_early: bool


@dataclass(frozen=True)
class Week:
    """Of the clocks that began in a week, by its Monday in ISO 8601. `trend` is the share kept of that week and those
    before it, as many as have 30 due between them: few are due in one week. None before there are so many."""

    week: str
    tally: Tally
    trend: Rate | None


@dataclass(frozen=True)
class Side:
    """All promises of a side, those that are enforced or those that are tried out."""

    key: str
    side: str
    mode: str
    tally: Tally
    weeks: list[Week]


@dataclass(frozen=True)
class Promised:
    """One promise. `median` and `p90` are seconds in the time of the promise, which is working time if `business`;
    what is not done is censored. `aim` is the share that is promised."""

    key: str
    side: str
    mode: str
    promise: str
    label: str
    agreement: str
    business: bool
    aim: float | None
    tally: Tally
    weeks: list[Week]
    median: Quantile
    p90: Quantile


@dataclass(frozen=True)
class Counted:
    """A promise without a clock, as it is counted at the moment asked about, from the day `since` on."""

    side: str
    mode: str
    promise: str
    label: str
    agreement: str
    since: str
    found: counting.Counted


@dataclass(frozen=True)
class Part:
    key: str
    side: str
    mode: str
    tally: Tally


@dataclass(frozen=True)
class Group:
    value: str | None
    label: str
    clocks: int
    parts: list[Part]


@dataclass(frozen=True)
class Sla:
    """`counted` is empty where only a part is asked about: it is counted whole, and up to the moment asked about."""

    by: str | None
    sides: list[Side]
    promises: list[Promised]
    counted: list[Counted]
    groups: list[Group]
    told: Told


@dataclass(frozen=True)
class _Terms:
    """The promises as the versions say them under which clocks began."""

    versions: dict[int, Version]

    @classmethod
    def of(cls, found: Clocks) -> "_Terms":
        pks = [int(pk) for pk in np.unique(found.versions)]
        return cls(Version.objects.select_related("agreement").in_bulk(pks))

    def term(self, version: int, side: str, promise: str) -> Promise | None:
        document = self.versions[version].document
        return next((one for one in getattr(document.promises, side) if one.id == promise), None)

    def agreement(self, version: int) -> int:
        return self.versions[version].agreement_id

    def business(self, version: int, side: str, promise: str) -> bool:
        term = self.term(version, side, promise)
        return bool(term and term.within and Span.read(term.within).business)

    def label(self, version: int, side: str, promise: str) -> str:
        term = self.term(version, side, promise)
        return Speaker(self.versions[version].document).called(term) if term else plain(promise)


def answer(generation: Generation, question: Question) -> Sla:
    found = clocks(generation, question)
    terms = _Terms.of(found)
    keys = _keys(found, terms)
    return Sla(
        by=question.by.name if question.by else None,
        sides=[side for part in PARTS if (side := _side(found, *part, question.zone)).tally.clocks],
        promises=_promises(found, keys, terms, question.zone),
        counted=_counted(question),
        groups=_groups(question, found, shown(generation, question)) if question.by else [],
        told=Told.by(generation, question),
    )


def lines(sla: Sla) -> list[dict[str, Any]]:
    """One line a side, promise, week of a side and group; times in seconds."""
    whole = [_line(one.side, one.mode, one.tally) for one in sla.sides]
    whole += [_line(one.side, one.mode, one.tally, promise=one.label) | _times(one) for one in sla.promises]
    whole += [
        _line(one.side, one.mode, week.tally, week=week.week) | _of_trend(week.trend)
        for one in sla.sides
        for week in one.weeks
    ]  # fmt: skip
    for group in sla.groups:
        whole += [_line(part.side, part.mode, part.tally, group=group.label) for part in group.parts]
    whole += [_counted_line(one) for one in sla.counted]
    names = dict.fromkeys(name for line in whole for name in line)
    return [{name: line.get(name) for name in names} for line in whole]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The clocks behind a cell. Measures: clocks, due, kept, broken, late, open, void, excused. The cell's `stage` is
    the key of a side or of a promise, its `cohort` the Monday of a week."""
    if cell.measure not in (*STANDINGS, EXCUSED, OF_DUE, EVERY):
        raise CannotAsk(_("The promises have no such number."))
    found = clocks(generation, question)
    if cell.stage is not None:
        found = found.of(_of_key(found, cell.stage))
    found = found.of(cell.chosen(found.groups))
    if cell.cohort is not None:
        found = found.of(_of_week(found, cell.cohort, question.zone))
    return [int(clock) for clock in found.of(_measured(found, cell.measure)).clocks]


def tally(found: Clocks) -> Tally:
    counts = {name: int(found.standings.are(name).sum()) for name in STANDINGS}
    due = sum(counts[name] for name in DUE)
    return Tally(
        clocks=found.size,
        kept=counts[KEPT],
        broken=counts[BROKEN],
        late=counts[LATE],
        open=counts[RUNNING],
        void=counts[VOID],
        excused=int(found.excused.sum()),
        due=due,
        rate=wilson(counts[KEPT], due),
        too_early=due < FEW,
    )


def _measured(found: Clocks, measure: str) -> Flags:
    if measure == EXCUSED:
        return found.excused
    if measure == EVERY:
        return np.ones(found.clocks.shape, dtype=bool)
    return found.standings.are(*(DUE if measure == OF_DUE else (measure,)))


def _side(found: Clocks, side: str, mode: str, zone: str) -> Side:
    mine = found.of(found.sides.are(side) & found.modes.are(mode))
    return Side(f"{side}:{mode}", side, mode, tally(mine), _weeks(mine, zone))


def _keys(found: Clocks, terms: _Terms) -> Texts:
    """The promise of each clock: it goes on under its id from version to version of its agreement."""
    columns = (found.sides.codes, found.modes.codes, found.versions, found.promises.codes)
    distinct, codes = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    names = [
        f"{found.sides.names[side]}:{found.modes.names[mode]}:{terms.agreement(version)}:{found.promises.names[promise]}"
        for side, mode, version, promise in distinct.tolist()
    ]
    return Texts.numbered(names, codes)


def _promises(found: Clocks, keys: Texts, terms: _Terms, zone: str) -> list[Promised]:
    places = {part: place for place, part in enumerate(PARTS)}
    promised = [_promised(of, key, terms, zone) for key, of in found.parts(keys) if key]
    return sorted(promised, key=lambda one: (places[one.side, one.mode], one.key))


def _of_key(found: Clocks, key: str) -> Flags:
    """Those of a promise, or of all promises of a side that are enforced, or tried out."""
    keys = _keys(found, _Terms.of(found))
    return keys.are(*(one for one in keys.names if one == key or one.startswith(f"{key}:")))


def _promised(mine: Clocks, key: str, terms: _Terms, zone: str) -> Promised:
    side, mode, _agreement, promise = key.split(":", 3)
    latest = int(mine.versions.max())
    term = terms.term(latest, side, promise)
    business = terms.business(latest, side, promise)
    curve = kaplan_meier(_spent(mine, terms, side, promise), mine.done)
    return Promised(
        key,
        side,
        mode,
        promise,
        terms.label(latest, side, promise),
        str(terms.versions[latest].agreement),
        business,
        term.share if term else None,
        tally(mine),
        _weeks(mine, zone),
        *(curve.quantile_with_limits(p) for p in (0.5, 0.9)),
    )


def _spent(mine: Clocks, terms: _Terms, side: str, promise: str) -> Floats:
    """Seconds in the time of the promise, until it was done or as long as it was owed."""
    spent = np.maximum((mine.until - mine.received) / SECOND, 0.0)
    hours = worktimes.worked({int(team) or None for team in np.unique(mine.teams)})
    for version in np.unique(mine.versions):
        if terms.business(int(version), side, promise):
            of_version = mine.versions == version
            for team in np.unique(mine.teams[of_version]):
                those = of_version & (mine.teams == team)
                spent[those] = _worked(hours[int(team) or None], mine.of(those))
    return spent


def _worked(hours: Worked, mine: Clocks) -> Floats:
    return worked(hours, mine.received, mine.until)


def _weeks(mine: Clocks, zone: str) -> list[Week]:
    """Every week from the first to the last, those without a clock too."""
    if not mine.size:
        return []
    first, last = (_monday(int(one), zone) for one in (mine.received.min(), mine.received.max()))
    mondays = [first + WEEK * place for place in range((last - first) // WEEK + 1)]
    starts = [to_micros(midnight(day, zone)) for day in mondays]
    places = np.searchsorted(starts, mine.received, side="right") - 1
    told = [tally(mine.of(places == place)) for place in range(len(mondays))]
    shares = [(one.kept, one.due) for one in told]
    return [Week(day.isoformat(), told[place], trailing(shares[: place + 1], FEW)) for place, day in enumerate(mondays)]


def _of_week(found: Clocks, week: str, zone: str) -> Flags:
    try:
        monday = date.fromisoformat(week)
    except ValueError:
        raise CannotAsk(_("The promises have no such number.")) from None
    first, end = (to_micros(midnight(day, zone)) for day in (monday, monday + WEEK))
    return (found.received >= first) & (found.received < end)


def _monday(instant: int, zone: str) -> date:
    day = from_micros(instant).astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=day.weekday())


def _groups(question: Question, found: Clocks, written: Mapping[str, str]) -> list[Group]:
    named = called(written, question.by)
    groups = [_group(value, named[value], mine) for value, mine in found.parts(found.groups)]
    return sorted(groups, key=lambda group: ordered(group.value, group.clocks))


def _group(value: str | None, label: str, mine: Clocks) -> Group:
    parts = [
        Part(f"{side}:{mode}", side, mode, tally(those))
        for side, mode in PARTS
        if (those := mine.of(mine.sides.are(side) & mine.modes.are(mode))).size
    ]
    return Group(value, label, mine.size, parts)


def _counted(question: Question) -> list[Counted]:
    whole = question.viewer is None or question.viewer.scope == ALL
    if question.only or not whole:
        return []
    return [
        one
        for version in (in_force(question.as_of) if question.as_of else standing(question.at))
        for side in (rules.MARKETING, rules.SALES)
        for term in getattr(version.document.promises, side)
        if (one := _count(version, side, term, question))
    ]


def _count(version: Version, side: str, term: Promise, question: Question) -> Counted | None:
    found = counting.counted(version, term, question.as_of or question.at, past=question.as_of is not None)
    if found is None:
        return None
    return Counted(
        side=side,
        mode=term.mode,
        promise=term.id,
        label=Speaker(version.document).called(term),
        agreement=str(version.agreement),
        since=found.since.astimezone(ZoneInfo(question.zone)).date().isoformat(),
        found=found,
    )


def _line(side: str, mode: str, of: Tally, **more: str) -> dict[str, Any]:
    named = {"group": "", "side": side, "mode": mode, "promise": "", "week": ""} | more
    counts = {name: getattr(of, name) for name in (EVERY, OF_DUE, *STANDINGS, EXCUSED)}
    rate = {"rate": of.rate.rate, "low": of.rate.low, "high": of.rate.high}
    return named | counts | rate | {"too_early": of.too_early}


def _times(one: Promised) -> dict[str, Any]:
    parts: Iterable[tuple[str, Quantile]] = (("median", one.median), ("p90", one.p90))
    times = {f"{name}_{part}".removesuffix("_at"): getattr(of, part) for name, of in parts for part in _LIMITS}
    return {"aim": one.aim, "business": one.business} | times


def _of_trend(trend: Rate | None) -> dict[str, Any]:
    names = ("trend", "trend_low", "trend_high", "trend_of")
    return dict(zip(names, (trend.rate, trend.low, trend.high, trend.denominator), strict=True)) if trend else {}


def _counted_line(one: Counted) -> dict[str, Any]:
    found = one.found
    rate = {"rate": found.rate.rate, "low": found.rate.low, "high": found.rate.high} if found.rate else {}
    named = {"group": "", "side": one.side, "mode": one.mode, "promise": one.label, "week": ""}
    return named | rate | {"open": found.open, "since": one.since, "number": found.number, "at_least": found.at_least}


_LIMITS: Sequence[str] = ("at", "low", "high")

SLA = Report(
    "sla",
    _("Promises kept"),
    ("from", "to", "by", "only", "as-of"),
    answer,
    lines,
    records,
    CLOCK,
    KINDS,
    "see_promises",
)
