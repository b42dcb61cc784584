"""Which version judged when."""

from dataclasses import dataclass
from datetime import datetime

from accord.kernel import fields, ledger
from accord.kernel.fields import TEXT
from accord.kernel.instants import FOREVER
from accord.rooms.agreement import rules
from accord.rooms.agreement.document.checks import House
from accord.rooms.agreement.models import Version
from accord.rooms.capture.models import KindAlias, Touch
from accord.rooms.capture.rules import ALIASES
from accord.rooms.people.fields import UNASKED
from accord.rooms.team import queries
from accord.rooms.team.models import Member


@dataclass(frozen=True)
class Term:
    """A version and the time for which it is in force: `since` is within it, `until` is not."""

    version: Version
    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until


def history() -> list[Term]:
    """Every version that is, was or, being signed, will be in force: by rank of its agreement, then by time.

    Decided from the instants alone, so that it says the same before and after the worker has recorded that one came
    into force. The unsigned starter is among them.
    """
    rows = Version.objects.filter(status__in=rules.BINDING, in_force_from__isnull=False).select_related("agreement")
    begun = {
        version.pk: (version, rules.Begun(version.pk, version.agreement_id, version.number, version.starter, since))
        for version in rows
        if (since := version.in_force_from) and (version.in_force_until is None or version.in_force_until > since)
    }
    ends = rules.until(one for _version, one in begun.values())
    terms = [Term(version, one.since, ends[one.version] or FOREVER) for version, one in begun.values()]
    return sorted(terms, key=lambda term: (*_rank(term.version), term.since, term.version.number))


def in_force(at: datetime) -> list[Version]:
    """The versions in force at an instant; the first whose scope holds judges."""
    return [term.version for term in history() if term.holds(at)]


def standing(at: datetime) -> list[Version]:
    """What is in force now. What the ledger has just recorded counts, though a clock may stand a moment behind it."""
    return in_force(max(at, ledger.latest() or at))


def in_force_between(start: datetime, end: datetime) -> list[Term]:
    """Every version that was in force for some time from `start` up to `end`, `end` excluded."""
    return [term for term in history() if term.since < end and term.until > start]


def pool_owner(at: datetime) -> Member | None:
    """Who owns leads that nobody took, as the first version in force names them."""
    versions = in_force(at)
    return queries.pool_owner((versions[0].document.leads.pool_owner or "") if versions else "")


def unsigned_starter(at: datetime) -> Version | None:
    """The starter, for as long as nothing that both sides signed is in force: pages and reports say so."""
    return next((version for version in in_force(at) if version.starter), None)


def _rank(version: Version) -> tuple[int, int]:
    return version.agreement.rank, version.agreement_id


def house(*, strict: bool = True) -> House:
    """What this house knows, by which a document is read."""
    known = {
        field.name: TEXT if field.called_by else field.type
        for kind, unasked in UNASKED.items()
        for field in fields.of(kind).values()
        if field.slug not in unasked
    }
    unasked = [f"{kind}.{slug}" for kind, slugs in UNASKED.items() for slug in slugs]
    return House(fields=known, unasked=unasked, seen=_seen, strict=strict)


def _seen(kind: str) -> bool:
    """Whether an event may mean a touch of the kind, or one was recorded."""
    named = kind in ALIASES.values() or KindAlias.objects.filter(kind=kind).exists()
    return named or Touch.objects.filter(kind=kind).exists()
