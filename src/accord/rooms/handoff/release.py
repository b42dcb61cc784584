"""What a version brings that comes into force: so many leads a day, best first."""

from collections import defaultdict
from datetime import datetime, timedelta

from accord.kernel import ledger
from accord.rooms.handoff import rules
from accord.rooms.handoff.choosing import choose
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.passing import dues
from accord.rooms.handoff.roster import Roster
from accord.rooms.scoring.models import ScoreNow

DAY = timedelta(days=1)


def release(at: datetime) -> int:
    """Offer those whose day has come; how many."""
    waiting: dict[int, list[Handoff]] = defaultdict(list)
    found = Handoff.objects.here().filter(state=rules.WAITING, release_at__lte=at).select_related("lead", "version")
    for one in found.order_by("id"):
        waiting[one.version_id].append(one)
    return sum(_offer(_best(its, at), at) for its in waiting.values())


def _best(waiting: list[Handoff], at: datetime) -> list[Handoff]:
    """Of one version, as many as its days give less those that were offered; by total score."""
    version = waiting[0].version
    begun, per_day = version.in_force_from, version.document.leads.release_per_day
    many = len(waiting)
    if begun and per_day:
        gone = Handoff.objects.filter(version=version, release_at=begun).exclude(state=rules.WAITING).count()
        many = max(((at - begun) // DAY + 1) * per_day - gone, 0)
    contacts = [one.lead.contact_id for one in waiting]
    total = dict(ScoreNow.objects.filter(contact__in=contacts).values_list("contact_id", "total"))
    return sorted(waiting, key=lambda one: (-total.get(one.lead.contact_id, 0.0), one.pk))[:many]


def _offer(chosen: list[Handoff], at: datetime) -> int:
    if not chosen:
        return 0
    wanted, offered = dues(chosen, at), 0
    with ledger.write(at) as writing:
        roster = Roster.of(at)
        for one in chosen:
            offered += one.release(choose(roster, wanted[one.pk]), writing)
        roster.keep()
    return offered
