"""What marketing does, and the truth about what it does to people.

Three things are mixed up wherever leads are counted by campaign, and kept apart here: whom a campaign reaches (`lift`
of a Campaign), what an exposure does to somebody who was chosen by lot (`effect` of an Exposure), and what people who
have made up their minds do by themselves and which does nothing (brand search).
"""

from dataclasses import dataclass
from random import Random

from accord.demo.population import Person


@dataclass(frozen=True)
class Campaign:
    """`weight`: how many come by it; `lift`: how they differ from others, in log-odds of every step."""

    name: str = ""
    weight: float = 1.0
    lift: float = 0.0
    channel: str = ""


@dataclass(frozen=True)
class Exposure:
    """Whoever draws it by lot, `share` of all, has `effect` added to the log-odds of every step."""

    name: str
    share: float
    effect: float

    def meets(self, seed: int, who: Person) -> bool:
        return Random(f"{seed} {who.number} {self.name}").random() < self.share


PRIZE, FINDER = "Prize draw: a season ticket", "Pump finder"
WEBSITE = (
    Campaign("", 13),
    Campaign(PRIZE, 7, -1.7, "display"),  # many, who want the prize
    Campaign(FINDER, 2, 1.2, "search"),  # few, who know what they look for
)
SEARCH = (Campaign("Search: metering pumps", 11), Campaign("Search: hypochlorite dosing", 9, 0.2))
WEBINARS = (Campaign("Webinar: dosing without drift", 6, 0.2), Campaign("Webinar: five litres an hour", 5, -0.1))
CATALOGUE = (Campaign("Catalogue mailing"),)
CALLS = (Campaign("Calling paper and food"),)

LETTERS = Exposure("letters", 0.7, 0.35)
BANNER = Exposure("banner", 0.4, 0.2)
EXPOSURES = (LETTERS, BANNER)
DISPLAY = Campaign("Banner: no drift", channel="display")

BRAND = Campaign("Search: Tarnbeck", channel="brand search")
SEARCHES_BRAND = 0.6  # of those who have made up their minds to ask for a quotation or an offer


def met_by(seed: int, who: Person) -> tuple[Exposure, ...]:
    return tuple(one for one in EXPOSURES if one.meets(seed, who))
