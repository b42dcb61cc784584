"""The page of leads that nobody would look for."""

from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact


def test_it_names_the_lead_and_what_is_missing(cast, as_, still):
    contact = Contact.create({"name": "Anna Alt"}, by=None, at=still)
    lead = Lead.open(contact, entry="partner", owner=cast.felix, by=None, at=still)
    page = as_(cast.saul).get("/insight/leaks/").content.decode()
    assert "Nothing leaks" in page
    lead.move("to_sal", by=cast.felix.pk, at=still)
    page = as_(cast.saul).get("/insight/leaks/").content.decode()
    assert "Anna Alt" in page
    assert "No next date" in page
    lines = as_(cast.saul).get("/insight/leaks/lines.csv").content.decode()
    assert lines.splitlines()[1].split(",")[2:] == ["sal", "next_date"]


def test_who_sees_no_insight_sees_no_leaks(cast, as_):
    assert as_(cast.paula).get("/insight/leaks/").status_code in (403, 404)
