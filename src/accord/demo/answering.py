"""What sellers do with what is handed over to them, from the day on which the teams have signed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from accord.demo.hours import SATURDAY
from accord.kernel import journal
from accord.rooms.desk import calls
from accord.rooms.desk.calls import Next
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.rules import SAL
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.passing import cover
from accord.rooms.handoff.release import release
from accord.rooms.promises.sweeping import sweep
from accord.rooms.team.models import Member

DAY, OPENS, CLOSES = timedelta(days=1), 8, 17
WORKING_DAYS = 8  # of the story, in which the agreement is in force
EVERY = timedelta(hours=3)
ACCEPTS, RETURNS, CALLS = 0.35, 0.42, 0.6  # of what waits at one look at the desk
REASONS = ("timing", "no_fit", "no_response", "budget")
CAME_OF_IT = ("reached", "no_answer", "voicemail", "call_back")
DAYS_LATER = (1, 1, 2, 3, 7)


def signing(until: datetime) -> datetime:
    """The morning so many working days before the story ends."""
    morning, left = until.replace(hour=OPENS), WORKING_DAYS
    while left:
        morning -= DAY
        left -= morning.weekday() < SATURDAY
    return morning


def looks(until: datetime) -> Iterator[datetime]:
    """When people look at their desks: some times on every working day."""
    at = signing(until) + EVERY
    while at < until:
        if at.weekday() < SATURDAY and OPENS <= at.hour < CLOSES:
            yield at
        at += EVERY


def answer(rng: Random, at: datetime) -> None:
    """Bring everything up to now, then take, give back and call some of it."""
    journal.drain()
    for due in (release, cover, sweep):
        due(at)
    for one in Handoff.objects.here().offered().select_related("owner", "lead").order_by("id"):
        _answer(rng, one, at)
    for lead in Lead.objects.open().filter(stage=SAL, stage_since__lt=at).select_related("owner").order_by("id"):
        if lead.owner and rng.random() < CALLS:
            _call(rng, lead, lead.owner, at)
    journal.drain()


def _answer(rng: Random, one: Handoff, at: datetime) -> None:
    said = rng.random()
    if said < ACCEPTS:
        one.accept(by=one.owner, at=at)
    elif said < RETURNS and "return" in one.answers:
        one.give_back(rng.choice(REASONS), by=one.owner, at=at)


def _call(rng: Random, lead: Lead, by: Member, at: datetime) -> None:
    following = Next("call", at + DAY * rng.choice(DAYS_LATER))
    calls.log(lead, "call_out", rng.choice(CAME_OF_IT), by=by, at=at, following=following)
