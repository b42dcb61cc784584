import pytest

from accord.kernel import bulk
from accord.kernel.text import normalise, sort_key
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Company, Contact


@pytest.fixture
def world(cast, at):
    """Contacts with leads, deals and companies; so many of each, called Anna."""

    def made(count: int) -> None:
        for _ in range(count):
            company = Company.create({"name": "Волга", "industry": "Water"}, by=cast.mara.pk, at=at)
            values = {"name": "Anna", "company": company.pk, "country": "China", "title": "Director"}
            contact = Contact.create(values, by=cast.mara.pk, at=at)
            lead = Lead.open(contact, entry="referral", owner=cast.ines, by=cast.mara.pk, at=at)
            values = {"name": "Pumps", "amount": 100_00, "currency": "EUR", "owner": cast.felix.pk}
            Deal.open(lead=lead, values=values, by=cast.felix.pk, at=at)

    return made


@pytest.fixture
def many(cast, at):
    """Contacts without end: every third is called Anna, every sixth nothing."""

    def made(count: int = 120) -> list[str]:
        called = ["Anna" if i % 3 == 0 else "" if i % 6 == 1 else f"Person {i:03}" for i in range(count)]
        rows = [
            (f"x{i}", name, normalise(name), sort_key(name), f"{i}@x.example", "", at, 0)
            for i, name in enumerate(called)
        ]
        columns = ["external_id", "name", "name_norm", "sort_key", "email", "phone", "created_at", "version"]
        bulk.insert(Contact, columns, rows)
        return called

    return made
