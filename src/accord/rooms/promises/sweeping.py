"""What falls due while nothing happens: reminders, breaches, escalations, and taking back."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from accord.kernel import ledger
from accord.kernel.worktime import Span
from accord.rooms.handoff.choosing import choose
from accord.rooms.handoff.models import Answered
from accord.rooms.handoff.passing import dues, had
from accord.rooms.handoff.roster import Roster
from accord.rooms.handoff.rules import ACCEPTED, OFFERED, TAKEN_BACK
from accord.rooms.promises import rules
from accord.rooms.promises.models import Clock
from accord.rooms.promises.settling import settle, settled, term
from accord.rooms.team.worktimes import calendars

BATCH = 500
RETRY = timedelta(minutes=5)  # what failed is tried again then, and holds up nothing meanwhile
log = logging.getLogger(__name__)


def sweep(at: datetime) -> int:
    """Do what is due of every clock, each thing once, however many workers sweep; how many clocks were due."""
    swept = 0
    while clocks := _claim(at):
        _advance(clocks, at)
        for clock in _to_take_back([clock.pk for clock in clocks], at):
            _try(clock, at)
        swept += len(clocks)
    return swept


def _claim(at: datetime) -> list[Clock]:
    """The next so many that are due. Nobody else takes them for a while, so whatever breaks here does not stall."""
    with transaction.atomic():
        due = Clock.objects.filter(next_at__lte=at).order_by("next_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        taken = list(due.values_list("pk", flat=True)[:BATCH])
        Clock.objects.filter(pk__in=taken).update(next_at=at + RETRY)
    return list(Clock.objects.whole().filter(pk__in=taken).order_by("id")) if taken else []


def _advance(clocks: Sequence[Clock], at: datetime) -> None:
    """All at once; where that fails, each by itself."""
    try:
        settle(settled(clocks, at), at, every=True)
    except Exception:
        log.exception("a sweep of %s clocks failed", len(clocks))
        for clock in clocks:
            _alone(clock, at)


def _alone(clock: Clock, at: datetime) -> None:
    try:
        settle(settled([clock], at), at, every=True)
    except Exception:
        log.exception("clock %s could not be swept", clock.pk)


def _to_take_back(swept: Sequence[int], at: datetime) -> list[Clock]:
    return list(Clock.objects.going().whole().filter(pk__in=swept, take_back_at__lte=at).order_by("id"))


def _try(clock: Clock, at: datetime) -> None:
    try:
        _take_back(clock, at)
    except Answered:
        clock.refresh_from_db()
        clock.leave()
    except Exception:
        log.exception("the hand-off of clock %s could not be taken back", clock.pk)
        Clock.objects.filter(pk=clock.pk).update(next_at=at + RETRY)


def _take_back(clock: Clock, at: datetime) -> None:
    """Give its hand-off to the next in line who has not had it; after so many, to whoever leads sales."""
    handoff = clock.handoff
    handoff.refresh_from_db()
    capped = handoff.taken_back >= rules.MOST_TAKEN_BACK
    if handoff.state not in (OFFERED, ACCEPTED) or handoff.taken_back > rules.MOST_TAKEN_BACK:
        clock.leave()
        return
    due = dues([handoff], at)[handoff.pk]
    with ledger.write(at):
        roster = Roster.of(at)
        choice = roster.given(roster.accountable, "") if capped else choose(roster, due, had([handoff])[handoff.pk])
        roster.keep()
        if choice.owner_id == handoff.owner_id:
            clock.leave()
        elif clock.took_back(None if capped else _again(clock, at), at=at):
            handoff.reassign(roster.members[choice.owner_id], TAKEN_BACK, by=None, at=at, choice=choice)


def _again(clock: Clock, at: datetime) -> datetime | None:
    """Whoever gets it now has as long as there was from the breach to the taking back, or all of the time."""
    promise = term(clock)
    if promise is None or promise.take_back_at is None:
        return None
    calendar = calendars([clock.team_id])[clock.team_id]
    longer = promise.take_back_at - 1
    return Span.read(str(promise.within)).share(calendar, at, longer if longer > 0 else 1)
