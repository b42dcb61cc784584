"""Promises without a clock: so many leads in a period, and such a share of them accepted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accord.kernel import ledger
from accord.kernel.facts import kind_of
from accord.kernel.intervals import Rate, wilson
from accord.kernel.ledger import Fact
from accord.rooms.agreement.document.conditions import InSegment
from accord.rooms.agreement.document.model import Promise, Route, ToOwner
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.models.version import document_of
from accord.rooms.funnel.facts import DoubtLifted, QualificationDoubted
from accord.rooms.funnel.models import Qualification
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.rules import ACCEPTED, RETURNED
from accord.rooms.scoring.routing import routes

MONTHS = {"month": 1, "quarter": 3}
DOUBTED = kind_of(QualificationDoubted)
DOUBTS = (DOUBTED, kind_of(DoubtLifted))


@dataclass(frozen=True)
class Counted:
    """What is measured of a period from `since`: a number of `at_least`, or a rate; `open` is not answered yet."""

    since: datetime
    number: int | None = None
    at_least: float | None = None
    rate: Rate | None = None
    open: int = 0

    @property
    def kept(self) -> bool | None:
        """So far; None while too few are answered for a share."""
        if self.number is not None:
            return self.number >= (self.at_least or 0)
        if self.rate is None or self.rate.rate is None or self.rate.early:
            return None
        return self.rate.rate >= (self.at_least or 0)

    @property
    def begun(self) -> bool:
        """Whether anything came that could count."""
        return bool(self.number or self.open or (self.rate and self.rate.denominator))


def counted(version: Version, term: Promise, at: datetime, *, past: bool = False) -> Counted | None:
    """None for what cannot be measured. `past`: the instant is not now, and only what was known by then counts."""
    if term.measure == "acceptance_rate" and term.window_days:
        return _accepted(version, term, at - timedelta(days=term.window_days), at)
    if term.measure == "qualified_leads" and term.per:
        return _qualified(version, term, period(term.per, ZoneInfo(version.document.zone), at), at, past=past)
    return None


def period(per: str, zone: ZoneInfo, at: datetime) -> datetime:
    """When the week, month or quarter began in which the instant lies."""
    day = at.astimezone(zone).date()
    if per == "week":
        first = day - timedelta(days=day.weekday())
    else:
        months = MONTHS[per]
        first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return datetime.combine(first, time(), zone)


def _accepted(version: Version, term: Promise, since: datetime, at: datetime) -> Counted:
    """Of the hand-offs of marketing, or of the one that is named, which were received since then."""
    found = Handoff.objects.filter(version__agreement=version.agreement_id, received_at__gt=since, received_at__lte=at)
    found = found.filter(kind=term.of) if term.of else found.filter(giver="marketing")
    answered = found.filter(answered_at__lte=at)
    accepted, returned = (answered.filter(state=state).count() for state in (ACCEPTED, RETURNED))
    waiting = found.filter(offered_at__lte=at).exclude(answered_at__lte=at).count()
    return Counted(since, at_least=term.at_least, rate=wilson(accepted, accepted + returned), open=waiting)


def _qualified(version: Version, term: Promise, since: datetime, at: datetime, *, past: bool) -> Counted:
    """Leads that met the definition since then; what a machine had brought about does not count."""
    versions = Version.objects.filter(agreement=version.agreement_id).values("pk")
    found = Qualification.objects.filter(version_id__in=versions, at__gte=since, at__lte=at)
    leads = _undoubted_then(found, at) if past else dict(found.filter(doubtful="").values_list("lead_id", "contact_id"))
    number = len(leads)
    if term.segment:
        known_by = at if past else max(at, ledger.latest() or at)
        inside = _in_segment(version.text, term.segment, leads.values(), known_by)
        number = sum(1 for contact in leads.values() if contact in inside)
    return Counted(since, number=number, at_least=term.at_least)


def _undoubted_then(found: QuerySet[Qualification], at: datetime) -> dict[int, int]:
    """Of each lead its contact, but for those that were doubtful by what was known at that instant."""
    told = Fact.objects.filter(kind__in=DOUBTS, lead_id__in=found.values("lead_id"), recorded_at__lte=at)
    last = {
        lead: (kind, said) for lead, kind, said in told.order_by("id").values_list("lead_id", "kind", "occurred_at")
    }
    return {
        lead: contact
        for lead, contact, qualified in found.values_list("lead_id", "contact_id", "at")
        if lead not in last or last[lead][0] != DOUBTED or last[lead][1] < qualified
    }


def _in_segment(text: str, segment: str, contacts: Iterable[int], known_by: datetime) -> set[int]:
    """The contacts that belong to it, by what is known at that instant."""
    held = routes(_asking(text, segment), set(contacts), known_by)
    return {contact for contact, found in held.items() if found}


@lru_cache(64)
def _asking(text: str, segment: str) -> str:
    """The same document, with the segment as the only route."""
    inside = Route(id=segment, when=InSegment(segment=segment), to=ToOwner(owner="nobody"))
    return document_of(text).model_copy(update={"routing": (inside,)}).model_dump_json(by_alias=True, exclude_none=True)
