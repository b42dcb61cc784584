"""What changed last week beyond chance: counts of the last seven whole days beside the twelve weeks before them.

Counted in the operational database within the viewer's scope: one query for each kind of thing.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, QuerySet, When

from accord.kernel.proportions import benjamini_hochberg
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.insight.chance import Week, judged
from accord.rooms.insight.questions import midnight
from accord.rooms.promises.models import Clock
from accord.rooms.promises.rules import BROKEN
from accord.rooms.team.models import House, Member

BEFORE = 12  # weeks
A_WEEK = timedelta(days=7)
CAME, RETURNED, WON, LOST, BREACHED = "came", "returned", "won", "lost", "broken"


@dataclass(frozen=True)
class Measure:
    """Something that is counted every week: leads that came by an entry, returns for a reason, deals, breaches."""

    kind: str
    key: str
    week: Week


@dataclass(frozen=True)
class Changes:
    """`changed` of `watched` measures lie beyond chance, after Benjamini and Hochberg; the days are of the house.

    Nothing is watched before the house has the weeks to compare with.
    """

    first: date
    last: date
    watched: int
    changed: tuple[Measure, ...]


def changes(member: Member, at: datetime) -> Changes:
    zone = House.get().zone
    until = at.astimezone(ZoneInfo(zone)).date()
    bounds = [midnight(until - week * A_WEEK, zone) for week in range(BEFORE + 2)]
    old_enough = Lead.objects.filter(opened_at__lt=bounds[-1]).exists()
    counted = _counted(member) if old_enough else []
    measures = [one for kind, rows, moment, key in counted for one in _measures(kind, rows, moment, key, bounds)]
    found = benjamini_hochberg([one.week.chance for one in measures])
    changed = [one for one, held in zip(measures, found, strict=True) if held]
    changed.sort(key=lambda one: (one.week.chance, one.kind, one.key))
    return Changes(until - A_WEEK, until - timedelta(days=1), len(measures), tuple(changed))


def _counted(member: Member) -> list[tuple[str, QuerySet, str, str]]:
    """What is counted: kind, rows, the instant that says in which week, and by what it is told apart."""
    handed = Handoff.objects.visible_to(member).here()
    deals, clocks = Deal.objects.visible_to(member).here(), Clock.objects.visible_to(member).here()
    return [
        (CAME, Lead.objects.visible_to(member).here(), "opened_at", "entry"),
        (RETURNED, Return.objects.filter(handoff__in=handed), "at", "reason"),
        (WON, deals.filter(outcome=rules.WON), "closed_at", "outcome"),
        (LOST, deals.filter(outcome=rules.LOST), "closed_at", "reason"),
        (BREACHED, clocks.filter(state=BROKEN), "due_at", "side"),
    ]


def _measures(kind: str, rows: QuerySet, moment: str, key: str, bounds: Sequence[datetime]) -> list[Measure]:
    """`bounds` fall: the end of the last week, its beginning, and so on."""
    weeks = [When(**{f"{moment}__gte": since}, then=place) for place, since in enumerate(bounds[1:])]
    within = rows.filter(**{f"{moment}__gte": bounds[-1], f"{moment}__lt": bounds[0]}).order_by()
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * (BEFORE + 1))
    for said, week, number in within.values_list(key, Case(*weeks)).annotate(Count("id")):
        counts[said][week] += number
    told = [(said, judged(of[1:], of[0])) for said, of in counts.items()]
    return [Measure(kind, said, week) for said, week in told if week]
