"""Whom to get back to, and when: leads whose deal is to come back, or that were given back or recycled for a reason
that names a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import F

from accord.kernel import traits
from accord.kernel.ledger import Fact
from accord.rooms.agreement.models import Version
from accord.rooms.desk.models import Task
from accord.rooms.desk.rules import WAKE
from accord.rooms.funnel.models import Deal, Lead, Transition
from accord.rooms.funnel.rules import ENGAGED, INQUIRY, LOST, RECYCLED
from accord.rooms.handoff import recycling
from accord.rooms.handoff.models import Return
from accord.rooms.team.models import House

POOLS = (INQUIRY, ENGAGED)
MORNING = 9  # o'clock


@dataclass(frozen=True)
class Waking:
    """By lead the date on which it is got back to; None: not, or not any more."""

    leads: Mapping[int, Lead]
    dates: Mapping[int, datetime | None]


def plan_waking(facts: Sequence[Fact], at: datetime) -> Waking:
    leads = Lead.objects.in_bulk({fact.lead_id for fact in facts if fact.lead_id})
    back = _given_back([lead for lead in leads.values() if lead.stage in POOLS])
    gone = _recycled([lead for lead in leads.values() if lead.stage == RECYCLED])
    ended = _come_back([lead for lead in leads.values() if lead.stage in (LOST, RECYCLED)])
    dates = {**back, **gone, **ended}
    return Waking(leads, {pk: None if lead.trashed_at else dates.get(pk) for pk, lead in leads.items()})


def apply_waking(waking: Waking, at: datetime) -> None:
    """Of a lead one such date stands, the newest, and whoever holds the lead gets back to it: once for each date.

    What was dropped before the lead ended anew is no longer that date's.
    """
    had = Task.objects.filter(kind=WAKE, lead__in=list(waking.leads)).select_related("lead").order_by("id")
    had = had.exclude(dropped_at__lt=F("lead__ended_at"))
    dated = {(task.lead_id or 0, task.snoozed_from or task.due_at): task for task in had}
    for (pk, date), task in dated.items():
        if date != waking.dates[pk]:
            task.drop(at=at)
        elif owner := waking.leads[pk].owner_id:
            Task.objects.open().filter(pk=task.pk).update(owner=owner)
    for pk, date in waking.dates.items():
        if date and (pk, date) not in dated and waking.leads[pk].owner_id:
            Task.wake(waking.leads[pk], date, at=at)


def _given_back(leads: Sequence[Lead]) -> dict[int, datetime | None]:
    found = Return.objects.filter(lead__in=[lead.pk for lead in leads]).order_by("at", "id")
    return dict(found.values_list("lead_id", "wake_at"))


def _recycled(leads: Sequence[Lead]) -> dict[int, datetime | None]:
    """By the recycling of the version that judged each when it was."""
    rows = Transition.objects.filter(lead_id__in=[lead.pk for lead in leads], move=RECYCLED).order_by("id")
    last = {row.lead_id: row for row in traits.standing(rows)}
    versions = Version.objects.in_bulk({row.version_id for row in last.values() if row.version_id})
    return {
        lead: recycling.track(versions[row.version_id].document, row.reason, row.occurred_at).wake_at
        for lead, row in last.items()
        if lead and row.version_id in versions
    }


def _come_back(leads: Sequence[Lead]) -> dict[int, datetime | None]:
    """The morning of the day that was said when the deal was closed; of several deals the first to come."""
    deals = Deal.objects.here().filter(lead__in=[lead.pk for lead in leads], outcome=LOST)
    of = dict(deals.values_list("pk", "lead"))
    said = traits.FieldNow.objects.filter(kind="deal", record__in=list(of), field="come_back_on", text__isnull=False)
    zone = ZoneInfo(House.get().zone)
    latest_first = said.order_by("-text").values_list("record", "text")
    return {of[deal] or 0: _morning(text or "", zone) for deal, text in latest_first}


def _morning(day: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(day).replace(hour=MORNING, tzinfo=zone)
