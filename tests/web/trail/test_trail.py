"""The trail: each step ticks by what really happened, and a real house has none of it."""

import re
from datetime import timedelta

import pytest

from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.rooms.capture.models import Touch
from accord.rooms.desk import calls
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.people.models import Identity
from accord.rooms.trail import visitor
from accord.rooms.trail.models import Trail
from tests.remembered import remembered
from tests.rooms.desk.conftest import AGREED, MONDAY
from tests.scenarios.living import agreed, contact, touch
from tests.web.page import main
from tests.web.trail.conftest import waiting, worked

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def states(page) -> dict[str, str]:
    """The state of each step on a page, in their order."""
    found = re.findall(r'<li data-state="(\w+)" data-step="(\w+)">', page.content.decode())
    return {step: state for state, step in found}


def step(page, name: str) -> str:
    """One step as it stands on a page."""
    return re.search(rf'data-step="{name}">(.*?)</li>', page.content.decode(), re.DOTALL)[1]


@pytest.fixture
@remembered
def asked(cast, simulated, visit) -> Lead:
    visit(cast.mara, "/trail/visitor/", {})
    worked()
    lead = simulated[0]
    lead.refresh_from_db()
    return lead


def offer(lead: Lead) -> Handoff:
    return Handoff.objects.select_related("owner").get(lead=lead)


def test_a_real_house_has_no_trail(cast, agreement, visit):
    waiting("Anna Adler")
    before = Fact.objects.count(), Touch.objects.count()
    assert 'id="trail"' not in visit(cast.mara, "/today/").content.decode()
    assert visit(cast.mara, "/trail/").status_code == 404
    for address in ("visitor", "dismissal", "restoring", "funnel/opening"):
        assert visit(cast.mara, f"/trail/{address}/", {}).status_code == 404
    with pytest.raises(visitor.NotSimulated):
        visitor.ask(at=MONDAY)
    assert (Fact.objects.count(), Touch.objects.count()) == before
    assert "/trail/" not in visit(cast.mara, "/search/?q=trail", headers={"HX-Request": "true"}).content.decode()


@pytest.mark.parametrize("who", ["mara", "mila", "ines", "felix", "saul", "eva", "ada"])
def test_everybody_whom_it_concerns_sees_seven_steps_on_top_of_today(cast, simulated, visit, who):
    page = visit(getattr(cast, who), "/today/")
    assert list(states(page)) == ["qualifies", "taken", "called", "returned", "taken_up", "promises", "funnel"]
    assert states(page)["qualifies"] == "now"
    assert set(states(page).values()) == {"now", "next"}
    assert "/trail/visitor/" in step(page, "qualifies")
    assert main(page).index("Seven steps") < 200
    assert ('<details class="trail-fold">' in page.content.decode()) == (who in ("felix", "saul", "eva"))


@pytest.mark.parametrize("who", ["sven", "paula"])
def test_whom_the_loop_goes_past_finds_it_on_its_own_page_alone(cast, simulated, visit, who):
    assert states(visit(getattr(cast, who), "/today/")) == {}
    assert len(states(visit(getattr(cast, who), "/trail/"))) == 7


def test_it_is_one_line_once_it_is_begun(cast, simulated, visit, asked):
    page = visit(cast.mara, "/today/")
    fold = page.content.decode().split('<details class="trail-fold">')[1].split("</summary>")[0]
    assert " ".join(re.sub("<[^>]+>", " ", fold).split()) == (
        "Seven steps around the loop 1 of 7 done, next: Sales takes it"
    )
    for address in ("/today/?trail=open", "/trail/"):
        assert "trail-fold" not in visit(cast.mara, address).content.decode()
    assert visit(cast.mara, "/trail/visitor/", {}).headers["Location"] == "/today/?trail=open"


