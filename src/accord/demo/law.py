"""The law of the story: what people do on their way through the funnel, with which chance and after how long.

Pure: from a source of chance and a moment to events. The rates are ours and known, so that what reports
find can be compared with what was put in.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from accord.demo import house, names, sale
from accord.demo.campaigns import BRAND, CALLS, CATALOGUE, DISPLAY, SEARCH, SEARCHES_BRAND, WEBINARS, WEBSITE, Campaign
from accord.demo.events import (
    Answered,
    Assigned,
    Called,
    Checked,
    Event,
    Learnt,
    Logged,
    Met,
    Moved,
    Offered,
    Opened,
    Recognised,
    Reopened,
    Seen,
    Stepped,
    TakenUp,
    Together,
    Won,
    Wrote,
)  # fmt: skip
from accord.demo.hours import at_work, later, soon
from accord.demo.plan import BY_HAND, GENEROUS, Plan
from accord.demo.population import Person, weighted
from accord.demo.visits import FORM, LOOK, attended, enquiry, first_looks, visit
from accord.rooms.funnel.rules import DISQUALIFIED, LOST, RECYCLED, RETURNED
from accord.rooms.team.rules import FIELD, INSIDE, MARKETING, PARTNER

SILENCE = "silence"  # nobody says no; the passage stays where it is
OFFER = "offer"


@dataclass(frozen=True)
class Step:
    """`chance` for a customer who suits middling well; the delay is lognormal with this median in days. `by`: whose
    skill decides too."""

    name: str
    chance: float
    days: float
    spread: float
    by: str = ""


STEPS = (
    Step("to_engaged", 0.62, 2.5, 1.0),
    Step("to_mql", 0.45, 9, 0.9),
    Step("to_sal", 0.55, 1.3, 1.2, INSIDE),
    Step("to_sql", 0.48, 6, 0.8, INSIDE),
    Step(OFFER, 0.55, 8, 0.7, FIELD),
)
# A yes takes longer than a no: whoever looks at closed deals alone sees too many of these.
WINS, LOSES = Step("won", 0.18, 50, 0.45, FIELD), (12, 0.8)


@dataclass(frozen=True)
class Origin:
    """`lift` is added to the log-odds of every step, `pace` multiplies every delay, `steps` are those not skipped.

    `asks`: people come by a form of ours.
    """

    weight: int
    lift: float
    pace: float
    channel: str
    campaigns: Sequence[Campaign] = (Campaign(),)
    entry: str = "marketing"
    owner: str = MARKETING
    steps: Sequence[int] = (0, 1, 2, 3, 4)
    asks: bool = False


ORIGINS = {
    "website": Origin(22, 0.1, 1.0, "direct", WEBSITE, asks=True),
    "search": Origin(20, 0.3, 0.8, "search", SEARCH, asks=True),
    "trade_fair": Origin(17, -0.1, 1.2, "event", entry="import"),
    "webinar": Origin(11, -0.4, 1.4, "e-mail", WEBINARS, asks=True),
    "catalogue": Origin(8, -0.3, 1.3, "post", CATALOGUE, asks=True),
    "partner": Origin(8, 0.4, 0.9, "partner", (Campaign(),), "partner", PARTNER, (2, 3, 4)),
    "referral": Origin(6, 0.8, 0.7, "word of mouth", (Campaign(),), "referral", FIELD, (3, 4)),
    "outbound": Origin(8, -0.7, 1.2, "phone", CALLS, "own_prospecting", INSIDE, (0, 2, 3, 4)),
}
BY_FORM = tuple(name for name, origin in ORIGINS.items() if origin.asks)
AGAIN = Origin(0, 0.9, 0.8, "phone", (Campaign(),), "second_sale", FIELD, (3, 4))
SPOKEN_ABOUT = {"website": "quotation", "search": "quotation", "webinar": "webinar", "catalogue": "catalogue"}

# By the stage in which it ends: how, how often, after how many days, and what people say.
ENDINGS: Sequence[Mapping[str, tuple[float, float, Sequence[str]]]] = (
    {
        SILENCE: (5, 0, ()),
        DISQUALIFIED: (3, 6, ("Wrong address", "Student or competitor", "Outside our field")),
        RECYCLED: (2, 35, ("No answer after four mails",)),
    },
    {
        SILENCE: (5, 0, ()),
        RECYCLED: (3.5, 40, ("Not before next year", "No answer after four mails")),
        DISQUALIFIED: (1.5, 18, ("No need", "Outside our field")),
    },
    {
        RETURNED: (6, 1.5, ("Too early", "Wrong person", "No answer after four attempts")),
        DISQUALIFIED: (3, 1, ("No need", "Outside our field")),
        SILENCE: (1, 0, ()),
    },
    {
        RECYCLED: (3, 12, ("Not before next year", "Project postponed")),
        RETURNED: (2, 6, ("Too early", "Wrong person")),
        LOST: (2, 12, ("Chose another supplier", "Repairs the old pumps")),
        DISQUALIFIED: (2, 6, ("No need",)),
        SILENCE: (1, 0, ()),
    },
    {
        LOST: (4.5, 18, ("Chose another supplier", "Repairs the old pumps", "No budget this year")),
        RECYCLED: (3.5, 20, ("Project postponed", "Not before next year")),
        SILENCE: (2, 0, ()),
    },
)
# What follows a hand-off: days, and the spread of their logarithm.
FIRST_CALL, ANSWERED, PASSED_ON, LATER = (0.12, 0.9), (0.8, 0.9), (0.9, 0.6), (25, 0.6)
TAKEN_UP, SERVED = (1.0, 0.9), (1.0, 0.6)
TAKES_UP, ASKS_AGAIN = 0.85, 0.25
POOR, NO_FIT = 0.55, "no_fit"  # who suits less than that is given back for it, as a rule
TOO_EARLY = ("timing", "timing", "no_response", "no_need", "no_authority")
SAID = {
    "timing": "Too early", "no_response": "No answer after four attempts", "no_need": "No need",
    "no_authority": "Wrong person", NO_FIT: "Outside our field",
}  # fmt: skip
SECOND_CHANCE = {RETURNED: (0.4, 18), RECYCLED: (0.3, 40)}
BUYS_AGAIN = (0.45, 40)


def chance(base: float, lift: float) -> float:
    """A chance with something added to its log-odds."""
    return 1 / (1 + math.exp(-(math.log(base / (1 - base)) + lift)))


def origin_of(rng: Random) -> str:
    return weighted(rng, ((name, origin.weight) for name, origin in ORIGINS.items()))


def campaign_of(rng: Random, origin: str) -> Campaign:
    return weighted(rng, ((one, one.weight) for one in ORIGINS[origin].campaigns))


def arrival(
    rng: Random,
    who: Person,
    at: datetime,
    origin: str,
    campaign: Campaign | None = None,
    *,
    known: bool,
    banner: bool = False,
) -> list[Event]:
    """How somebody comes: what we see of them before, and the moment in which their passage opens."""
    way = ORIGINS[origin]
    by = campaign or way.campaigns[0]
    channel, name = by.channel or way.channel, by.name or None
    opened = Opened(
        at, who, way.entry, way.owner, {"origin": origin, "channel": channel} | ({"campaign": name} if name else {})
    )
    meeting: list[Event] = [] if known else [Met(at, who)]
    if origin not in BY_FORM:
        return [Together(at, way.owner, (*meeting, opened))]
    form = Seen(at, FORM, enquiry(who, at, SPOKEN_ABOUT[origin], name, channel))
    return [
        *first_looks(rng, who, at, name, channel, DISPLAY if banner else None),
        Together(at, None, (*meeting, Recognised(at, who), form, opened)),
    ]


def listed(who: Person, at: datetime, fair: str, visited: datetime) -> tuple[Event, ...]:
    """Somebody on the list of a fair: met there, known to us since the list came in."""
    way = ORIGINS["trade_fair"]
    values = {"origin": "trade_fair", "channel": way.channel, "campaign": fair}
    return (
        Met(at, who),
        Seen(at, "fair list", (attended(who, visited, fair),)),
        Opened(at, who, way.entry, way.owner, values),
    )


def passage(rng: Random, who: Person, at: datetime, origin: Origin, plan: Plan, lift: float = 0.0) -> list[Event]:
    """What follows once a passage is open, until it ends or falls silent, whenever that will be.

    `lift` is added to the log-odds of every step. The same `rng` brings the same luck with another lift: so it can be
    asked who would have bought anyway.
    """
    way = _Way(rng, who, at, origin, plan, lift)
    way.begin()
    return way.events


class _Way:
    def __init__(self, rng: Random, who: Person, at: datetime, origin: Origin, plan: Plan, lift: float) -> None:
        self.luck, self.rng = rng.random(), rng
        self.who, self.at, self.origin, self.owner = who, at, origin, origin.owner
        self.plan, self.given = plan, lift
        self.lift = origin.lift + lift + (who.fit - 0.65) * 3
        self.stage = self.turn = 0
        self.events: list[Event] = []

    def begin(self) -> None:
        """Who asked by a form is handed over at once while the rule is generous, whether they are ready or not."""
        if self.rule == GENEROUS and self.origin.asks:
            self._handed_at_once()
        else:
            self.climb(self.origin.steps)

    @property
    def rule(self) -> str:
        return self.plan.rule(self.at)

    def climb(self, steps: Sequence[int]) -> None:
        for number in steps:
            step = STEPS[number]
            if not self._passes(step):
                return self._end()
            self._wait(step.days, step.spread)
            if step.by and self.rule != BY_HAND:
                self._wait_for(step.by)
            self._take(step)
            self.stage = number + 1
        return self._decide()

    def _handed_at_once(self) -> None:
        """Sales finds out who is ready. The others come back, and some of them ask again later, when they are."""
        ready = self._passes(STEPS[0]) and self._passes(STEPS[1])
        self._ring()
        self._wait(*ANSWERED)
        if ready and self._passes(STEPS[2]):
            self.stage = 3
            for step in STEPS[:3]:
                self._is(step.name)
            self._say(Answered(self.at, self.who, instead="to_sal"))
            self.climb((3, 4))
            return
        self._return()
        if ready or self._happens(ASKS_AGAIN):
            self._wait(*LATER)
            self.stage, self.turn = 1, self.turn + 1
            self.climb((1, 2, 3, 4))

    def _return(self, reasons: Sequence[str] = TOO_EARLY) -> None:
        """What sales gives back marketing has again soon, or nobody asks."""
        reason = NO_FIT if self.who.fit < POOR and self._happens(0.6) else self.rng.choice(reasons)
        self._say(Answered(self.at, self.who, reason, instead=RETURNED, words=SAID[reason]))
        if self._happens(TAKES_UP):
            back = later(self.rng, self.at, *TAKEN_UP, self.who.language)
            self.events.append(TakenUp(back, self.who))

    def _ring(self) -> None:
        """The first call, on most days within the hours that are promised."""
        days, spread = FIRST_CALL
        self._wait(days * house.looking_after(INSIDE, self.who.company).pace, spread)
        self._wait_for(INSIDE)
        outcome = "reached" if self._happens(0.55) else self.rng.choice(("no_answer", "voicemail", "call_back"))
        self._say(Called(self.at, self.who, outcome))

    def _take(self, step: Step) -> None:
        self._is("to_opportunity" if step.name == OFFER else step.name)
        takes = {
            "to_engaged": self._engage,
            "to_mql": self._qualify,
            "to_sal": self._accept,
            "to_sql": self._check,
            OFFER: self._offer,
        }
        takes[step.name]()

    def _engage(self) -> None:
        if self.owner == INSIDE:
            self._call(0.8)
        else:
            came = self.at - timedelta(hours=2)
            self.events += [visit(self.rng, self.who, came, LOOK, self.origin.channel), Recognised(self.at, self.who)]
        self._say(Moved(self.at, self.who, "to_engaged"))

    def _qualify(self) -> None:
        asked = self.at - timedelta(minutes=self.rng.randint(20, 200))
        by = BRAND if self._happens(SEARCHES_BRAND) else Campaign(channel="direct")
        asks = enquiry(self.who, asked, "quotation", by.name or None, by.channel, prices=True)
        self.events.append(Seen(asked, FORM, asks))
        self.events.append(Recognised(self.at, self.who))
        if self.rule == BY_HAND or self.owner != MARKETING:
            self._say(Moved(self.at, self.who, "to_mql"))
            if self.owner == MARKETING:
                self._give(INSIDE)

    def _accept(self) -> None:
        if self.rule == BY_HAND:
            if self._happens(0.4):
                self._call(0)
                self._wait(0.4, 0.5)
            self._call(1)
            self._say(Moved(self.at, self.who, "to_sal"))
        else:
            self._ring()
            self._say(Answered(self.at, self.who, instead="to_sal"))
            self.owner = INSIDE if self.owner == MARKETING else self.owner
        if self._happens(0.6):
            self._say(Wrote(self.at, self.who, self.rng.choice(names.NOTES[self.who.language])))

    def _check(self) -> None:
        self._say(Logged(self.at, self.who, "meeting", {"minutes": self.rng.choice((30, 45, 60)), "where": "online"}))
        budget = round(self.rng.lognormvariate(math.log(20_000), 0.6), -3)
        self._say(Learnt(self.at, self.who, self.at - timedelta(days=self.rng.randint(0, 40)), {"budget": budget}))
        if self.rule == BY_HAND or self.owner not in (MARKETING, INSIDE):
            self._say(Moved(self.at, self.who, "to_sql"))
        else:
            decider = self.rng.choice(("yes", "yes", "no"))
            self._say(Checked(self.at, self.who, {"budget_named": "yes", "decider_known": decider}))
            self._wait(*PASSED_ON)
            self._say(Answered(self.at, self.who))

    def _offer(self) -> None:
        if self.owner in (MARKETING, INSIDE):
            if self.rule == BY_HAND:
                self._give(FIELD)
            self.owner = FIELD
        if self._happens(SEARCHES_BRAND):
            came, dice = self.at - timedelta(hours=2), Random(f"{self.luck} {self.turn} {BRAND.name}")
            self.events.append(visit(dice, self.who, came, LOOK, BRAND.channel, BRAND.name))
        self._say(Logged(self.at, self.who, "meeting", {"minutes": 90, "where": "on site"}))
        self._say(sale.offered(self.rng, self.who, self.at))

    def _decide(self) -> None:
        offered = next(e for e in reversed(self.events) if isinstance(e, Offered))
        wins = self._passes(WINS)
        self._wait(*(WINS.days, WINS.spread) if wins else LOSES)
        self.events += sale.revisions(self.rng, offered, self.at)
        if not wins:
            self.events.append(sale.lost(self.rng, self.who, self.at))
            return
        reason = self.rng.choice(tuple(sale.WON_BY))
        self.events.append(sale.agreed(self.who, self.events[-1].at, self.at))
        self.events.append(Won(self.at, self.who, reason, sale.WON_BY[reason]))
        self.events.append(Answered(later(self.rng, self.at, *SERVED, self.who.language), self.who))
        if self._happens(BUYS_AGAIN[0]):
            self._wait(BUYS_AGAIN[1], 0.5)
            again = Opened(
                self.at, self.who, AGAIN.entry, AGAIN.owner, {"origin": "existing customer", "channel": AGAIN.channel}
            )
            self.events += [again, *passage(self.rng, self.who, self.at, AGAIN, self.plan, self.given)]

    def _end(self) -> None:
        endings = ENDINGS[self.stage]
        how = weighted(self.rng, ((name, weight) for name, (weight, _days, _reasons) in endings.items()))
        if how == SILENCE:
            return
        _weight, days, reasons = endings[how]
        self._wait(days, 0.7)
        if how == RETURNED and self.rule != BY_HAND:
            self._return()
        else:
            self._say(Moved(self.at, self.who, how, self.rng.choice(reasons)))
        if how in SECOND_CHANCE:
            self._try_again(how)

    def _try_again(self, how: str) -> None:
        likely, days = SECOND_CHANCE[how]
        if how == RETURNED and self.owner == INSIDE:
            if self.rule == BY_HAND:
                self._give(MARKETING)
            self.owner = MARKETING
        if not self._happens(likely):
            return
        self._wait(days, 0.5)
        self.turn += 1
        if how == RECYCLED:
            self._say(Reopened(self.at, self.who))
        self.stage = 1 if how == RETURNED else 0
        self.climb((1, 2, 3, 4) if how == RETURNED else self.origin.steps)

    def _call(self, reached: float) -> None:
        got_through = self._happens(reached)
        said = (
            {"result": "reached", "minutes": self.rng.randint(3, 18)}
            if got_through
            else {"result": "no answer", "minutes": 0}
        )
        self._say(Logged(self.at, self.who, "call_out", said))

    def _give(self, role: str) -> None:
        self._say(Assigned(self.at, self.who, role))
        self.owner = role

    def _say(self, event: Event) -> None:
        """It happens now; what comes after it, a few minutes later."""
        self.events.append(event)
        self.at = soon(self.rng, self.at)

    def _wait(self, days: float, spread: float) -> None:
        self.at = later(self.rng, self.at, days * self.origin.pace, spread, self.who.language)

    def _wait_for(self, role: str) -> None:
        """Who is away answers when they are back."""
        away = self.plan.back(house.looking_after(role, self.who.company).key, self.at)
        self.at = at_work(self.rng, away, self.who.language)

    def _is(self, move: str) -> None:
        self.events.append(Stepped(self.at, self.who, move))

    def _passes(self, step: Step) -> bool:
        """Whether they take the step: luck of its own for each, so that it stays the same whatever else is drawn."""
        skill = house.looking_after(step.by, self.who.company).skill if step.by else 0.0
        drawn = Random(f"{self.luck} {self.turn} {step.name}").random()
        return drawn < chance(step.chance, self.lift + skill)

    def _happens(self, likely: float) -> bool:
        return self.rng.random() < likely
