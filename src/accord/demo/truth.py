"""What is true of the simulated company, whatever its reports find: known, since the law that made it is known.

The reports see what happened until the story ends. Here everybody is followed to the end of their way, and again with
the same luck as if marketing had not met them.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile

from accord.demo.events import Offered, Opened, Won
from accord.demo.hours import DAY
from accord.demo.season import Entry, Story


def bought_after(entry: Entry, story: Story, met: tuple | None = None) -> float | None:
    """Days from their entry to the first purchase, however late; None for who never buys. `met`: see Entry."""
    for event in entry.passage(story.plan, met):
        if isinstance(event, Won):
            return (event.at - entry.at) / DAY
        if isinstance(event, Opened):
            break
    return None


def conversion(stories: Iterable[Story], days: float) -> dict[str, float]:
    """By origin, the chance to have bought `days` after the entry: the share of all who entered in these stories."""
    entered: dict[str, int] = defaultdict(int)
    bought: dict[str, int] = defaultdict(int)
    for story in stories:
        for entry in story.entries:
            after = bought_after(entry, story)
            entered[entry.origin] += 1
            bought[entry.origin] += after is not None and after <= days
    return {origin: bought[origin] / entered[origin] for origin in entered}


def win_rate(stories: Iterable[Story], since: datetime, until: datetime) -> float:
    """The chance that a first offer, made in that time, is accepted in the end, however late."""
    offers = wins = 0
    for story in stories:
        for entry in story.entries:
            way = list(takewhile(lambda event: not isinstance(event, Opened), entry.passage(story.plan)))
            offered = [event.at for event in way if isinstance(event, Offered)]
            if offered and since <= offered[0] < until:
                offers += 1
                wins += any(isinstance(event, Won) for event in way)
    return wins / offers


def bought_anyway(story: Story) -> tuple[set[int], set[int]]:
    """Numbers of those who buy, and of those who would have bought if no letter and no banner had met them."""
    buyers = {one.who.number for one in story.entries if bought_after(one, story) is not None}
    anyway = {one.who.number for one in story.entries if bought_after(one, story, ()) is not None}
    return buyers, anyway