def test_a_visitor_asks_and_the_judge_qualifies_the_best(cast, simulated, visit, asked):
    anna, bea = simulated
    assert asked.stage == "mql"
    bea.refresh_from_db()
    assert bea.stage == "inquiry"
    kinds = Touch.objects.filter(identity__value=anna.contact.external_id, occurred_at__gte=MONDAY - timedelta(hours=1))
    assert sorted(kinds.values_list("kind", flat=True)) == ["form", "page"]
    assert not Identity.objects.filter(value=bea.contact.external_id, touches__kind="form").exists()
    page = visit(cast.ines, "/today/")
    assert states(page)["qualifies"] == "done"
    assert states(page)["taken"] == "now"
    assert f"/leads/{anna.pk}/" in step(page, "qualifies")
    assert f"/desk/?lead={anna.pk}" in step(page, "taken")
    assert "Ines Ito, Inside sales" in step(page, "taken")


def test_whoever_can_not_take_the_lead_is_told_whose_turn_it_is(cast, simulated, visit, asked):
    told = step(visit(cast.mara, "/today/"), "taken")
    assert "It is the turn of Ines Ito: ines@house.example" in told
    assert "/desk/" not in told
    assert f"/leads/{asked.pk}/" in told


def test_the_page_asks_again_until_the_judge_has_answered(cast, simulated, visit):
    """The visitor has asked, and the worker has not looked yet."""
    with clock.moved_to(MONDAY):
        visitor.ask(at=MONDAY)
    page = visit(cast.mara, "/today/")
    assert 'hx-trigger="every 2s"' in page.content.decode()
    assert "Anna Adler looked at the prices" in step(page, "qualifies")
    worked()
    fragment = visit(cast.mara, "/trail/", headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert 'hx-trigger="every 2s"' not in fragment.content.decode()
    assert states(fragment)["qualifies"] == "done"


def test_where_the_judge_is_away_the_page_says_so(cast, simulated, as_):
    with clock.moved_to(MONDAY):
        visitor.ask(at=MONDAY)
    with clock.moved_to(MONDAY + timedelta(minutes=3)):
        page = as_(cast.mara).get("/today/")
    assert "is the worker running?" in step(page, "qualifies")
    assert "/trail/visitor/" in step(page, "qualifies")


def test_nobody_is_made_to_ask_whom_the_agreement_would_not_qualify(cast, at, visit):
    agreed(cast, AGREED, "2026-01-02")  # by downloads alone
    Trail.begin(MONDAY)
    touch(contact("Anna Adler"), "form", "2026-01-20T08:00:00")
    assert Lead.objects.get().stage == "inquiry"
    waiting_for = Lead.objects.count(), Fact.objects.count(), Touch.objects.count()
    page = visit(cast.mara, "/trail/visitor/", {}, follow=True)
    assert "Nobody who waits would qualify" in page.content.decode()
    assert (Lead.objects.count(), Fact.objects.count(), Touch.objects.count()) == waiting_for
    assert Trail.of_house().lead is None


def test_of_two_who_begin_at_once_one_is_first(simulated):
    first, second = Trail.of_house(), Trail.of_house()
    assert first.follow(simulated[0], at=MONDAY)
    assert not second.follow(simulated[1], at=MONDAY)
    assert Trail.of_house().lead == simulated[0]


def test_another_visitor_begins_anew(cast, simulated, visit, asked):
    offer(asked).accept(by=cast.ines, at=MONDAY)
    visit(cast.eva, "/trail/funnel/opening/", {})
    visit(cast.mara, "/trail/visitor/", {})
    worked()
    page = visit(cast.mara, "/today/")
    assert states(page) == {
        "qualifies": "done", "taken": "now", "called": "next", "returned": "next", "taken_up": "next",
        "promises": "next", "funnel": "done",
    }  # fmt: skip
    assert "Bea Berg" in step(page, "taken")


def test_taking_calling_returning_and_taking_up_tick_by_their_verbs(cast, simulated, visit, asked):
    handoff = offer(asked)
    seen = []
    with clock.moved_to(MONDAY):
        handoff.accept(by=cast.ines, at=MONDAY)
        seen.append(states(visit(cast.saul, "/today/")))
        calls.log(Lead.objects.get(pk=asked.pk), "call_out", "reached", by=cast.ines, at=MONDAY)
        seen.append(states(visit(cast.saul, "/today/")))
        handoff.hand_back("timing", by=cast.ines, at=MONDAY)
        seen.append(states(visit(cast.saul, "/today/")))
        assert "came back" in step(visit(cast.mila, "/today/"), "taken_up")
        assert "/returns/" in step(visit(cast.mila, "/today/"), "taken_up")
        Return.objects.get().take_up(by=cast.mila, at=MONDAY)
        seen.append(states(visit(cast.saul, "/today/")))
    steps = ["taken", "called", "returned", "taken_up"]
    assert [[state[one] for one in steps] for state in seen] == [
        ["done", "now", "next", "next"],
        ["done", "done", "now", "next"],
        ["done", "done", "done", "now"],
        ["done", "done", "done", "done"],
    ]


def test_what_others_do_ticks_nothing(cast, simulated, visit, asked):
    other = simulated[1]
    calls_before = states(visit(cast.saul, "/today/"))
    with clock.moved_to(MONDAY):
        calls.log(other, "call_out", "reached", by=cast.ines, at=MONDAY)
    assert states(visit(cast.saul, "/today/")) == calls_before


def test_what_can_not_be_done_any_more_is_passed(cast, simulated, visit, asked):
    with clock.moved_to(MONDAY):
        offer(asked).give_back("no_fit", by=cast.ines, at=MONDAY)
    page = states(visit(cast.mara, "/today/"))
    assert (page["taken"], page["called"], page["returned"], page["taken_up"]) == ("passed", "passed", "done", "now")


@pytest.mark.parametrize(("name", "leads_to"), [("promises", "/promises/"), ("funnel", "/insight/funnel/")])
def test_a_place_is_ticked_by_going_there_through_the_trail(cast, simulated, visit, name, leads_to):
    visit(cast.eva, leads_to)
    assert states(visit(cast.eva, "/today/"))[name] == "next"
    answer = visit(cast.eva, f"/trail/{name}/opening/", {})
    assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)
    assert states(visit(cast.mara, "/today/"))[name] == "done"


