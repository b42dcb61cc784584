"""The whole story as a list of events: who comes when, the fairs, the mailings, and what is learnt late."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from accord.demo import law, names, population, scenes
from accord.demo.events import Event, Learnt, Met, Together, Wrote
from accord.demo.hours import at_leisure, at_work
from accord.demo.population import Company, Person
from accord.demo.signing import Signings
from accord.demo.visits import mailing
from accord.rooms.team.rules import INSIDE, MARKETING_LEAD

FAIRS = ((0.3, "Rhine Water Days"), (0.68, "Delta Process Fair"))  # when, as a share of the story
KNOWN_BEFORE = 7  # one company in so many stands on the list that the house began with
NO_LEAD, COLLEAGUE_NO_LEAD = (
    0.1,
    0.45,
)  # people whom we know and who ask for nothing: the first of a company, the others
LATE = 0.08
MAILING_EVERY = timedelta(days=28)
WEEK = timedelta(days=7)
END = timedelta(minutes=2)  # before midnight, so that the last instants stay in the story


@dataclass
class Season:
    rng: Random
    begin: datetime
    until: datetime
    signings: Signings
    events: list[Event] = field(default_factory=list)
    known: dict[Person, datetime] = field(default_factory=dict)

    @property
    def length(self) -> timedelta:
        return self.until - self.begin

    def at(self, share: float, language: str = "de") -> datetime:
        return self.work(self.begin + self.length * share, language)

    def work(self, at: datetime, language: str) -> datetime:
        """That moment or the next morning of work, of the week before if the story is over by then."""
        then = at_work(self.rng, at, language)
        return then if then < self.until - END else then - WEEK


def story(rng: Random, contacts: int, begin: datetime, until: datetime) -> list[Event]:
    """Everything that happens from `begin` until just before `until`, in the order of time."""
    companies = population.companies(rng, max(contacts * 3 // 10, 2) + scenes.COMPANIES)
    crowd = population.people(rng, companies[scenes.COMPANIES :], max(contacts - scenes.PEOPLE, 1))
    season = Season(rng, begin, until, Signings.of(begin, until))
    _list_of_before(season, [who for who in crowd if who.company.number % KNOWN_BEFORE == 0])
    fairs: dict[str, list[Person]] = {name: [] for _share, name in FAIRS}
    for who, at, first in _coming(season, crowd):
        if rng.random() < (NO_LEAD if first else COLLEAGUE_NO_LEAD):
            _named_by_a_colleague(season, who, at)
        else:
            _come(season, who, at, fairs)
    for share, name in FAIRS:
        _fair(season, share, name, fairs[name])
    _mailings(season)
    _late_news(season)
    season.events += scenes.told(rng, season.at, companies[: scenes.COMPANIES], len(crowd), until)
    return sorted((e for e in season.events if begin < e.at < until - END), key=lambda e: e.at)


def _coming(season: Season, crowd: list[Person]) -> list[tuple[Person, datetime, bool]]:
    """When somebody turns up, and whether as the first of their company; a little more of them from month to month."""
    starts: dict[Company, datetime] = {}
    coming = []
    for who in crowd:
        first = who.company not in starts
        start = starts.setdefault(who.company, season.begin + season.length * season.rng.random() ** 0.85 * 0.98)
        at = start if first else start + timedelta(days=season.rng.lognormvariate(2.7, 1.2))
        if at >= season.until:
            at = season.until - (season.until - start) * season.rng.random()
        coming.append((who, max(at_leisure(season.rng, at), season.known.get(who, at)), first))
    return coming


def _list_of_before(season: Season, before: list[Person]) -> None:
    at = season.at(0.001)
    season.events.append(Together(at, MARKETING_LEAD, tuple(Met(at, who) for who in before)))
    season.known.update(dict.fromkeys(before, at))


def _come(season: Season, who: Person, at: datetime, fairs: dict[str, list[Person]]) -> None:
    rng, known = season.rng, who in season.known
    origin = law.origin_of(rng)
    if origin == "trade_fair":
        coming = [name for share, name in FAIRS if season.begin + season.length * share > at]
        if coming and not known:
            fairs[coming[0]].append(who)
            return
        origin = "website"
    if origin not in law.BY_FORM:
        at = season.work(at, who.language)
    season.events += law.arrival(rng, who, at, origin, known=known)
    season.events += law.passage(rng, who, at, law.ORIGINS[origin], season.signings)
    season.known.setdefault(who, at)


def _named_by_a_colleague(season: Season, who: Person, at: datetime) -> None:
    """Somebody whom we know and who asks for nothing."""
    at = season.work(at, who.language)
    if who not in season.known:
        season.events.append(Together(at, INSIDE, (Met(at, who),)))
        season.known[who] = at
    if season.rng.random() < 0.3:
        season.events.append(Wrote(at + timedelta(minutes=4), who, season.rng.choice(names.NOTES[who.language])))


def _fair(season: Season, share: float, name: str, visitors: list[Person]) -> None:
    """The list of a fair comes in on the next morning of work, with what was seen at the stand the days before."""
    opening = season.at(share)
    at = season.work(opening + timedelta(days=3), "de")
    parts: list[Event] = []
    for who in visitors:
        visited = opening + timedelta(seconds=season.rng.randint(0, 2 * 86_400))
        parts += law.listed(who, at, name, visited)
        season.events += law.passage(season.rng, who, at, law.ORIGINS["trade_fair"], season.signings)
        season.known[who] = at
    season.events.append(Together(at, MARKETING_LEAD, tuple(parts)))


def _mailings(season: Season) -> None:
    at, number = season.at(0.0) + MAILING_EVERY, 1
    while at < season.until:
        readers = [who for who, since in season.known.items() if since < at]
        season.events.append(mailing(season.rng, readers, at, f"Letter {number}"))
        at, number = at + MAILING_EVERY, number + 1


def _late_news(season: Season) -> None:
    """What was true for weeks before anybody told us."""
    for who, since in season.known.items():
        if season.rng.random() >= LATE or season.until - since < timedelta(days=20):
            continue
        true_since = since + (season.until - since) * season.rng.uniform(0.1, 0.5)
        told = season.work(true_since + (season.until - true_since) * season.rng.uniform(0.3, 0.8), who.language)
        season.events.append(_news(season.rng, who, told, true_since.replace(microsecond=0)))


def _news(rng: Random, who: Person, told: datetime, since: datetime) -> Learnt:
    if rng.random() < 0.4:
        grown = round(who.company.employees * rng.uniform(0.7, 1.5))
        return Learnt(told, who, since, {"employees": grown}, "company")
    title = rng.choice(names.TITLES)
    values = {"title": title.words[who.company.language], "seniority": title.seniority, "department": title.department}
    return Learnt(told, who, since, values)
