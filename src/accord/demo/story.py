"""Tells the story of the simulated company through the rooms' verbs, with the clock at the time of each event."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from random import Random

from django.db import transaction

from accord.demo import answering, briefs, house, letters, nudging, planned, season
from accord.demo.agreeing import agree
from accord.demo.events import Event
from accord.demo.house import COLLEAGUES, Colleague
from accord.demo.plan import BETTER, GENEROUS
from accord.demo.season import Story
from accord.demo.telling import Telling
from accord.kernel import clock, fields, journal, ledger
from accord.rooms.desk.queue import queue
from accord.rooms.notices.models import Notice
from accord.rooms.scoring import rescoring
from accord.rooms.team.models import ApiKey, House, Member, Team
from accord.rooms.team.rules import MARKETING, MARKETING_LEAD
from accord.rooms.trail.models import Trail

LAST = timedelta(minutes=1)  # of the story: all that is signed and judged has happened before its end
Shown = Callable[[int, int], None]
Act = tuple[datetime, Callable[[Telling], object]]


class NotEmpty(Exception):
    """Something has happened in this home already: a story that begins before it cannot be told here."""


@dataclass(frozen=True)
class SignIn:
    name: str
    role: str
    email: str
    password: str


SignIns = list[SignIn]


def tell(
    *,
    password: str,
    until: datetime,
    contacts: int = 500,
    months: int = 12,
    seed: int = 7,
    shown: Shown | None = None,
) -> SignIns:
    """Fill an initialised, empty home with `months` of history that ends at `until`, a midnight UTC.

    The same numbers give the same story; `password` is everybody's. `shown(done, total)` is told of the progress.
    All of it is kept or, if it is broken off, nothing. Raises NotEmpty where the ledger has begun.
    """
    if ledger.latest() is not None:
        raise NotEmpty
    begin = months_before(until, months)
    story = season.story(seed, contacts, begin, until)
    with transaction.atomic():
        with clock.moved_to(begin):
            told = Telling(_settle(password, begin, until))
        acts = _with_agreement(story, Random(seed), until)
        for number, (at, act) in enumerate(acts, 1):
            with clock.moved_to(at), fields.read_once():
                act(told)
            if shown:
                shown(number, len(acts))
        Trail.begin(until)
    return _sign_ins(password, until)


def months_before(until: datetime, months: int) -> datetime:
    years, month = divmod(until.month - 1 - months, 12)
    year = until.year + years
    return until.replace(year=year, month=month + 1, day=min(until.day, calendar.monthrange(year, month + 1)[1]))


def _with_agreement(story: Story, rng: Random, until: datetime) -> list[Act]:
    """What happens, in order: the events, the signings, and what people do at their desks from then on."""
    events, plan, last = story.events, story.plan, until - LAST
    signed = plan.generous
    acts: list[Act] = [(event.at, partial(_tell, event)) for event in events]
    acts += [(at, partial(_sign, name, at)) for name, at in ((GENEROUS, signed), (BETTER, plan.better))]
    acts += [(at, partial(_come_by, at)) for at in answering.rounds(signed, last)]
    acts += [(at, partial(_answer, rng, at, plan.rule(at))) for at in answering.afternoons(signed, last)]
    acts += [(last, partial(_end, last))]
    dice = Random(f"nudges {until}")  # of its own, so that what sellers do stays what it was
    acts += [(at, partial(_nudge, dice, at)) for at in nudging.mornings(until) if at > events[0].at]
    return sorted(acts, key=itemgetter(0))


def _tell(event: Event, told: Telling) -> None:
    told.tell(event)


def _sign(name: str, at: datetime, _told: Telling) -> None:
    journal.drain()
    agree(name, at)


def _come_by(at: datetime, _told: Telling) -> None:
    answering.catch_up(at)


def _end(at: datetime, _told: Telling) -> None:
    answering.catch_up(at)
    Notice.objects.filter(at__lt=at - timedelta(days=1)).read(at)
    rescoring.rescore(at)


def _answer(rng: Random, at: datetime, rule: str, _told: Telling) -> None:
    answering.answer(rng, at, rule)


def _nudge(rng: Random, at: datetime, _told: Telling) -> None:
    nudging.look(rng, at)


def _sign_ins(password: str, at: datetime) -> SignIns:
    """Who reads English comes first, and of them whoever has most to do: visitors sign in as the first of a role."""
    waits = {member.email: queue(member, at).count for member in Member.objects.all()}
    ordered = sorted(COLLEAGUES, key=lambda one: (bool(one.language), -waits[one.email]))
    return [SignIn(one.name, one.role, one.email, password) for one in ordered]


def _settle(password: str, at: datetime, until: datetime) -> dict[str, Member]:
    """The house, its teams and its members, by the first part of their address."""
    administrator = _join(COLLEAGUES[0], {}, None, at, password=password)
    by = administrator.pk
    House.get().edit(name=house.NAME, values=house.SETTINGS, by=by, at=at)
    teams = {name: Team.form(name=name, side=side, by=by, at=at) for name, side in house.TEAMS.items()}
    members = {one.key: _join(one, teams, by, at) for one in COLLEAGUES[1:]}
    # One password for all: making it slow to guess once is enough, and seconds faster than once for each.
    Member.objects.filter(pk__in=[m.pk for m in members.values()]).update(password=administrator.password)
    ApiKey.make(name=house.WEBSITE, scope="capture", role=MARKETING, by=administrator, at=at)
    author = next(members[one.key] for one in COLLEAGUES if one.role == MARKETING_LEAD)
    letters.write(author, at)
    briefs.write(author, at)
    planned.write(author, at, until)
    return {COLLEAGUES[0].key: administrator, **members}


def _join(one: Colleague, teams: dict[str, Team], by: int | None, at: datetime, **more: str) -> Member:
    team = teams[one.team] if one.team else None
    return Member.join(
        email=one.email,
        name=one.name,
        role=one.role,
        team=team,
        by=by,
        at=at,
        language=one.language,
        zone=one.zone,
        **more,
    )
