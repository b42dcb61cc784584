"""Scenes that the story always has, however the dice fall, at companies of their own: what people come to see."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from accord.demo import law, population, sale
from accord.demo.events import ADDRESS, Act, Assigned, Event, Judged, Merged, Moved, Parted, Revised, Seen
from accord.demo.population import Company, Person
from accord.demo.visits import MAIL
from accord.rooms.team.rules import FIELD, INSIDE

COMPANIES, PEOPLE = 4, 8
At = Callable[[float, str], datetime]  # a share of the story's time, at work where that language is spoken


def told(rng: Random, at: At, companies: Sequence[Company], number: int, until: datetime) -> list[Event]:
    crowd = population.people(rng, [c for c in companies for _ in range(2)], PEOPLE)
    one, twin, other, namesake, buyer, colleague, fresh, reader = [replace(p, number=number + p.number) for p in crowd]
    return [
        *_merged(rng, at, one, _same(one, twin)),
        *_parted(rng, at, other, _same(other, namesake)),
        *_joined(rng, at, buyer, colleague),
        *_waiting(rng, at, fresh, until),
        *_judged(rng, at, reader),
    ]


def _same(one: Person, twin: Person) -> Person:
    """The same person once more, met by a private address."""
    private = f"{one.email.split('@')[0]}@post.example"
    return replace(one, number=twin.number, email=private, phone="")


def _moment(at: At, share: float, who: Person) -> datetime:
    return at(share, who.language)


def _pair(rng: Random, at: At, one: Person, twin: Person, share: float) -> list[Event]:
    engaged = _moment(at, share + 0.02, one)
    return [
        *law.arrival(rng, one, _moment(at, share, one), "website", known=False),
        Moved(engaged, one, "to_engaged"),
        *law.arrival(rng, twin, _moment(at, share + 0.06, twin), "catalogue", known=False),
    ]


def _merged(rng: Random, at: At, one: Person, twin: Person) -> list[Event]:
    merged = _moment(at, 0.75, one)
    return [*_pair(rng, at, one, twin, 0.6), Merged(merged, one, twin, "The same person with a private address")]


def _parted(rng: Random, at: At, one: Person, twin: Person) -> list[Event]:
    merged, parted = _moment(at, 0.86, one), _moment(at, 0.9, one)
    events = _pair(rng, at, one, twin, 0.72)
    return [*events, Merged(merged, one, twin, "Same name, same company"), Parted(parted, one, twin)]


def _joined(rng: Random, at: At, buyer: Person, colleague: Person) -> list[Event]:
    """Two people of one company, each with a passage; the deal that one of them opens takes the other along."""
    offered = sale.offered(rng, buyer, _moment(at, 0.86, buyer))
    return [
        *law.arrival(rng, buyer, _moment(at, 0.55, buyer), "search", known=False),
        *law.arrival(rng, colleague, _moment(at, 0.65, colleague), "webinar", known=False),
        Moved(_moment(at, 0.58, buyer), buyer, "to_mql"),
        Assigned(_moment(at, 0.6, buyer), buyer, INSIDE),
        Moved(_moment(at, 0.63, buyer), buyer, "to_sal"),
        Moved(_moment(at, 0.7, colleague), colleague, "to_engaged"),
        Moved(_moment(at, 0.78, buyer), buyer, "to_sql"),
        Assigned(_moment(at, 0.82, buyer), buyer, FIELD),
        offered,
        Revised(_moment(at, 0.93, buyer), buyer, {"stage": "Offer"}),
    ]


def _waiting(rng: Random, at: At, who: Person, until: datetime) -> list[Event]:
    """Qualified by marketing in the last days, and nobody from sales has answered."""
    opened = _moment(at, 0.88, who)
    return [
        *law.arrival(rng, who, opened, "search", known=False),
        Moved(_moment(at, 0.91, who), who, "to_engaged"),
        Moved(until - timedelta(hours=9), who, "to_mql"),
    ]


def _judged(rng: Random, at: At, who: Person) -> list[Event]:
    """Openings within a second of one another, which turn out to be a machine's."""
    sent = _moment(at, 0.7, who)
    opens = [
        Act(who, "email_open", sent + timedelta(seconds=n), ADDRESS, None, "Letter 0", "e-mail") for n in range(1, 4)
    ]
    met = law.arrival(rng, who, _moment(at, 0.65, who), "website", known=False)
    return [*met, Seen(sent + timedelta(hours=1), MAIL, tuple(opens)), Judged(_moment(at, 0.8, who), who)]
