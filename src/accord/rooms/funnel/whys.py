"""Why leads stand where they stand: what qualified them, or what they lack."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.kernel import ledger
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import standing
from accord.rooms.funnel import rules
from accord.rooms.funnel.judging import moves_of
from accord.rooms.funnel.models import Lead, Qualification
from accord.rooms.funnel.queries import qualified
from accord.rooms.people.models import Contact
from accord.rooms.scoring import explaining, saying
from accord.rooms.scoring.explaining import Explanation, Standing, Step
from accord.rooms.scoring.models import ScoreNow

Asked = tuple[int, datetime]  # a contact, and an instant


@dataclass(frozen=True)
class Why:
    """All that is said of the score of a contact. `met`: how its lead was qualified, by which version."""

    version: Version
    explanation: Explanation
    lead: Lead | None
    qualification: Qualification | None
    met: tuple[Version, Standing] | None


def now(at: datetime) -> datetime:
    """What the ledger has just recorded counts, though a clock may stand a moment behind it."""
    return max(at, ledger.latest() or at)


def why(contact: Contact, lead: Lead | None, at: datetime) -> Why | None:
    """By the version that judges the contact; None before any agreement."""
    version, at = judge_of([contact.pk], at).get(contact.pk), now(at)
    if version is None:
        return None
    tables, moves = explaining.gather([contact.pk], [version.text], at), moves_of([contact.pk])
    said = explaining.explain(version.text, contact.pk, tables, moves, at)
    found = qualified([lead.pk]).get(lead.pk) if lead else None
    met = None
    if found:
        judged = Version.objects.get(pk=found.version_id)
        met = judged, _standings(judged, [(contact.pk, found.at)], at)[contact.pk, found.at]
    return Why(version, said, lead, found, met)


def course(contact: Contact, at: datetime) -> list[Step]:
    """How the scores of a contact came about, by the version that judges it now."""
    version, at = judge_of([contact.pk], at).get(contact.pk), now(at)
    if version is None:
        return []
    tables = explaining.gather([contact.pk], [version.text], at)
    return explaining.history(version.text, contact.pk, tables, moves_of([contact.pk]), at)


def judge_of(contacts: Sequence[int], at: datetime) -> dict[int, Version]:
    """The version under which each contact stands. Two queries."""
    versions = {version.pk: version for version in standing(at)}
    if not versions:
        return {}
    first = next(iter(versions.values()))
    last = dict(ScoreNow.objects.filter(contact__in=contacts).values_list("contact_id", "version_id"))
    return {contact: versions.get(last.get(contact, 0), first) for contact in contacts}


def lines(leads: Sequence[Lead], at: datetime) -> dict[int, str]:
    """For each lead one line: the clause that qualified it, or what is missing. So many queries for each version."""
    met, judges, then = qualified([lead.pk for lead in leads]), judge_of([one.contact_id for one in leads], at), now(at)
    places: dict[int, tuple[int, Asked]] = {}
    for lead in leads:
        if lead.pk in met:
            places[lead.pk] = met[lead.pk].version_id, (lead.contact_id, met[lead.pk].at)
        elif lead.is_open and lead.entry in rules.SUBJECT and lead.contact_id in judges:
            places[lead.pk] = judges[lead.contact_id].pk, (lead.contact_id, then)
    asked: dict[int, set[Asked]] = defaultdict(set)
    for version, one in places.values():
        asked[version].add(one)
    versions = Version.objects.in_bulk(list(asked))
    found = {pk: _standings(versions[pk], sorted(ones), then) for pk, ones in asked.items()}
    speakers = {pk: saying.speaker_of(version) for pk, version in versions.items()}
    told = {}
    for pk, (version, one) in places.items():
        said, speaker = found[version][one], speakers[version]
        words = saying.because(speaker, said.qualified.decisive) if pk in met else saying.missing(speaker, said)
        told[pk] = words if pk in met else saying.lacks(words)
    return told


def _standings(version: Version, asked: Sequence[Asked], at: datetime) -> dict[Asked, Standing]:
    contacts = sorted({contact for contact, _at in asked})
    tables = explaining.gather(contacts, [version.text], at)
    return explaining.standings(version.text, asked, tables, moves_of(contacts))


__all__ = ["Why", "course", "lines", "why"]
