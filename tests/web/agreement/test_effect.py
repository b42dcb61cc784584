"""Before both sign, the page says what coming into force would do to the leads that are open."""

import pytest

from accord.rooms.agreement import starter
from accord.rooms.agreement.models import Version
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact

pytestmark = pytest.mark.django_db


def test_the_leads_that_would_qualify_are_counted_and_named(cast, at, as_, still):
    decider = Contact.create({"name": "Mei Lin", "seniority": "director"}, by=None, at=at)
    for contact in (decider, Contact.create({"name": "Otto Ohm"}, by=None, at=at)):
        Lead.open(contact, entry="referral" if contact == decider else "marketing", by=None, at=at)
    version = Version.draft(starter.drafted(at, "UTC"), by=cast.mila.pk, at=at)
    page = as_(cast.mila).get(f"/agreement/versions/{version.pk}/effect/").content.decode()
    assert "0 of 2 open leads" in page  # a director alone is 25 points of fit, and nothing was done yet


def test_where_no_lead_is_open_nothing_happens(cast, at, as_, still):
    version = Version.draft(starter.drafted(at, "UTC"), by=cast.mila.pk, at=at)
    page = as_(cast.eva).get(f"/agreement/versions/{version.pk}/effect/").content.decode()
    assert "nothing happens at once" in page
