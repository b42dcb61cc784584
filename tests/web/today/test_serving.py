"""Today of service: the customers that were handed over, with what they bought."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import clock
from accord.rooms.content.models import Product
from accord.rooms.funnel.models import Deal
from accord.rooms.handoff.models import Handoff
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.scenarios.living import on, work
from tests.web.page import main
from tests.web.today.test_today import section

SOLD, GIVEN = on("2026-01-20T10:00:00"), "2026-01-21T09:00:00"


def bought(cast, name: str, **products: int) -> Handoff:
    """A deal that was won, and the hand-off to service that came of it."""
    lead = accepted(handed(name, "2026-01-19T08:00:00"), cast.ines, "2026-01-19T09:00:00").lead
    with clock.moved_to(SOLD):
        deal = Deal.open(lead=lead, values={"name": f"Pumps for {name}"}, by=cast.felix.pk, at=SOLD)
        for product, quantity in products.items():
            kept = Product.create({"name": product}, by=None, at=SOLD)
            deal.add_product(kept, quantity=quantity, by=cast.felix.pk, at=SOLD)
        deal.win(reason="fit", by=cast.felix.pk, at=SOLD)
    work(SOLD)
    return Handoff.objects.select_related("lead").get(kind="to_service", lead=lead)


def test_service_sees_whom_it_was_given_with_what_they_bought_and_since_when(cast, promised, visit):
    accepted(bought(cast, "Anna Adler", Wren=2, Hose=1), cast.sven, GIVEN)
    bought(cast, "Bea Berg")
    page = visit(cast.sven, "/today/")
    told = section(page, "Customers handed over to you")
    assert told.startswith("Customers handed over to you 1 with what they bought")
    assert "Anna Adler Anna Adler GmbH 2 × Wren 1 × Hose Pumps for Anna Adler Jan 20, 2026" in told
    assert "Bea Berg" not in told  # is offered to them still
    assert "Bea Berg" in section(page, "Offered to you")
    assert "1 for you" in main(page)
    listed = main(visit(cast.sven, "/leads/?f=owner:is:me&f=stage:is:won"))
    assert "Anna Adler" in listed
    assert section(visit(cast.ines, "/today/"), "Customers handed over to you") == ""


def test_it_costs_as_many_queries_for_one_as_for_many(cast, promised, as_):
    asked = []
    for many in (1, 4):
        for place in range(many):
            accepted(bought(cast, f"Customer {many} {place}", **{f"Pump {many} {place}": 1}), cast.sven, GIVEN)
        with clock.moved_to(MONDAY):
            browser = as_(cast.sven)
            browser.get("/today/")
            with CaptureQueriesContext(connection) as queries:
                assert browser.get("/today/").status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
