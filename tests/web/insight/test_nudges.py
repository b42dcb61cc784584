"""The page of what came of nudges: every number opens its leads, of one's own alone."""

import re
from datetime import timedelta
from html import unescape

import pytest

from accord.kernel import clock
from accord.rooms.desk.models import Nudge
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact
from tests.remembered import remembered
from tests.web.page import main, names

pytestmark = pytest.mark.django_db


@pytest.fixture
@remembered
def nudged(cast, still, at):
    """Anna's is declined, Bert's accepted yesterday, Carla's waits with a partner."""
    for name, owner in (("Anna", cast.ines), ("Bert", cast.ines), ("Carla", cast.paula)):
        contact = Contact.create({"name": name}, by=None, at=at)
        lead = Lead.open(contact, entry="referral", owner=owner, by=None, at=at)
        nudge = Nudge.propose(lead, kind="offer", said="5 % off", by=cast.mara, at=at - timedelta(days=1))
        if name == "Anna":
            nudge.decline("tried", by=cast.ines, at=at)
        elif name == "Bert":
            nudge.accept(by=cast.ines, at=at)


def test_every_number_opens_its_leads(nudged, cast, as_, at):
    browser = as_(cast.eva)
    with clock.moved_to(at + timedelta(hours=1)):
        page = browser.get("/insight/nudges/")
        said = main(page)
        assert "Proposals in this time: 3. Accepted 1, declined 1, waiting for an answer 1." in said
        assert "not what nudging causes" in said
        assert "too few yet 0 of 30" in said
        hrefs = [unescape(one) for one in re.findall(r'href="(/insight/leads/[^"]*)"', page.content.decode())]
        found = {re.search(r"measure=(\w+)", one)[1]: one for one in hrefs if "stage=" not in one}
        assert sorted(names(browser.get(found["proposed"]))) == ["Anna", "Bert", "Carla"]
        assert names(browser.get(found["accepted_young"])) == ["Bert"]
        declined = browser.get(next(one for one in hrefs if "cohort=tried" in one))
        assert names(declined) == ["Anna"]
        assert "Leads whose proposal was declined · Was tried already" in main(declined)
        assert browser.get("/insight/leads/?report=nudges&measure=wishes").status_code == 400
        assert "kind,side,proposed" in browser.get("/insight/nudges/figures.csv").content.decode()


def test_a_partner_reads_of_their_own(nudged, cast, as_, at):
    with clock.moved_to(at + timedelta(hours=1)):
        page = main(as_(cast.paula).get("/insight/nudges/"))
        assert "Proposals in this time: 1. Accepted 0" in page
        assert "Nothing was proposed in this time" in main(as_(cast.eva).get("/insight/nudges/?from=2026-03-20"))


def test_without_any_it_says_what_will_be_here(cast, as_):
    assert "What came of what one team proposed to the other" in main(as_(cast.mara).get("/insight/nudges/"))
