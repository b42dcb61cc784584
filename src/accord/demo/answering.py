"""What sellers do with what is handed over to them, from the day on which the teams have signed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from accord.demo.hours import SATURDAY
from accord.kernel import journal
from accord.rooms.desk import booking, calls
from accord.rooms.desk.calls import Next
from accord.rooms.desk.models import Task
from accord.rooms.desk.queue import next_steps
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.rules import SAL
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.handoff.passing import cover
from accord.rooms.handoff.release import release
from accord.rooms.handoff.rules import RETURN
from accord.rooms.people.models import Veto
from accord.rooms.promises.sweeping import sweep
from accord.rooms.team.models import Member

DAY, OPENS, CLOSES = timedelta(days=1), 8, 17
WORKING_DAYS = 8  # of the story, in which the agreement is in force
EVERY = timedelta(hours=3)
ACCEPTS, RETURNS, CALLS, TAKES_UP = 0.3, 0.4, 0.6, 0.12  # of what waits at one look at the desk
REASONS = ("timing", "no_fit", "no_response", "budget")
CAME_OF_IT = ("reached", "no_answer", "voicemail", "call_back")
VETOES, ASKED_FOR = 0.08, ("asked", "in_talks", "key_account")  # of the calls that end with no more marketing
BOOKS, ABOUT = 0.15, ("Sizing", "The offer", "A pilot", "Delivery times")  # of those called, by the address they got
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


def catch_up(at: datetime) -> None:
    """What the worker of a house does all the time."""
    journal.drain()
    for due in (release, cover, sweep):
        due(at)
    journal.drain()


def answer(rng: Random, at: datetime) -> None:
    """Take, give back and call some of what waits; marketing takes some of it up again."""
    catch_up(at)
    for one in Handoff.objects.here().offered().select_related("owner", "lead").order_by("id"):
        _answer(rng, one, at)
    held = list(
        Lead.objects.open().filter(stage=SAL, stage_since__lt=at).select_related("owner", "contact").order_by("id")
    )
    steps = next_steps([lead.pk for lead in held])
    for lead in held:
        step = steps.get(lead.pk)
        if lead.owner and (step is None or step.due_at <= at) and rng.random() < CALLS:
            _call(rng, lead, lead.owner, at, step)
    for back in Return.objects.filter(taken_up_at=None, at__lt=at).select_related("lead__owner").order_by("id"):
        if back.lead.owner and rng.random() < TAKES_UP:
            back.take_up(by=back.lead.owner, at=at)
    journal.drain()


def _answer(rng: Random, one: Handoff, at: datetime) -> None:
    said = rng.random()
    if said < ACCEPTS:
        one.accept(by=one.owner, at=at)
    elif said < RETURNS and RETURN in one.answers:
        one.give_back(rng.choice(REASONS), by=one.owner, at=at)


def _call(rng: Random, lead: Lead, by: Member, at: datetime, step: Task | None) -> None:
    due = at + DAY * rng.choice(DAYS_LATER)
    while due.weekday() >= SATURDAY:
        due += DAY
    if rng.random() < VETOES and not Veto.objects.here().filter(contact=lead.contact_id).exists():
        Veto.lay(lead.contact, rng.choice(ASKED_FOR), by=by, at=at)
    calls.log(lead, "call_out", rng.choice(CAME_OF_IT), by=by, at=at, following=Next("call", due), settles=step)
    if rng.random() < BOOKS and (free := booking.times(lead.contact, at)):
        booking.book(
            lead.contact, rng.choice(free), note=rng.choice(ABOUT), zone="Europe/Berlin", language="en", at=at
        )  # fmt: skip
