"""Which touches machines made: by what the agent says of itself, and by clicks faster than anybody reads."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from accord.kernel.ledger import Rows
from accord.rooms.capture import rules
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.capture.persons import Named, Persons

CLICK = "email_click"


class Judged(Protocol):
    kind: str | None
    machine: bool
    occurred_at: datetime
    named: Named
    event: Any

    @property
    def context(self) -> dict[str, Any]: ...


def judge(touching: Sequence[Judged], persons: Persons) -> Rows:
    """Mark the touches of machines; the rows are verdicts on earlier clicks that prove to be of the same burst."""
    clicks: dict[int, list[Judged]] = defaultdict(list)
    for one in touching:
        agent = one.context.get("userAgent") or one.context.get("user_agent")
        one.machine = rules.is_machine(str(one.kind), agent if isinstance(agent, str) else "")
        if one.kind == CLICK:
            clicks[persons.identity(one.named)].append(one)
    return Rows(Verdict, ["touch_id", "machine"], [(touch, True) for touch in _of_bursts(clicks)])


def _of_bursts(clicks: dict[int, list[Judged]]) -> list[int]:
    if not clicks:
        return []
    began = min(one.occurred_at for those in clicks.values() for one in those) - rules.WITHIN
    earlier: dict[int, list[tuple[datetime, str, Touch]]] = defaultdict(list)
    for touch in Touch.objects.filter(identity__in=clicks, occurred_at__gte=began, kind=CLICK):
        earlier[touch.identity_id].append((touch.occurred_at, _link(touch.properties), touch))
    found: list[int] = []
    for identity, those in clicks.items():
        everything: list[tuple[datetime, str, Touch | Judged]] = [
            *earlier[identity], *((one.occurred_at, _link(one.event.properties or {}), one) for one in those)
        ]  # fmt: skip
        everything.sort(key=lambda click: click[0])
        for place in rules.in_a_burst([(at, link) for at, link, _one in everything]):
            one = everything[place][2]
            if isinstance(one, Touch):
                if not one.machine:
                    found.append(one.pk)
            else:
                one.machine = True
    judged = set(Verdict.objects.filter(touch__in=found).values_list("touch_id", flat=True))
    return [touch for touch in found if touch not in judged]


def _link(properties: dict[str, Any]) -> str:
    return str(properties.get("url") or properties.get("link_url") or properties.get("link") or "")
