"""A mail counts as first contact for as long as it can have arrived."""

import pytest

from accord.kernel import clock
from accord.kernel.mail.sending import send_due
from accord.rooms.desk import mailing
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact
from tests.post import Post
from tests.scenarios.living import on, work


@pytest.mark.both
def test_a_first_contact_that_did_not_arrive_was_none(cast, enforced, handed, clock_of, settings):
    handoff = handed()
    post = Post().at_house(settings)
    lead = Lead.objects.select_related("contact").get(pk=handoff.lead_id)
    ten, eleven = on("2026-02-02T10:00:00"), on("2026-02-02T11:00:00")
    with clock.moved_to(ten):
        anna = Contact.objects.get(pk=lead.contact_id)
        anna.edit({"email": "anna@adler.example"}, seen=anna.version, by=None, at=ten)
        lead.refresh_from_db()
        mailing.send(lead, "Hello", "Dear Anna", by=cast.ines, at=ten)
    work(ten)
    kept = clock_of(handoff)
    assert (kept.state, kept.stopped_at) == ("kept", ten)
    post.answers["anna@adler.example"] = "550 No such user"
    with post.open(), clock.moved_to(eleven):
        send_due(eleven)
        mailing.give_up(eleven)
    work(eleven)
    resumed = clock_of(handoff)
    assert (resumed.state, resumed.stopped_at, resumed.due_at) == ("running", None, on("2026-02-02T13:00:00"))
    work(on("2026-02-02T13:00:00"))
    assert clock_of(handoff).state == "broken"
