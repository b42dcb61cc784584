"""What can still happen: a passage that has ended goes no further, whatever was in store for it.

Everybody's way is decided by itself. But a deal takes the open passages of its company along, so that what was to come
of those does not. Both drivers tell what is left.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from accord.demo.events import (
    Answered,
    Assigned,
    Called,
    Checked,
    Event,
    Joined,
    Logged,
    Lost,
    Moved,
    Offered,
    Opened,
    Reopened,
    Revised,
    Stepped,
    TakenUp,
    Together,
    Won,
)  # fmt: skip
from accord.demo.population import Company, Person
from accord.rooms.funnel.rules import DISQUALIFIED, LOST, RECYCLED

ENDS = (LOST, RECYCLED, DISQUALIFIED)
OPEN, DEAL, WON, ENDED = "open", "deal", "won", "ended"
JOINED = "joined"  # to a colleague's deal, and never taken up again by itself
# In which state of a passage an event can happen to it, and the state that it leaves; None: the one before.
NEEDS: dict[type[Event], tuple[tuple[str, ...], str | None]] = {
    Opened: (("", WON), OPEN),
    Reopened: ((ENDED,), OPEN),
    Offered: ((OPEN,), DEAL),
    Revised: ((DEAL,), None),
    Won: ((DEAL,), WON),
    Lost: ((DEAL,), ENDED),
    **dict.fromkeys((Moved, Stepped, Assigned, Called, Checked, Logged), ((OPEN, DEAL), None)),
    **dict.fromkeys((Answered, TakenUp), ((OPEN, DEAL, WON), None)),
}


def possible(events: Iterable[Event]) -> list[Event]:
    """Events in the order of time, without those that cannot happen any more; and who is joined to whose deal."""
    return list(_Passages().told(events))


class _Passages:
    def __init__(self) -> None:
        self.states: dict[Person, str] = defaultdict(str)
        self.of: dict[Company, list[Person]] = defaultdict(list)

    def told(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, Together):
                for part in event.parts:
                    self._takes(part)
            elif not self._takes(event):
                continue
            yield event
            if isinstance(event, Offered):
                yield from self._along(event)

    def _takes(self, event: Event) -> bool:
        """Whether it can happen; then it has."""
        if type(event) not in NEEDS:
            return True
        who, (needs, leaves) = event.who, NEEDS[type(event)]  # type: ignore[attr-defined]
        if self.states[who] not in needs:
            return False
        if isinstance(event, Opened):
            self.of[who.company].append(who)
        ends = isinstance(event, Moved) and event.move in ENDS
        self.states[who] = ENDED if ends else leaves or self.states[who]
        return True

    def _along(self, deal: Offered) -> Sequence[Joined]:
        others = [who for who in dict.fromkeys(self.of[deal.who.company]) if self.states[who] == OPEN]
        self.states.update(dict.fromkeys(others, JOINED))
        return [Joined(deal.at, who) for who in others]
