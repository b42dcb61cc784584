"""Sources: what the leads of each origin came to, the young ones not held against it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from accord.kernel.intervals import Rate, wilson
from accord.kernel.survival import aalen_johansen
from accord.kernel.warehouse.generation import Generation
from accord.rooms.insight.fates import CAUSES, WON, Fates, fates, leads_of
from accord.rooms.insight.questions import UNKNOWN, CannotAsk, Question, dimension, labels, ordered
from accord.rooms.insight.reports.cohorts import AGES, Share
from accord.rooms.insight.reports.frame import Cell, Report, Told

FEW = 30
ORIGIN = "lead.origin"


@dataclass(frozen=True)
class Source:
    """`won_share` is the share won by the common age, young leads counted for as long as they were watched.

    `too_early` marks a group of fewer than 30 leads: its figures say little yet. `observed` is the share of the
    group that has reached the age.
    """

    value: str | None
    label: str
    leads: int
    won: int
    open: int
    rate: Rate
    won_share: Share | None
    observed: float
    too_early: bool


@dataclass(frozen=True)
class Sources:
    """`age` in days is the longest of the fixed ages that at least half of all leads have reached."""

    by: str
    age: int
    all: Source
    sources: list[Source]
    told: Told


def answer(generation: Generation, question: Question) -> Sources:
    asked = _by_origin(question)
    found = fates(generation, asked)
    age = _common_age(found)
    groups = _groups(found)
    called = labels(asked.by, [group for group in groups if group != UNKNOWN])
    sources = [_source(group, called, found.of(_in(found, group)), age) for group in groups]
    sources.sort(key=lambda source: ordered(source.value, source.leads))
    whole = _source(UNKNOWN, {UNKNOWN: str(_("All"))}, found, age)
    return Sources(asked.by.name if asked.by else "", age, whole, sources, Told.by(generation, asked))


def lines(answered: Sources) -> list[dict[str, Any]]:
    return [_line(answered, source) for source in (*answered.sources, answered.all)]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The leads behind a cell. Measures: leads, won, open; of a group or of all."""
    found = fates(generation, _by_origin(question))
    if cell.measure not in ("leads", "won", "open"):
        raise CannotAsk(_("The sources have no such number."))
    wanted = found.outcomes == cell.measure if cell.measure != "leads" else np.ones(found.leads.size, dtype=bool)
    if cell.group is not None:
        wanted &= _in(found, cell.group)
    return leads_of(found.of(wanted))


def _by_origin(question: Question) -> Question:
    return question if question.by else question.split(dimension(ORIGIN))


def _groups(found: Fates) -> list[str]:
    return sorted({UNKNOWN if group is None else str(group) for group in found.groups})


def _in(found: Fates, group: str) -> np.ndarray:
    return (
        np.array([value is None for value in found.groups], dtype=bool) if group == UNKNOWN else found.groups == group
    )


def _common_age(found: Fates) -> int:
    reached = [days for days in AGES if found.age.size and (found.age >= days).mean() >= 0.5]
    return max(reached, default=AGES[0])


def _source(group: str, called: dict[str, str], of: Fates, age: int) -> Source:
    won, leads = of.wins, int(of.leads.size)
    shown = of.shown[0] if leads and group != UNKNOWN else str(_("not known"))
    observed = float((of.age >= age).mean()) if leads else 0.0
    return Source(
        value=group if group != UNKNOWN else None,
        label=called.get(group, shown),
        leads=leads,
        won=won,
        open=int((of.outcomes == "open").sum()),
        rate=wilson(won, leads),
        won_share=_won_share(of, age) if observed else None,
        observed=observed,
        too_early=leads < FEW,
    )


def _won_share(of: Fates, age: int) -> Share:
    incidence = aalen_johansen(of.days, of.causes, list(CAUSES.values()))
    return Share(incidence.at(WON, age), *incidence.band(WON, age))


def _line(answered: Sources, source: Source) -> dict[str, Any]:
    share = source.won_share
    return {
        "source": source.label,
        "leads": source.leads,
        "won": source.won,
        "rate": source.rate.rate,
        "low": source.rate.low,
        "high": source.rate.high,
        "days": answered.age,
        "won_share": share and share.rate,
        "won_share_low": share and share.low,
        "won_share_high": share and share.high,
        "observed": source.observed,
        "too_early": source.too_early,
    }


SOURCES = Report("sources", _("Sources"), ("from", "to", "by", "only", "as-of"), answer, lines, records)
