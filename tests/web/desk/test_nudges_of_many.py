"""Proposing the same for many leads at once, such as those behind a number that fell."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest

from accord.kernel import clock
from accord.rooms.desk.models import Nudge
from accord.rooms.funnel.models import Lead
from accord.rooms.notices.models import Notice
from tests.remembered import remembered
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.web.page import main

pytestmark = [pytest.mark.both, pytest.mark.django_db]
NOON = MONDAY + timedelta(hours=2)


@pytest.fixture
@remembered
def leads(cast, signed) -> SimpleNamespace:
    """Two that Ines has, one of Felix', one of Mara's, one that nobody has, and one of Ines' that was lost."""
    names = ("one", "two", "felix", "mara", "nobody", "lost")
    found = {name: Lead.objects.get(pk=accepted(handed(name.title()), cast.ines).lead_id) for name in names}
    found["felix"].assign(cast.felix, by=None, at=NOON)
    found["mara"].assign(cast.mara, by=None, at=NOON)
    found["lost"].move("lost", by=cast.ines.pk, at=clock.now(), reason="price")
    Lead.objects.filter(pk=found["nobody"].pk).update(owner=None)
    return SimpleNamespace(**found)


@pytest.fixture
def noon():
    with clock.moved_to(NOON):
        yield


def ids(leads: SimpleNamespace) -> str:
    return ",".join(str(lead.pk) for lead in vars(leads).values())


def test_the_owners_are_asked_and_who_is_left_out_is_counted(cast, leads, as_, noon):
    mara, said = as_(cast.mara), {"kind": "message", "said": "Send the sizing table"}
    form = mara.post("/nudges/new/", {"leads": ids(leads), "back": "/insight/leads/?x=1"})
    assert "Propose something for 6 leads" in main(form)
    answer = mara.post("/nudges/new/", {"leads": ids(leads), "back": "/insight/leads/?x=1", **said})
    assert answer.headers["Location"] == "/insight/leads/?x=1"
    told = mara.get("/contacts/").content.decode()
    assert "Proposed for 3 leads: their owners are told." in told
    assert "Left out: 1 of your own, 1 without an owner, and 1 ended." in told
    made = Nudge.objects.order_by("lead_id")
    assert [nudge.lead for nudge in made] == [leads.one, leads.two, leads.felix]
    assert {(nudge.said, nudge.by, nudge.proposed_at) for nudge in made} == {(said["said"], cast.mara, NOON)}
    asked = Notice.objects.filter(nudge__isnull=False).values_list("member__name", flat=True)
    assert sorted(asked) == ["Felix Roth", "Ines Ito", "Ines Ito"]
    mara.post("/nudges/new/", {"leads": f"{leads.one.pk},{leads.two.pk}", **said})
    assert "Nothing was proposed. Left out: 2 proposed already." in mara.get("/contacts/").content.decode()
    assert Nudge.objects.count() == 3


def test_nothing_is_proposed_before_it_is_said_what(cast, leads, as_, noon):
    answer = as_(cast.mara).post("/nudges/new/", {"leads": ids(leads), "kind": "message", "said": ""})
    assert answer.status_code == 422
    assert f'name="leads" value="{ids(leads)}"' in answer.content.decode()
    assert not Nudge.objects.exists()


def test_no_more_than_can_be_taken_in_and_nothing_that_is_no_lead(cast, leads, as_, noon, monkeypatch):
    monkeypatch.setattr("accord.rooms.desk.nudging.MANY", 3)
    said = {"kind": "event", "said": "The fair", "back": "https://elsewhere.example/"}
    wanted = f"x,{leads.one.pk},999999,{leads.two.pk}"
    answer = as_(cast.mara).post("/nudges/new/", {"leads": wanted, **said})
    assert answer.headers["Location"] == "/desk/"
    assert [nudge.lead for nudge in Nudge.objects.all()] == [leads.one]


def test_who_may_not_propose_is_refused(cast, leads, as_, noon):
    for member in (cast.paula, cast.eva):
        assert as_(member).post("/nudges/new/", {"leads": ids(leads)}).status_code == 403


def test_the_list_behind_a_number_leads_there(cast, leads, as_):
    browser = as_(cast.mara)
    funnel = browser.get("/insight/funnel/").content.decode()
    came = re.search(r'<a class="rec" href="([^"]*measure=here[^"]*)"', funnel)[1].replace("&amp;", "&")
    page = browser.get(came).content.decode()
    form = re.search(r'<form method="post" action="/nudges/new/">.*?</form>', page, re.DOTALL)[0]
    listed = re.search(r'name="leads" value="([^"]*)"', form)[1]
    here = {str(lead.pk) for name, lead in vars(leads).items() if name != "lost"}
    assert set(listed.split(",")) == here
    assert "Propose for all of them" in form
    assert "/nudges/new/" not in as_(cast.eva).get(came).content.decode()