def test_a_partner_gets_no_further_by_the_trail_than_without(cast, simulated, visit, asked):
    page = visit(cast.paula, "/trail/")
    assert "Anna Adler" not in main(page)
    assert "/trail/promises/opening/" not in page.content.decode()
    assert visit(cast.paula, "/trail/promises/opening/", {}).status_code == 403
    assert states(page)["promises"] == "next"
    assert visit(cast.paula, "/trail/nowhere/opening/", {}).status_code == 404


def test_it_is_dismissed_by_each_for_themselves_and_brought_back(cast, simulated, visit):
    visit(cast.mara, "/trail/dismissal/", {})
    assert states(visit(cast.mara, "/today/")) == {}
    assert len(states(visit(cast.ines, "/today/"))) == 7
    found = visit(cast.mara, "/search/?q=trail", headers={"HX-Request": "true"}).content.decode()
    assert 'href="/trail/"' in found
    page = visit(cast.mara, "/trail/")
    assert len(states(page)) == 7
    assert "Show it on Today" in main(page)
    visit(cast.mara, "/trail/restoring/", {})
    assert len(states(visit(cast.mara, "/today/"))) == 7


def test_who_has_nothing_waiting_begins_with_the_next_step_they_can_do(cast, simulated, visit, asked):
    page = visit(cast.eva, "/today/")
    assert "First: The promises." in main(page)
    first = page.content.decode().split('class="today-first"')[1].split("Step 6 of the trail")[0]
    assert "/trail/promises/opening/" in first
    told = main(visit(cast.ines, "/today/"))
    assert "1 for you" in told
    assert "First: " not in told


def test_one_learns_how_to_begin_empty_and_with_ones_own(cast, simulated, visit):
    page = visit(cast.mara, "/trail/")
    assert "ACCORD_HOME=~/accord .venv/bin/accord init" in main(page)
    assert 'href="/imports/new/"' in page.content.decode()
    assert (
        'href="/imports/new/"' not in visit(cast.ines, "/trail/").content.decode().split("<main")[1].split("</main")[0]
    )
