"""Scenes that the story always has, however the dice fall, at companies of their own: what people come to see."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from accord.demo import law, names, population, sale
from accord.demo.events import ADDRESS, Act, Answered, Checked, Event, Judged, Merged, Moved, Parted, Revised, Seen
from accord.demo.population import Company, Person
from accord.demo.visits import FORM, MAIL, enquiry

COMPANIES, PEOPLE = 4, 8
DECIDES = next(title for title in names.TITLES if title.seniority == "director")
At = Callable[[float, str], datetime]  # a share of the story's time, at work where that language is spoken


def told(rng: Random, at: At, companies: Sequence[Company], others: Sequence[Person], until: datetime) -> list[Event]:
    """With people beside all the others, whose numbers follow theirs."""
    number = len(others)
    crowd = population.people(rng, [c for c in companies for _ in range(2)], PEOPLE, others)
    crowd = [replace(p, title=DECIDES) for p in crowd]
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


def _moments(at: At, who: Person, *shares: float) -> list[datetime]:
    """Moments of work one after the other, however short the story is."""
    moments = [at(shares[0], who.language)]
    for share in shares[1:]:
        moments.append(max(at(share, who.language), moments[-1] + timedelta(hours=1)))
    return moments


def _pair(rng: Random, one: Person, twin: Person, moments: Sequence[datetime]) -> list[Event]:
    came, engaged, came_again = moments
    return [
        *law.arrival(rng, one, came, "website", known=False),
        Moved(engaged, one, "to_engaged"),
        *law.arrival(rng, twin, came_again, "catalogue", known=False),
    ]


def _merged(rng: Random, at: At, one: Person, twin: Person) -> list[Event]:
    *pair, merged = _moments(at, one, 0.6, 0.62, 0.66, 0.75)
    return [*_pair(rng, one, twin, pair), Merged(merged, one, twin, "The same person with a private address")]


def _parted(rng: Random, at: At, one: Person, twin: Person) -> list[Event]:
    *pair, merged, parted = _moments(at, one, 0.72, 0.74, 0.78, 0.86, 0.9)
    events = _pair(rng, one, twin, pair)
    return [*events, Merged(merged, one, twin, "Same name, same company"), Parted(parted, one, twin)]


def _joined(rng: Random, at: At, buyer: Person, colleague: Person) -> list[Event]:
    """Two people of one company, each with a passage; the deal that one of them opens takes the other along."""
    moments = _moments(at, buyer, 0.55, 0.58, 0.63, 0.65, 0.7, 0.78, 0.82, 0.86, 0.93)
    came, qualified, accepted, colleague_came, engaged, checked, passed_on, offered, quoted = moments
    return [
        *law.arrival(rng, buyer, came, "search", known=False),
        _asks(buyer, qualified),
        Answered(accepted, buyer, instead="to_sal"),
        *law.arrival(rng, colleague, colleague_came, "webinar", known=False),
        Moved(engaged, colleague, "to_engaged"),
        Checked(checked, buyer, {"budget_named": "yes", "decider_known": "yes"}),
        Answered(passed_on, buyer),
        sale.offered(rng, buyer, offered),
        Revised(quoted, buyer, {"stage": "proposal"}),
    ]


def _waiting(rng: Random, at: At, who: Person, until: datetime) -> list[Event]:
    """Qualified in the last hours, and nobody from sales has answered."""
    came, engaged = _moments(at, who, 0.88, 0.91)
    return [
        *law.arrival(rng, who, came, "search", known=False),
        Moved(engaged, who, "to_engaged"),
        _asks(who, until - timedelta(hours=9)),
    ]


def _asks(who: Person, at: datetime) -> Seen:
    return Seen(at, FORM, enquiry(who, at, "quotation", None, "direct", prices=True))


def _judged(rng: Random, at: At, who: Person) -> list[Event]:
    """Openings within a second of one another, which turn out to be a machine's."""
    came, sent, judged = _moments(at, who, 0.65, 0.7, 0.8)
    opens = [
        Act(who, "email_open", sent + timedelta(seconds=n), ADDRESS, None, "Letter 0", "e-mail") for n in range(1, 4)
    ]
    return [
        *law.arrival(rng, who, came, "website", known=False),
        Seen(sent + timedelta(minutes=30), MAIL, tuple(opens)),
        Judged(judged, who),
    ]
