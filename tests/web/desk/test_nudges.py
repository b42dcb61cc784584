"""Proposing on the lead page, and the owner's answer by one press: on the desk, the lead page and Today."""

from datetime import timedelta

import pytest

from accord.kernel import clock
from accord.rooms.desk.models import Nudge, Task
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Contact
from tests.remembered import remembered
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.web.page import main

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=2)


@pytest.fixture
@remembered
def lead(cast, signed) -> Lead:
    return Lead.objects.get(pk=accepted(handed(), cast.ines).lead_id)


@pytest.fixture
def noon():
    with clock.moved_to(NOON):
        yield


def sent(browser, lead, **said):
    return browser.post(f"/leads/{lead.pk}/nudges/", {"back": "lead", **said}, follow=True)


def test_marketing_proposes_and_the_seller_accepts_on_the_desk(cast, lead, as_, noon):
    mara, ines = as_(cast.mara), as_(cast.ines)
    assert "Propose something" in main(mara.get(f"/leads/{lead.pk}/"))
    assert "Propose something" not in main(ines.get(f"/leads/{lead.pk}/"))
    answer = sent(mara, lead, kind="message", said="Send the sizing table")
    assert "Proposed: Ines Ito is told, and says yes or no." in answer.content.decode()
    nudge = Nudge.objects.get()
    desk = ines.get(f"/desk/?lead={lead.pk}")
    assert "Mara Meier proposes: Send a message" in main(desk)
    assert 'data-shortcut="y"' in desk.content.decode()
    assert 'data-shortcut="x"' in desk.content.decode()
    today = main(ines.get("/today/"))
    assert "Proposed to you" in today
    assert "“Send the sizing table”" in today
    accepted_ = ines.post(f"/nudges/{nudge.pk}/acceptance/", follow=True)
    assert "is a step of your next working day" in accepted_.content.decode()
    assert Task.objects.get().what == "Send the sizing table"
    page = main(mara.get(f"/leads/{lead.pk}/"))
    assert "Ines Ito accepted it." in page
    assert "Accepted what was proposed: Send a message" in page
    assert "Proposed to you" not in main(ines.get("/today/"))


def test_declining_asks_for_a_reason_and_for_words_where_it_is_another(cast, lead, as_, noon):
    nudge = Nudge.propose(lead, kind="offer", said="5 % off", by=cast.mara, at=NOON)
    ines = as_(cast.ines)
    assert "Decline: Make an offer" in main(ines.get(f"/nudges/{nudge.pk}/decline/"))
    missing = ines.post(f"/nudges/{nudge.pk}/decline/", {})
    assert missing.status_code == 422
    assert "Say why not" in main(missing)
    silent = ines.post(f"/nudges/{nudge.pk}/decline/", {"reason": "other", "note": ""})
    assert "alone says nothing" in main(silent)
    assert Nudge.objects.get().is_open
    ines.post(f"/nudges/{nudge.pk}/decline/", {"reason": "other", "note": "They never bargain", "back": "lead"})
    page = main(as_(cast.mara).get(f"/leads/{lead.pk}/"))
    assert "Ines Ito declined it: Something else." in page
    assert "They never bargain" in page


def test_what_cannot_be_is_said_and_changes_nothing(cast, lead, as_, noon):
    assert sent(as_(cast.mara), lead, kind="message", said="").status_code == 422
    sent(as_(cast.mara), lead, kind="message", said="Send it")
    second = sent(as_(cast.felix), lead, kind="message", said="Send the other")
    assert second.status_code == 409
    assert "Mara Meier was first: “Send a message, Send it”" in main(second)
    nudge = Nudge.objects.get()
    assert as_(cast.felix).post(f"/nudges/{nudge.pk}/acceptance/").status_code == 409
    assert as_(cast.felix).post(f"/nudges/{nudge.pk}/withdrawal/").status_code == 409
    assert as_(cast.mara).post(f"/nudges/{nudge.pk}/withdrawal/").status_code == 302
    late = as_(cast.ines).post(f"/nudges/{nudge.pk}/acceptance/")
    assert (late.status_code, "Mara Meier was first" in main(late)) == (409, True)


def test_a_partner_answers_for_their_own_and_finds_no_others(cast, lead, as_, noon):
    nudge, paula = Nudge.propose(lead, kind="event", said="Fair", by=cast.mara, at=NOON), as_(cast.paula)
    assert paula.post(f"/nudges/{nudge.pk}/acceptance/").status_code == 404
    lead.assign(cast.paula, by=None, at=NOON)
    assert "Proposed to you" in main(paula.get("/today/"))
    paula.post(f"/nudges/{nudge.pk}/acceptance/")
    assert Nudge.objects.get().state == "accepted"
    assert paula.get(f"/leads/{lead.pk}/nudges/").status_code == 403


