"""Forty leads of one morning, moved by the verbs."""

import pytest

from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Company, Contact
from tests.remembered import remembered

MOVED = {"to_engaged": 32, "to_mql": 16, "to_sql": 4}  # so many of the forty, from the first one on


@pytest.fixture
@remembered
def forty(cast, still) -> list[Lead]:
    """Of 40, 32 are engaged, 16 MQL, 4 SQL (SAL passed), 2 won; 2 MQL are disqualified. 35 are from a fair, 5 by mail.

    The winners have no company: a win joins the other leads of the winner's company.
    """
    ada = cast.ada.pk
    pump = Company.create({"name": "Pump Works"}, by=ada, at=still)
    named = [{"name": f"P{n:02}"} | ({"company": pump.pk} if n > 1 else {}) for n in range(40)]
    people = [Contact.create(values, by=ada, at=still) for values in named]
    leads = [
        Lead.open(c, entry="marketing", values={"origin": "fair" if n < 35 else "mail"}, by=ada, at=still)
        for n, c in enumerate(people)
    ]
    for name, many in MOVED.items():
        for lead in leads[:many]:
            lead.move(name, by=ada, at=still)
    for lead in leads[:2]:
        Deal.open(lead=lead, values={"name": "Pump"}, by=ada, at=still).win(reason="price", by=ada, at=still)
    for lead in leads[4:6]:
        lead.move("disqualified", reason="student", by=ada, at=still)
    return leads
