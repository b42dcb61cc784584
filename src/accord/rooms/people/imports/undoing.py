"""Taking back the people and companies that a reverted import had made."""

from collections.abc import Sequence
from datetime import datetime

from accord.kernel import search
from accord.kernel.imports.kinds import Undo
from accord.rooms.people.models import Company, Contact


def _trash_contacts(contacts: Sequence[int], at: datetime) -> None:
    Contact.objects.filter(pk__in=contacts, trashed_at=None).update(trashed_at=at)
    search.drop("contact", contacts)


def _trash_companies(companies: Sequence[int], at: datetime) -> None:
    Company.objects.filter(pk__in=companies, trashed_at=None).update(trashed_at=at)
    search.drop("company", companies)


CONTACTS = Undo("contact", _trash_contacts)
COMPANIES = Undo("company", _trash_companies)
