"""Who may be written to, on which channel and for which purpose: what is kept of a person, of their other records and
of their addresses, for any number of people at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import models
from django.db.models import Q

from accord.kernel import traits
from accord.rooms.people import queries, rules
from accord.rooms.people.models.contact import Contact
from accord.rooms.people.models.hold import Hold
from accord.rooms.people.models.suppression import Suppression
from accord.rooms.people.models.veto import Veto
from accord.rooms.people.rules import Against, Answer


def may_contact(contact: Contact, channel: str, purpose: str, at: datetime) -> Answer:
    return may_contact_all([contact.pk], channel, purpose, at)[contact.pk]


def may_contact_all(contacts: Iterable[int], channel: str, purpose: str, at: datetime) -> dict[int, Answer]:
    """By contact. Five queries a chunk, whoever was merged into whom. Raises KeyError for an unknown purpose."""
    found: dict[int, Answer] = {}
    for chunk in traits.chunked(contacts):
        known = _against(chunk, at)
        found |= {contact: rules.answer(known[contact], channel, purpose) for contact in chunk}
    return found


def _against(contacts: Sequence[int], at: datetime) -> dict[int, list[Against]]:
    """All that speaks against writing to each: also what was said of those who live on in them."""
    selves = queries.selves_of(contacts)
    everybody = {one for its in selves.values() for one in its}
    people = Contact.objects.in_bulk(everybody)
    vetoed = _since(Veto.objects.filter(since__lte=at), everybody, rules.VETOED, "since", at)
    held = _since(Hold.objects.filter(laid_at__lte=at), everybody, rules.HELD, "laid_at", at)
    suppressed = _suppressed([one.email_norm for one in people.values() if one.email_norm], at)
    found: dict[int, list[Against]] = {}
    for contact, its in selves.items():
        said = [one for each in its for one in (*vetoed[each], *held[each])]
        addresses = {people[each].email_norm or "" for each in its if each in people}
        found[contact] = (
            _of_record(people.get(contact)) + said + _of_addresses(people.get(contact), addresses, suppressed)
        )
    return found


def _since(
    rows: models.QuerySet, contacts: Iterable[int], reason: str, begun: str, at: datetime
) -> Mapping[int, list[Against]]:
    standing = rows.filter(Q(lifted_at=None) | Q(lifted_at__gt=at), contact__in=contacts)
    found: dict[int, list[Against]] = defaultdict(list)
    for contact, since in standing.order_by(begun, "id").values_list("contact_id", begun):
        found[contact].append(Against(reason, since))
    return found


def _suppressed(addresses: Sequence[str], at: datetime) -> Mapping[str, list[Against]]:
    rows = Suppression.objects.filter(Q(lifted_at=None) | Q(lifted_at__gt=at), address__in=addresses, since__lte=at)
    found: dict[str, list[Against]] = defaultdict(list)
    for address, reason, since in rows.order_by("since", "id").values_list("address", "reason", "since"):
        found[address].append(Against(reason, since))
    return found


def _of_record(contact: Contact | None) -> list[Against]:
    if contact is None or contact.merged_into_id is not None:
        return [Against(rules.MERGED)]
    return [Against(rules.TRASHED, contact.trashed_at)] if contact.trashed_at else []


def _of_addresses(
    contact: Contact | None, addresses: Iterable[str], suppressed: Mapping[str, list[Against]]
) -> list[Against]:
    """What a person said counts for all their addresses, a bounce for the one that would be written to."""
    own = contact.email_norm if contact else None
    return [
        one
        for address in sorted(addresses)
        for one in suppressed[address]
        if address == own or one.reason in rules.OF_PERSON
    ]
