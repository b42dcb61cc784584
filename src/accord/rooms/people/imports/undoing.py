"""Taking back the people and companies that a reverted import had made."""

from collections.abc import Sequence
from datetime import datetime

from accord.kernel import search
from accord.kernel.imports.kinds import Undo
from accord.rooms.people.imports import people
from accord.rooms.people.models import Company, Contact, Identity
from accord.rooms.people.models.identity import USER


def _trash_contacts(contacts: Sequence[int], at: datetime) -> None:
    Contact.objects.filter(pk__in=contacts, trashed_at=None).update(trashed_at=at)
    search.drop("contact", contacts)


def _trash_companies(companies: Sequence[int], at: datetime) -> None:
    Company.objects.filter(pk__in=companies, trashed_at=None).update(trashed_at=at)
    search.drop("company", companies)


def _link_own_ids(contacts: Sequence[int], at: datetime) -> None:
    """A contact that stays keeps its own external id, also where the reverted file had linked it first."""
    named = dict(Contact.objects.filter(pk__in=contacts).values_list("external_id", "id"))
    identities = people.known_identities(USER, named)
    free = people.unowned(identities.values())
    for external, identity in identities.items():
        if identity in free:
            Identity(pk=identity).link(named[external], by=None, at=at, from_beginning=True)


CONTACTS = Undo("contact", _trash_contacts, _link_own_ids)
COMPANIES = Undo("company", _trash_companies)
