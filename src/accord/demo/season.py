"""The whole story as a list of events: who comes when, the fairs, the mailings, and what is learnt late."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from accord.demo import campaigns, law, names, population, scenes
from accord.demo.campaigns import BANNER, LETTERS, Campaign, Exposure
from accord.demo.events import Away, Broken, Event, Learnt, Met, Together, Wrote
from accord.demo.hours import at_leisure, at_work, busy
from accord.demo.passing import possible
from accord.demo.plan import LASTS, Plan
from accord.demo.population import Company, Person
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
GAVE_UP = 1.5  # for each of those whom the broken form kept away and who came again
END = timedelta(minutes=2)  # before midnight, so that the last instants stay in the story


@dataclass(frozen=True)
class Entry:
    """How somebody came, and all that decides what becomes of them, beside the plan of the house."""

    who: Person
    at: datetime
    origin: str
    campaign: Campaign
    met: tuple[Exposure, ...]
    luck: str

    def passage(self, plan: Plan, met: tuple[Exposure, ...] | None = None) -> list[Event]:
        """What becomes of them, or would have by the same luck, had they met just these exposures."""
        effects = sum(one.effect for one in (self.met if met is None else met))
        origin = law.ORIGINS[self.origin]
        return law.passage(Random(self.luck), self.who, self.at, origin, plan, self.campaign.lift + effects)


@dataclass(frozen=True)
class Story:
    """Everything that happens, in the order of time; and beside it how everybody came, for those who know the law."""

    events: list[Event]
    entries: list[Entry]
    plan: Plan


@dataclass
class Season:
    seed: int
    rng: Random
    begin: datetime
    until: datetime
    plan: Plan
    events: list[Event] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
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


def story(seed: int, contacts: int, begin: datetime, until: datetime) -> Story:
    """Everything that happens from `begin` until just before `until`."""
    rng = Random(seed)
    companies = population.companies(rng, max(contacts * 3 // 10, 2) + scenes.COMPANIES)
    crowd = population.people(rng, companies[scenes.COMPANIES :], max(contacts - scenes.PEOPLE, 1))
    season = Season(seed, rng, begin, until, Plan.of(begin, until))
    season.events += [Away(begin + END, who, *times) for who, times in season.plan.away.items()]
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
    season.events += scenes.told(rng, season.at, companies[: scenes.COMPANIES], crowd, until)
    told = sorted((e for e in season.events if begin < e.at < until - END), key=lambda e: e.at)
    return Story(possible(told), season.entries, season.plan)


def _coming(season: Season, crowd: list[Person]) -> list[tuple[Person, datetime, bool]]:
    """When somebody turns up, and whether as the first of their company; a little more of them from month to month."""
    starts: dict[Company, datetime] = {}
    coming = []
    for who in crowd:
        first = who.company not in starts
        at = _some_day(season, who, starts.get(who.company))
        starts.setdefault(who.company, at)
        coming.append((who, max(at_leisure(season.rng, at), season.known.get(who, at)), first))
    return coming


def _some_day(season: Season, who: Person, start: datetime | None) -> datetime:
    """A day on which somebody comes: a colleague soon after the first one; more of them on days on which more goes
    on."""
    while True:
        if start is None:
            at = season.begin + season.length * season.rng.random() ** 0.85 * 0.98
        else:
            at = start + timedelta(days=season.rng.lognormvariate(2.7, 1.2))
            if at >= season.until:
                at = season.until - (season.until - start) * season.rng.random()
        if season.rng.random() < busy(at, who.language):
            return at


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
    elif season.plan.is_broken(at):
        at = _turned_away(season, who, at, origin)
    campaign = law.campaign_of(rng, origin)
    entry = _enter(season, who, at, origin, campaign)
    season.events += law.arrival(rng, who, at, origin, campaign, known=known, banner=BANNER in entry.met)
    season.known.setdefault(who, at)


def _enter(season: Season, who: Person, at: datetime, origin: str, campaign: Campaign) -> Entry:
    entry = Entry(who, at, origin, campaign, _met(season, who, origin), f"{season.seed} {who.number} luck")
    season.entries.append(entry)
    season.events += entry.passage(season.plan)
    return entry


def _met(season: Season, who: Person, origin: str) -> tuple[Exposure, ...]:
    """Banners stand where people look for a form of ours; letters go to everybody whom we know."""
    met = campaigns.met_by(season.seed, who)
    return met if origin in law.BY_FORM else tuple(one for one in met if one != BANNER)


def _turned_away(season: Season, who: Person, at: datetime, origin: str) -> datetime:
    """The form loses who they are; they try again in the days after it is mended, and others never do."""
    rng, since = season.rng, season.plan.broken_since or at
    about = law.SPOKEN_ABOUT[origin]
    gone = round(GAVE_UP + rng.random() - 0.5)
    lost = [since + LASTS * rng.random() for _ in range(gone)]
    season.events += [Broken(moment.replace(microsecond=0), who, about) for moment in (at, *lost)]
    return at_leisure(rng, since + LASTS + timedelta(days=rng.uniform(1, 9)))


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
        _enter(season, who, at, "trade_fair", Campaign(name))
        season.known[who] = at
    season.events.append(Together(at, MARKETING_LEAD, tuple(parts)))


def _mailings(season: Season) -> None:
    at, number = season.at(0.0) + MAILING_EVERY, 1
    while at < season.until:
        readers = [who for who, since in season.known.items() if since < at and LETTERS.meets(season.seed, who)]
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
