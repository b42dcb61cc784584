"""A doubtful qualification is said on the lead's page, and either side takes it back in one key."""

import pytest

from accord.rooms.agreement import starter
from accord.rooms.funnel.models import Lead, Qualification
from accord.rooms.people.models import Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def doubtful(cast, at, still):
    """A lead that qualified by a machine's downloads."""
    version = starter.begin(at, "UTC")
    contact = Contact.create({"name": "Mei Lin"}, by=None, at=at)
    lead = Lead.open(contact, entry="marketing", by=None, at=at)
    lead.move("to_mql", by=None, at=at, reason="by_rule")
    Qualification.objects.create(
        lead=lead, contact_id=contact.pk, version_id=version.pk, at=at, segment=0, doubtful="machine"
    )
    return lead


@pytest.mark.parametrize("who", ["mara", "ines"])
def test_either_side_withdraws_it_as_a_return(doubtful, cast, as_, who):
    browser = as_(getattr(cast, who))
    shown = browser.get(f"/leads/{doubtful.pk}/").content.decode()
    assert "have proved machine-made" in shown
    reason = "touches that it rested on have proved machine-made"
    browser.post(f"/leads/{doubtful.pk}/moves/", {"name": "returned", "stage": "mql", "reason": reason})
    doubtful.refresh_from_db()
    assert doubtful.stage == "engaged"
    assert "doubtful" not in browser.get(f"/leads/{doubtful.pk}/").content.decode()


def test_an_undoubted_one_says_nothing(doubtful, cast, as_):
    Qualification.objects.update(doubtful="")
    assert "doubtful" not in as_(cast.mara).get(f"/leads/{doubtful.pk}/").content.decode()
