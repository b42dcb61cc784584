"""What the marketers of the story planned for it: their campaigns and their papers, before anybody met one."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from accord.demo import campaigns
from accord.demo.season import FAIRS, MAILING_EVERY, WEEK
from accord.demo.visits import PAPERS
from accord.rooms.campaigns.models import Campaign
from accord.rooms.content.models import Asset
from accord.rooms.team.models import Member

LETTER = ("e-mail", "Readers come back for one paper", 300)
FAIR = ("event", "60 visitors whom we call within a week", 18_000)
# Channel, goal, and what it may cost in the currency of the house. They run as long as the story does.
PLANS = {
    campaigns.PRIZE: ("display", "200 addresses in a quarter", 9_500),
    campaigns.FINDER: ("search", "20 people who know their medium and their flow", 4_200),
    "Search: metering pumps": ("search", "8 qualified leads a month", 14_000),
    "Search: hypochlorite dosing": ("search", "5 qualified leads a month", 9_000),
    "Search: Tarnbeck": ("brand search", "Nobody who looks for us finds another", 3_600),
    "Webinar: dosing without drift": ("webinar", "80 seats, a third from works that we do not know", 2_800),
    "Webinar: five litres an hour": ("webinar", "60 seats", 2_400),
    "Catalogue mailing": ("post", "One catalogue on every desk that orders parts", 6_500),
    "Calling paper and food": ("phone", "A visit in every tenth works", 5_000),
    "Banner: no drift": ("display", "Known to whoever reads the trade press", 7_000),
}
# Format, stage, persona.
WRITTEN = {
    "Wren data sheet": ("data sheet", "engaged", "engineer"),
    "Heron data sheet": ("data sheet", "engaged", "engineer"),
    "Sizing table": ("table", "mql", "engineer"),
    "Calibration guide": ("guide", "engaged", "head of maintenance"),
    "Case: a year without a stop": ("case study", "sql", "buyer"),
}


def write(by: Member, begin: datetime, until: datetime) -> None:
    for name, (channel, goal, budget), since, end in _planned(begin, until):
        dates = {"starts_on": since.date().isoformat(), "ends_on": end.date().isoformat()}
        values = {"name": name, "channel": channel, "goal": goal, "budget": budget, "owner": by.pk}
        Campaign.create(values | dates, by=by.pk, at=begin)
    for name in PAPERS:
        told = dict(zip(("format", "stage", "persona"), WRITTEN[name], strict=True))
        Asset.create({"name": name, "language": "en", "owner": by.pk, **told}, by=by.pk, at=begin)


def _planned(begin: datetime, until: datetime) -> Iterator[tuple[str, Any, datetime, datetime]]:
    for name, plan in PLANS.items():
        yield name, plan, begin, until
    for share, name in FAIRS:
        opens = begin + (until - begin) * share
        yield name, FAIR, opens, opens + WEEK / 2
    for number in range(1, (until - begin) // MAILING_EVERY + 1):
        sent = begin + number * MAILING_EVERY
        yield f"Letter {number}", LETTER, sent, sent