def test_a_return_that_was_accepted_takes_the_lead_from_the_desk(cast, lead, as_, noon):
    nudge = Nudge.propose(lead, kind="return", said="They buy in autumn", by=cast.mara, at=NOON)
    answer = as_(cast.ines).post(f"/nudges/{nudge.pk}/acceptance/", follow=True)
    assert "it goes back to marketing" in answer.content.decode()
    lead.refresh_from_db()
    assert lead.stage == "engaged"


def test_something_is_proposed_from_the_page_of_a_deal(cast, lead, as_, noon):
    deal = Deal.open(lead=lead, values={"name": "Press", "owner": cast.ines.pk}, by=cast.ines.pk, at=NOON)
    page = as_(cast.mara).get(f"/deals/{deal.pk}/")
    assert "Propose something to Ines Ito" in main(page)
    assert f"/leads/{lead.pk}/nudges/" in page.content.decode()
    assert "Propose something" not in main(as_(cast.ines).get(f"/deals/{deal.pk}/"))
    deal.lose(reason="price", by=cast.ines.pk, at=NOON)
    assert "Propose something" not in main(as_(cast.mara).get(f"/deals/{deal.pk}/"))


def test_today_offers_to_decline_what_is_proposed(cast, lead, as_, noon):
    nudge = Nudge.propose(lead, kind="offer", said="5 % off", by=cast.mara, at=NOON)
    assert f'href="/nudges/{nudge.pk}/decline/">Decline' in as_(cast.ines).get("/today/").content.decode()


def test_what_is_planned_or_proposed_on_the_page_of_a_deal_leads_back_to_it(cast, lead, as_, noon):
    deal = Deal.open(lead=lead, values={"name": "Press", "owner": cast.ines.pk}, by=cast.ines.pk, at=NOON)
    page, back = f"/deals/{deal.pk}/", f"back=deal-{deal.pk}"
    ines, mara = as_(cast.ines), as_(cast.mara)
    assert f"/tasks/new/?lead={lead.pk}&amp;{back}" in ines.get(page).content.decode()
    form = ines.get(f"/tasks/new/?lead={lead.pk}&{back}").content.decode()
    assert f'name="back" value="deal-{deal.pk}"' in form
    assert f'href="{page}">Cancel' in form
    said = {"lead": lead.pk, "kind": "call", "when": "tomorrow", "back": f"deal-{deal.pk}"}
    assert ines.post("/tasks/new/", said).headers["Location"] == page
    assert f"/leads/{lead.pk}/nudges/?{back}" in mara.get(page).content.decode()
    proposed = {"kind": "message", "said": "Send the drawings", "back": f"deal-{deal.pk}"}
    assert mara.post(f"/leads/{lead.pk}/nudges/", proposed).headers["Location"] == page


@pytest.mark.parametrize("back", ["deal-0", "deal-x", "deal-1/../2", "//evil.example", "deal-٣", f"deal-{10**30}"])
def test_a_page_that_is_none_leads_back_to_the_desk(cast, lead, as_, noon, back):
    said = {"lead": lead.pk, "kind": "call", "when": "tomorrow", "back": back}
    assert as_(cast.ines).post("/tasks/new/", said).headers["Location"] == f"/desk/?lead={lead.pk}"


def test_nothing_is_proposed_to_oneself_or_of_what_nobody_has(cast, lead, as_, noon):
    for browser in (as_(cast.ines).get, as_(cast.ines).post):
        answer = browser(f"/leads/{lead.pk}/nudges/")
        assert answer.status_code == 409
        assert "You answer for this lead yourself" in main(answer)
        assert "Propose it" not in main(answer)
    Lead.objects.filter(pk=lead.pk).update(owner=None)
    assert "Nobody answers for it" in main(as_(cast.mara).get(f"/leads/{lead.pk}/nudges/"))
    assert not Nudge.objects.exists()


def test_a_return_is_proposed_of_what_was_handed_over_alone(cast, lead, as_, noon):
    assert "Return to marketing" in main(as_(cast.felix).get(f"/leads/{lead.pk}/nudges/"))
    other = Lead.open(
        Contact.create({"name": "Bea Berg"}, by=None, at=NOON), entry="marketing", owner=cast.mara, by=None, at=NOON
    )
    form = main(as_(cast.felix).get(f"/leads/{other.pk}/nudges/"))
    assert "Send a message" in form
    assert "Return to marketing" not in form
    answer = sent(as_(cast.felix), other, kind="return", said="They buy in autumn")
    assert (answer.status_code, Nudge.objects.count()) == (422, 0)
    assert "It cannot be returned from where it stands" in main(answer)
