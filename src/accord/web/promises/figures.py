"""Promises as their page says them: each in words and numbers, with the addresses of the clocks behind."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.kernel.intervals import Rate
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.words import Speaker, called, listed
from accord.rooms.funnel.fields import STAGE_NAMES
from accord.rooms.promises import rules
from accord.rooms.promises.delays import CUSTOMER, PERSON, QUEUE, SYSTEM, Delay, delays
from accord.rooms.promises.models import Clock
from accord.rooms.promises.queries import Party, Promised, Tally
from accord.rooms.team.models import SIDES
from accord.rooms.team.worktimes import calendars
from accord.web.promises import drawing
from accord.web.records.clocks import chip, counted, span
from accord.web.shell import wording

MARK = {rules.MARKETING: "mk", rules.SALES: "sa"}
CAUSES = {
    SYSTEM: gettext_lazy("Before it was offered to anybody"),
    QUEUE: gettext_lazy("Before anybody answered"),
    PERSON: gettext_lazy("Between the answer and the contact"),
    CUSTOMER: gettext_lazy("With the customer, who asked to be called again"),
}
VOIDED = {
    **STAGE_NAMES,
    rules.RETURNED: gettext_lazy("Given back"),
    rules.WENT_ON: gettext_lazy("Qualified again"),
    rules.TRASHED: gettext_lazy("Removed"),
}
STANDINGS = {
    "kept": gettext_lazy("Kept"),
    "broken": gettext_lazy("Broken"),
    "late": gettext_lazy("Past its time"),
    "open": gettext_lazy("Open"),
    "void": gettext_lazy("Nothing to measure"),
    "excused": gettext_lazy("Excused, counted as broken"),
}


@dataclass(frozen=True)
class Count:
    """A number that opens its clocks."""

    standing: str
    number: int
    label: str | Words
    href: str


@dataclass(frozen=True)
class Line:
    """One promise."""

    label: str
    said: str
    pilot: bool
    rate: Rate | None
    aimed: float | None
    bar: Sequence[drawing.Part]
    counts: Sequence[Count]
    times: str
    counted: str
    met: bool | None
    measured: bool


@dataclass(frozen=True)
class Side:
    side: str
    name: str | Words
    mark: str
    signed: str
    rate: Rate
    enforced: bool
    trend: drawing.Line | None
    first: str
    until: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Row:
    """A clock in a list. `late`: by how much it was missed, in the time of the promise."""

    clock: Clock
    label: str
    standing: str | Words
    cause: str | Words
    time: str
    chip: Any = None
    excusable: bool = False


def side(party: Party, query: dict[str, str]) -> Side:
    lines = [_line(one, {**query, "side": party.side}) for one in party.promised]
    enforced = [one for one in party.promised if one.tally and one.enforced]
    aims = {one.term.share for one in enforced if one.term.share}
    # One line for all of them, where all are to be kept as often.
    trend = drawing.line(party.weeks, aims.pop() if len(aims) == 1 else None)
    signed = listed(_signers({one.version for one in party.promised}, party.side))
    first, until = (wording.day(trend.first), wording.day(trend.until)) if trend else ("", "")
    return Side(
        party.side, SIDES[party.side], MARK[party.side], signed, party.enforced.rate, bool(enforced), trend, first,
        until, lines,
    )  # fmt: skip


def rows(clocks: Sequence[Clock], now: datetime) -> list[Row]:
    """With what is left where they are open, and where the time went where they are not."""
    parts, made = delays(clocks, now), calendars({clock.team_id for clock in clocks})
    return [
        Row(
            clock, label(clock), STANDINGS[_standing(clock, now)], _cause(clock, parts[clock.pk]),
            span(parts[clock.pk].whole),
            None if clock.ended_at else chip(clock.due_at, clock.received_at, now, made[clock.team_id]),
            clock.state == rules.BROKEN,
        )
        for clock in clocks
    ]  # fmt: skip


def causes(clocks: Sequence[Clock], now: datetime) -> list[tuple[str | Words, int, str, str | Words, float]]:
    """Where the time of breaches went: in words, how many, whose they are, and how long the bar is."""
    found = Counter((delay.cause, clock.side) for clock, delay in _with(clocks, now) if delay.cause)
    most = max(found.values(), default=1)
    return [
        (CAUSES[cause], count, of, SIDES[of], round(100 * count / most, 1))
        for (cause, of), count in found.most_common()
    ]


def label(clock: Clock) -> str:
    """What the promise is called in the document that started the clock."""
    document = clock.version.document
    return called(document, getattr(document.promises, clock.side), clock.promise)


def _with(clocks: Sequence[Clock], now: datetime) -> list[tuple[Clock, Delay]]:
    parts = delays(clocks, now)
    return [(clock, parts[clock.pk]) for clock in clocks]


def _standing(clock: Clock, now: datetime) -> str:
    if clock.state == rules.RUNNING:
        return "late" if clock.due_at <= now else "open"
    return clock.state


def _cause(clock: Clock, delay: Delay) -> str | Words:
    if clock.state == rules.VOID:
        return VOIDED.get(clock.cause, clock.cause)
    return CAUSES.get(delay.cause, "–")


def _line(one: Promised, query: dict[str, str]) -> Line:
    speaker = Speaker(one.version.document)
    asked = {**query, "promise": one.term.id}
    return Line(
        label=speaker.called(one.term), said=speaker.promise(one.term), pilot=one.term.mode == rules.PILOT,
        rate=one.tally.rate if one.tally else one.counted.rate if one.counted else None,
        aimed=one.term.share if one.tally else one.term.at_least,
        bar=drawing.bar(one.tally) if one.tally else (), counts=_counts(one.tally, asked) if one.tally else (),
        times=_times(one), counted=counted(one.counted, wording.day(one.counted.since.date())) if one.counted else "",
        met=one.counted.kept if one.counted else None,
        measured=bool(one.tally or one.counted),
    )  # fmt: skip


def _counts(tally: Tally, asked: dict[str, str]) -> list[Count]:
    address = reverse("promise_clocks")
    numbers = {name: getattr(tally, name) for name in STANDINGS}
    return [
        Count(name, number, STANDINGS[name], f"{address}?{urlencode({**asked, 'standing': name})}")
        for name, number in numbers.items()
        if number or name in ("kept", "broken", "open")
    ]


def _times(one: Promised) -> str:
    """Median and ninth tenth, in the time of the promise."""
    if one.median is None:
        return _("too early for a median") if one.tally and one.tally.due else ""
    told = {"median": span(timedelta(seconds=one.median))}
    if one.p90 is None:
        return _("half within %(median)s; too early for nine in ten") % told
    return _("half within %(median)s, nine in ten within %(p90)s") % {**told, "p90": span(timedelta(seconds=one.p90))}


def _signers(versions: set[Version], of: str) -> list[str]:
    found = [one for version in versions for one in version.signatures.select_related("member") if one.side == of]
    return sorted({str(one.member) for one in found if one.member})
