"""Who works where, also while what was said of it is taken back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import ledger, traits
from accord.kernel.ledger import Fact, Retraction
from accord.rooms.people.facts import CompanyTrashed
from accord.rooms.people.models import Company, Contact
from accord.rooms.scoring.staff import Staff

pytestmark = pytest.mark.both


def moved(people, company, at) -> list[int]:
    """Everybody into a company, each by a fact of their own."""
    for one in people:
        with ledger.write(at) as writing:
            traits.put(writing, "contact", one.pk, {"company": company.pk}, at)
    return list(Fact.objects.filter(kind="values_set").order_by("-id").values_list("id", flat=True)[: len(people)])


def taken_back(facts, company, at) -> None:
    with ledger.write(at) as writing:
        rows = [Retraction(retracted_fact_id=fact, reason="revert") for fact in facts]
        writing.record(CompanyTrashed(company=company.pk), rows)
    traits.refresh("contact", Contact.objects.values_list("id", flat=True))


@pytest.mark.parametrize("many", [1, 7])
def test_what_was_taken_back_is_read_by_as_many_queries_and_once(db, at, many):
    here, there = (Company.create({"name": name}, by=None, at=at) for name in ("Here", "There"))
    people = [Contact.create({"name": f"P{n}", "company": here.pk}, by=None, at=at) for n in range(many)]
    facts = moved(people, there, at)
    staff = Staff((traits.Trait.objects.latest("id").pk, 0))
    taken_back(facts, there, at)
    with CaptureQueriesContext(connection) as asked:
        found = staff.of([there.pk])
    assert sorted(found) == [(one.pk, there.pk) for one in people]
    assert len(asked) == 8
    with CaptureQueriesContext(connection) as asked:
        assert sorted(staff.of([there.pk])) == sorted(found)
    assert len(asked) == 3
