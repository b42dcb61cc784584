"""Which steps of the trail are done, by what happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accord.kernel.ledger import Fact
from accord.rooms.trail import rules
from accord.rooms.trail.models import Trail


@dataclass(frozen=True)
class Tick:
    """When a step was done, and by whom; nobody, where the judge did it."""

    at: datetime
    by: int | None = None


def ticks(trail: Trail) -> dict[str, Tick]:
    """By step, the first time that it was done since the visitor asked."""
    found: dict[str, Tick] = {}
    for step, tick in (*_of_lead(trail), *_places(trail)):
        found.setdefault(step, tick)
    return found


def _of_lead(trail: Trail) -> Iterator[tuple[str, Tick]]:
    if not trail.lead:
        return
    of_lead = Q(lead_id=trail.lead.pk, kind__in=list(rules.FACTS))
    calls = Q(contact_id=trail.lead.contact_id, kind="touch_logged")
    for condition in (of_lead, calls):  # apart: each has its index
        for fact in Fact.objects.filter(condition, pk__gt=trail.after).order_by("id"):
            if step := _step(fact):
                yield step, Tick(fact.recorded_at, fact.by_id)


def _step(fact: Fact) -> str | None:
    if fact.kind == "touch_logged":
        return rules.CALLED if fact.payload["kind"] in rules.CALLS else None
    return rules.FACTS[fact.kind]


def _places(trail: Trail) -> Iterator[tuple[str, Tick]]:
    for step, at in ((rules.PROMISES, trail.promises_at), (rules.FUNNEL, trail.funnel_at)):
        if at:
            yield step, Tick(at)
