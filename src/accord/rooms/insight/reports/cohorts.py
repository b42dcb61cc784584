"""Cohorts: leads by the month in which they entered or by a field, and what became of them by fixed ages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext_lazy as _

from accord.kernel.instants import from_micros, to_micros
from accord.kernel.survival import OPEN, aalen_johansen
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Texts, coded, each
from accord.rooms.insight.fates import CAUSES, WON, Fates, fates, leads_of
from accord.rooms.insight.questions import OTHERS, UNKNOWN, CannotAsk, Question, ordered
from accord.rooms.insight.reports.frame import Cell, Report, Told
from accord.rooms.insight.rules import expected_wins

AGES = (7, 30, 90, 180, 270, 365)
MOST = 12  # values of a field; what else there is is one cohort
ENOUGH = 30  # wins: ten for each of the three parameters of a curve
NAMED = {OPEN: "open", **{cause: stage for stage, cause in CAUSES.items()}}


@dataclass(frozen=True)
class Share:
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class AtAge:
    """What has become of a cohort `days` after its leads entered; `observed` is the share of it that is as old as that.

    Shares compete (Aalen-Johansen): won, lost, disqualified, recycled and open add up to 1. None where nobody
    is that old yet.
    """

    days: int
    observed: float
    shares: Mapping[str, Share] | None


@dataclass(frozen=True)
class Projected:
    """Wins in the end, with an 80 % interval; `extrapolated` is the share of them not seen yet.

    `fitted_on` says whose curve it is: the cohort's own, or that of all cohorts together while its own is too short.
    """

    wins: float
    low: float
    high: float
    extrapolated: float
    fitted_on: str


@dataclass(frozen=True)
class Cohort:
    """`cohort` is a month such as 2018-01, or the value of a field, "" where it is not known; None for all together."""

    cohort: str | None
    label: str
    leads: int
    outcomes: Mapping[str, int]
    ages: list[AtAge]
    projected: Projected | None


@dataclass(frozen=True)
class Cohorts:
    ages: Sequence[int]
    all: Cohort
    cohorts: list[Cohort]
    early: int
    by: str
    told: Told


def answer(generation: Generation, question: Question) -> Cohorts:
    found = fates(generation, question)
    called = passages.called(passages.written(passages.leads(generation, question)), question.by) if question.by else {}
    parts = list(found.parts(_names(found, question)))
    if question.by:
        parts.sort(key=lambda part: ordered(part[0], part[1].leads.size))
    asked = [(None, "", found), *((name or UNKNOWN, called.get(name, name or ""), of) for name, of in parts)]
    whole, *cohorts = each(lambda part: _cohort(*part, together=found), asked)
    by = question.by.name if question.by else ""
    return Cohorts(AGES, whole, cohorts, int(found.early.sum()), by, Told.by(generation, question))


def lines(answered: Cohorts) -> list[dict[str, Any]]:
    return [
        _line(cohort, at, name)
        for cohort in (*answered.cohorts, answered.all)
        for at in cohort.ages
        for name in NAMED.values()
        if at.shares
    ]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The leads behind a cell. Measures: leads, open, joined, or an outcome, of a cohort or of all."""
    found = fates(generation, question)
    if cell.measure not in ("leads", "open", rules.JOINED, *CAUSES):
        raise CannotAsk(_("The cohorts have no such number."))
    if cell.measure != "leads":
        found = found.of(found.outcomes.are(cell.measure))
    if cell.cohort is not None:
        found = found.of(_names(found, question).are(cell.cohort or None))
    return leads_of(found)


def _names(found: Fates, question: Question) -> Texts:
    """Of which cohort each lead is: its month, or the value of the field; of many values the smaller are OTHERS."""
    if question.by is None:
        return _months(found, question.zone)
    sizes = {name: count for name, count in found.groups.counts().items() if name not in (None, OTHERS)}
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))
    if len(largest) <= MOST + 1:
        return found.groups
    return found.groups.renamed({name: OTHERS for name in largest[MOST:] if name})


def _months(found: Fates, zone: str) -> Texts:
    """The month of each entry, in the zone of the house."""
    if not found.entered.size:
        return coded([])
    first, last = (_at(instant, zone) for instant in (found.entered.min(), found.entered.max()))
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    starts = [_month(first, offset, zone) for offset in range(count)]
    places = np.searchsorted([to_micros(start) for start in starts], found.entered, side="right") - 1
    return Texts([f"{start:%Y-%m}" for start in starts], places)


def _month(first: datetime, offset: int, zone: str) -> datetime:
    years, month = divmod(first.month - 1 + offset, 12)
    return datetime(first.year + years, month + 1, 1, tzinfo=ZoneInfo(zone))


def _at(instant: int, zone: str) -> datetime:
    return from_micros(int(instant)).astimezone(ZoneInfo(zone))


def _cohort(name: str | None, label: str, of: Fates, together: Fates) -> Cohort:
    counted = {outcome: int(of.outcomes.are(outcome).sum()) for outcome in (*CAUSES, rules.JOINED, "open")}
    return Cohort(name, label, int(of.leads.size), counted, _ages(of), _projected(name, of, together))


def _ages(of: Fates) -> list[AtAge]:
    if not of.leads.size:
        return []
    incidence = aalen_johansen(of.days, of.causes, list(CAUSES.values()))
    observed = [float((of.age >= days).mean()) for days in AGES]
    return [
        AtAge(days, share, _shares(incidence, days) if share else None)
        for days, share in zip(AGES, observed, strict=True)
    ]


def _shares(incidence: Any, days: int) -> dict[str, Share]:
    return {name: Share(incidence.at(code, days), *incidence.band(code, days)) for code, name in NAMED.items()}


def _projected(name: str | None, of: Fates, together: Fates) -> Projected | None:
    fitted, fitted_on = (of, "cohort") if of.wins >= ENOUGH and of.cure.usable else (together, "all")
    if fitted.wins < ENOUGH:
        return None
    waiting = of.causes != WON
    seed = crc32((name or "").encode())
    found = expected_wins(fitted.cure, of.age[waiting], int((~waiting).sum()), seed)
    if found is None:
        return None
    return Projected(found.expected, found.low, found.high, found.extrapolated, "all" if name is None else fitted_on)


def _line(cohort: Cohort, at: AtAge, name: str) -> dict[str, Any]:
    share, ahead = (at.shares or {})[name], cohort.projected if name == rules.WON else None
    return {
        "cohort": cohort.label,
        "leads": cohort.leads,
        "days": at.days,
        "observed": at.observed,
        "outcome": name,
        "so_far": cohort.outcomes[name],
        "rate": share.rate,
        "low": share.low,
        "high": share.high,
        "in_the_end": ahead and ahead.wins,
        "in_the_end_low": ahead and ahead.low,
        "in_the_end_high": ahead and ahead.high,
        "extrapolated": ahead and ahead.extrapolated,
    }


COHORTS = Report("cohorts", _("Cohorts"), ("from", "to", "by", "only", "as-of"), answer, lines, records)
