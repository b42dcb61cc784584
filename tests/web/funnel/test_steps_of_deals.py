"""The next step of a deal that no lead has opened: it belongs to a company, and its seller has something to do all the
same."""

from datetime import timedelta

import pytest

from accord.kernel.ledger import Fact
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Company, Contact
from tests.remembered import remembered
from tests.web.page import main

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("still")]
DAY = timedelta(days=1)


@pytest.fixture
@remembered
def pumps(cast, at) -> Deal:
    company = Company.create({"name": "Pump AG"}, by=None, at=at)
    values = {"name": "Pumps", "owner": cast.felix.pk}
    return Deal.open(lead=None, company=company, values=values, by=cast.felix.pk, at=at)


def plan(browser, deal, **said):
    return browser.post("/tasks/new/", {"deal": deal.pk, "kind": "call", "when": "tomorrow", **said})


def idle(browser) -> bool:
    return "Pumps" in main(browser.get("/pipeline/", {"view": "idle"}))


def test_it_is_planned_from_the_page_of_the_deal_and_done_there(cast, as_, pumps):
    browser, page = as_(cast.felix), f"/deals/{pumps.pk}/"
    assert f"/tasks/new/?deal={pumps.pk}" in browser.get(page).content.decode()
    assert "No next step is planned." in main(browser.get(page))
    assert f'href="{page}"' in browser.get("/tasks/new/", {"deal": pumps.pk}).content.decode()
    answer = plan(browser, pumps, what="ask for the drawings")
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    task = Task.objects.get()
    assert (task.deal, task.lead, task.owner) == (pumps, None, cast.felix)
    assert "Next step Plan one Call: ask for the drawings" in main(browser.get(page))
    assert Fact.objects.get(kind="task_planned").deal_id == pumps.pk
    assert browser.post(f"/tasks/{task.pk}/snooze/", {"when": "next_week"}).headers["Location"] == page
    assert "put off" in main(browser.get(page))
    assert browser.post(f"/tasks/{task.pk}/completion/").headers["Location"] == page
    task.refresh_from_db()
    assert task.done_by == cast.felix
    assert browser.post(f"/tasks/{task.pk}/reopening/").headers["Location"] == page


def test_the_pipeline_knows_it(cast, as_, pumps, at):
    browser = as_(cast.felix)
    assert idle(browser)
    Task.plan(owner=cast.felix, kind="call", due_at=at + DAY, by=cast.felix, at=at, deal=pumps)
    assert not idle(browser)
    body = browser.get("/pipeline/").content.decode()
    assert 'data-next="set"></i><span class="next">Call</span><span class="nowrap"><time' in body


def test_today_and_the_desk_say_which_deal_it_is(cast, as_, pumps, at):
    browser = as_(cast.felix)
    assert "Nothing is planned with it." in main(browser.get("/today/"))
    task = Task.plan(owner=cast.felix, kind="call", due_at=at, by=cast.felix, at=at, deal=pumps)
    today = main(browser.get("/today/"))
    assert "Nothing is planned with it." not in today
    assert "Pumps" in today
    assert f"/deals/{pumps.pk}/" in browser.get("/desk/", {"task": task.pk}).content.decode()


def test_of_a_deal_that_a_lead_has_opened_the_step_is_that_of_the_lead(cast, as_, at):
    contact = Contact.create({"name": "Anna Valve"}, by=None, at=at)
    lead = Lead.open(contact, entry="referral", owner=cast.felix, by=None, at=at)
    deal = Deal.open(lead=lead, values={"name": "Valves", "owner": cast.felix.pk}, by=None, at=at)
    plan(as_(cast.felix), deal)
    task = Task.objects.get()
    assert (task.lead, task.deal) == (lead, None)


def test_a_deal_that_was_closed_meanwhile_takes_no_step_and_shows_none(cast, as_, pumps, at):
    browser = as_(cast.felix)
    Task.plan(owner=cast.felix, kind="call", due_at=at, by=cast.felix, at=at, deal=pumps)
    pumps.lose(reason="price", by=cast.felix.pk, at=at)
    answer = plan(browser, pumps, what="one more")
    assert answer.status_code == 409
    assert "This deal has ended" in answer.content.decode()
    assert Task.objects.count() == 1
    assert not Task.objects.here().exists()


def test_whoever_does_not_see_the_deal_plans_nothing_with_it(cast, as_, pumps):
    assert plan(as_(cast.paula), pumps).status_code == 404
    assert not Task.objects.exists()
