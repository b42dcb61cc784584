"""The pipeline: columns and cards, tabs with counts, moves by menu, conflicts, and what a partner sees."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Deal, Lead, PipelineStage, Usual
from accord.rooms.people.models import Company, Contact
from tests.web.page import main, names

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("still")]
DAY = timedelta(days=1)


def opened(name: str, at, owner=None, **values) -> Deal:
    company = Company.create({"name": f"{name} AG"}, by=None, at=at)
    contact = Contact.create({"name": f"Anna {name}", "company": company.pk}, by=None, at=at)
    lead = Lead.open(contact, entry="referral", owner=owner, by=None, at=at)
    values = {"name": name, **({"owner": owner.pk} if owner else {}), **values}
    return Deal.open(lead=lead, values=values, by=None, at=at)


def cards(answer) -> dict[str, list[str]]:
    """By column, the cards in it."""
    columns = re.findall(
        r'<section class="k-col" aria-label="([^"]*)"(.*?)</section>', answer.content.decode(), re.DOTALL
    )
    return {name: re.findall(r'class="k-title"[^>]*>([^<]*)<', inside) for name, inside in columns}


def tabs(answer) -> dict[str, int]:
    found = re.search(r'<nav class="tabs".*?</nav>', answer.content.decode(), re.DOTALL)[0]
    return {name: int(count) for name, count in re.findall(r'>([^<>]+) <span class="n num">(\d+)<', found)}


def toast(answer) -> str:
    return re.search(r'<div class="toast".*?</div>', answer.content.decode(), re.DOTALL)[0]


def test_deals_stand_in_the_columns_of_their_stages(cast, as_, at):
    opened("Pumps", at, stage="proposal", amount=24_000_00, currency="EUR")
    opened("Valves", at, stage="proposal", amount=86_500_00, currency="EUR")
    opened("Skid", at, stage="proposal", amount=900_000, currency="JPY")
    opened("Odd", at, stage="Waiting for the board")
    opened("Done", at).win(reason="fit", by=None, at=at)
    answer = as_(cast.felix).get("/pipeline/")
    assert cards(answer) == {
        "Qualified": [], "Discovery": [], "Proposal": ["Skid", "Valves", "Pumps"], "Negotiation": [], "Signing": [],
        "Waiting for the board": ["Odd"],
    }  # fmt: skip
    assert "Proposal 3 €110.5K · ¥900K" in main(answer)
    assert "Deals: 4" in main(answer)


def test_many_stages_that_the_pipeline_does_not_know_are_counted_together(cast, as_, at, monkeypatch):
    monkeypatch.setattr("accord.web.funnel.board.ELSEWHERE", 1)
    for name, stage in (("One", "Board"), ("Two", "Board"), ("Three", "Legal"), ("Four", "Lab")):
        opened(name, at, stage=stage, amount=1_000_00, currency="EUR")
    answer = as_(cast.felix).get("/pipeline/")
    assert {name: found for name, found in cards(answer).items() if found} == {"Board": ["Two", "One"]}
    assert "Other stages 2 €2K" in main(answer)
    assert "Deals: 4 · €4K" in main(answer)


def test_an_empty_pipeline_says_what_will_be_here(cast, as_):
    assert "Every chance to sell will be here" in main(as_(cast.felix).get("/pipeline/"))


@pytest.fixture
def of_every_tab(cast, at) -> None:
    """Old and Fresh are one's own, Long is another's; Old alone has a next step, and Later is to come back."""
    usual = {"n": 40, "left": 30, "median": 9, "p75": 14, "p95": 40, "computed_at": at}
    Usual.objects.create(kind="deal", stage="qualified", **usual)
    old = opened("Old", at - 50 * DAY, cast.felix, expected_close="2026-04-01")
    opened("Long", at - 15 * DAY, cast.ines, expected_close="2026-03-31")
    opened("Fresh", at, cast.felix, expected_close="2026-03-05")
    lost = opened("Later", at - 5 * DAY, cast.felix)
    lost.lose(reason="not_now", come_back_on=(at + 90 * DAY).date(), by=None, at=at)
    Task.plan(owner=cast.felix, kind="call", due_at=at, by=cast.felix, at=at, lead=old.lead)


def test_tabs_count_what_they_show(of_every_tab, cast, as_):
    browser = as_(cast.felix)
    answer = browser.get("/pipeline/?view=team")
    assert tabs(answer) == {
        "Team": 3, "Mine": 2, "No next step": 2, "Long for its stage": 2, "Closing this month": 2, "To come back": 1
    }  # fmt: skip
    shown = {view: cards(browser.get("/pipeline/", {"view": view})) for view in ("mine", "idle", "long", "month")}
    assert {view: sorted(name for names in columns.values() for name in names) for view, columns in shown.items()} == {
        "mine": ["Fresh", "Old"], "idle": ["Fresh", "Long"], "long": ["Long", "Old"], "month": ["Fresh", "Long"],
    }  # fmt: skip
    marks = re.findall(r'data-age="(\w+)" title', answer.content.decode())
    assert sorted(marks) == ["long", "stalled"]
    assert "usual 9 d" in main(answer)
    back = main(browser.get("/pipeline/", {"view": "back"}))
    assert re.search("Later Later AG May 31 Not now .*Felix Roth Open again", back)


def test_whoever_sells_and_has_deals_begins_with_their_own(cast, as_, at):
    opened("Hers", at, cast.ines)
    assert cards(as_(cast.felix).get("/pipeline/"))["Qualified"] == ["Hers"]  # has none: those of the team
    opened("His", at, cast.felix)
    page = as_(cast.felix).get("/pipeline/")
    assert cards(page)["Qualified"] == ["His"]
    assert 'href="?view=team"' in page.content.decode()
    assert sorted(cards(as_(cast.felix).get("/pipeline/?view=team"))["Qualified"]) == ["Hers", "His"]
    assert sorted(cards(as_(cast.saul).get("/pipeline/"))["Qualified"]) == ["Hers", "His"]


def test_every_tab_can_be_of_ones_own_deals_alone(cast, as_, at):
    opened("Hers", at, cast.ines)
    opened("His", at, cast.felix, expected_close="2026-03-31")
    browser = as_(cast.felix)
    idle = browser.get("/pipeline/?view=idle")
    assert tabs(idle)["No next step"] == 2
    assert "Only mine" in main(idle)
    assert 'href="?f=owner%3Ais%3Ame&amp;view=idle"' in idle.content.decode()
    own = browser.get("/pipeline/?f=owner%3Ais%3Ame&view=idle")
    assert cards(own)["Qualified"] == ["His"]
    assert (tabs(own)["Team"], tabs(own)["No next step"], tabs(own)["Closing this month"]) == (1, 1, 1)
    assert 'href="?f=owner%3Ais%3Ame&amp;view=month"' in own.content.decode()
    assert "Only mine" not in main(own)


def test_the_table_holds_what_the_tab_shows_and_leads_back_to_the_board(of_every_tab, cast, as_):
    browser = as_(cast.felix)
    found = {}
    for view in ("team", "mine", "idle", "long", "month", "back"):
        board = browser.get("/pipeline/", {"view": view}).content.decode()
        table = browser.get(unescape(re.search(r'href="(/deals/\?[^"]*)"', board)[1]))
        found[view] = sorted(names(table))
        assert 'href="/pipeline/?' in table.content.decode()
    assert found == {
        "team": ["Fresh", "Long", "Old"], "mine": ["Fresh", "Old"], "idle": ["Fresh", "Long"],
        "long": ["Long", "Old"], "month": ["Fresh", "Long"], "back": ["Later"],
    }  # fmt: skip
    rows = main(browser.get("/deals/?f=outcome:is:open&c=name,usual,step"))
    assert "Old longer than 95 in 100 of those that moved on from here Call, Mar 2" in rows
    assert "Fresh none planned" in rows
    back = browser.get("/deals/?f=owner:is:me&f=outcome:is:open").content.decode()
    assert 'href="/pipeline/?f=owner%3Ais%3Ame&amp;view=team"' in back


def test_what_is_expected_counts_each_amount_by_the_chance_at_its_age(cast, as_, at):
    usual = {"n": 40, "left": 30, "median": 9, "p75": 14, "p95": 40, "computed_at": at}
    chances = [[0.0, 0.5, 40], [10.0, 0.25, 20]]
    Usual.objects.create(kind="deal", stage="qualified", chances=chances, **usual)
    for name, days, amount in (("New", 0, 1_000_00), ("Nine", 9, 2_000_00), ("Ten", 10, 4_000_00), ("Odd", 30, None)):
        money = {} if amount is None else {"amount": amount, "currency": "EUR"}
        opened(name, at - days * DAY, cast.felix, **money)
    opened("Swiss", at - 11 * DAY, cast.ines, amount=800_00, currency="CHF")
    browser = as_(cast.felix)
    everybody, own = main(browser.get("/pipeline/?view=team")), main(browser.get("/pipeline/?view=mine"))
    assert "expected €2.5K · CHF200" in everybody  # half of 1,000 and of 2,000, a quarter of 4,000 and of 800
    assert "expected €2.5K" in own
    assert "CHF" not in own


def test_the_next_step_stands_on_the_card(cast, as_, at):
    deal = opened("Pumps", at, cast.felix)
    Task.plan(owner=cast.felix, kind="call", due_at=at + 3 * DAY, by=cast.felix, at=at, lead=deal.lead)
    body = as_(cast.felix).get("/pipeline/").content.decode()
    assert 'class="nextdot" data-next="set"></i><span class="next">Call</span><span class="nowrap"><time' in body
    opened("Valves", at, cast.felix)
    assert 'data-next="none"></i><span class="next">No next step' in as_(cast.felix).get("/pipeline/").content.decode()


def test_a_filter_narrows_the_board_and_keeps_its_tab(cast, as_, at):
    opened("Small", at, cast.felix, amount=10_00, currency="EUR")
    opened("Large", at, cast.felix, amount=90_000_00, currency="EUR")
    browser = as_(cast.felix)
    answer = browser.get("/pipeline/", {"view": "mine", "field": "amount", "op": "at_least", "value": "20000"})
    assert answer["Location"] == "/pipeline/?f=amount%3Aat_least%3A20000&view=mine"
    answer = browser.get(answer["Location"])
    assert cards(answer)["Qualified"] == ["Large"]
    assert tabs(answer)["Team"] == 1


def test_a_column_shows_twenty_and_leads_to_all_of_them(cast, as_, at):
    company = Company.create({"name": "Many"}, by=None, at=at)
    for number in range(22):
        Deal.open(lead=None, company=company, values={"name": f"Deal {number}"}, by=None, at=at)
    browser = as_(cast.felix)
    answer = browser.get("/pipeline/")
    assert len(cards(answer)["Qualified"]) == 20
    every = unescape(re.search(r'href="([^"]*)">All 22<', answer.content.decode())[1])
    assert "22" in main(browser.get(every))


def test_the_number_of_queries_does_not_grow_with_the_deals(cast, as_, at):
    browser = as_(cast.felix)
    counts = []
    for number in (5, 195):
        for one in range(number):
            deal = opened(f"Deal {number} {one}", at, cast.felix, amount=100_00, currency="EUR")
            Task.plan(owner=cast.felix, kind="call", due_at=at, by=cast.felix, at=at, lead=deal.lead)
        browser.get("/pipeline/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get("/pipeline/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_card_is_moved_and_the_move_undone(cast, as_, at):
    deal, browser = opened("Pumps", at, cast.felix), as_(cast.felix)
    here = "/pipeline/?view=mine"
    answer = browser.post(f"/deals/{deal.pk}/moves/?seen=qualified", {"stage": "proposal", "back": here}, follow=True)
    assert answer.request["QUERY_STRING"] == "view=mine"
    assert cards(answer)["Proposal"] == ["Pumps"]
    assert "“Pumps” is in Proposal now." in toast(answer)
    undo = re.search(r'action="([^"]*)"', toast(answer))[1]
    assert undo == f"/deals/{deal.pk}/moves/?seen=proposal"
    values = dict(re.findall(r'name="([^"]*)" value="([^"]*)"', toast(answer)))
    assert (values["stage"], values["back"]) == ("qualified", here)
    answer = browser.post(undo, values, follow=True)
    assert cards(answer)["Qualified"] == ["Pumps"]
    assert "<form" not in toast(answer)


def test_who_was_slower_is_told_where_the_deal_stands(cast, as_, at):
    deal = opened("Pumps", at, cast.felix)
    deal.advance("signing", by=cast.ines.pk, at=at)
    move = {"stage": "proposal", "back": "/pipeline/"}
    answer = as_(cast.felix).post(f"/deals/{deal.pk}/moves/?seen=qualified", move, follow=True)
    assert "Somebody was faster: “Pumps” stands in Signing now. Look again." in answer.content.decode()
    deal = Deal.objects.get()
    deal.win(reason="fit", by=None, at=at)
    answer = as_(cast.felix).post(f"/deals/{deal.pk}/moves/?seen=signing", move, follow=True)
    assert "Somebody was faster: “Pumps” is Won. Look again." in answer.content.decode()
    assert Deal.objects.get().stage == "signing"


def test_a_stage_that_was_retired_meanwhile_takes_no_deal(cast, as_, at):
    deal = opened("Pumps", at, cast.felix)
    PipelineStage.standing()[4].retire(by=None, at=at)
    answer = as_(cast.felix).post(f"/deals/{deal.pk}/moves/?seen=qualified", {"stage": "signing"}, follow=True)
    assert "There is no such stage in the pipeline any more" in answer.content.decode()
    assert Deal.objects.get().stage == "qualified"


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "pipeline/"]
)
def test_the_way_back_stays_in_the_house(cast, as_, at, back):
    deal = opened("Pumps", at, cast.felix)
    answer = as_(cast.felix).post(f"/deals/{deal.pk}/moves/?seen=qualified", {"stage": "proposal", "back": back})
    assert answer["Location"] == f"/deals/{deal.pk}/"


def test_a_partner_sees_and_moves_their_own(cast, as_, at):
    theirs, other = opened("Theirs", at, cast.paula), opened("Other", at, cast.felix)
    browser = as_(cast.paula)
    answer = browser.get("/pipeline/")
    assert cards(answer)["Qualified"] == ["Theirs"]
    assert tabs(answer)["Team"] == 1
    assert browser.post(f"/deals/{other.pk}/moves/?seen=qualified", {"stage": "proposal"}).status_code == 404
    browser.post(f"/deals/{theirs.pk}/moves/?seen=qualified", {"stage": "proposal"})
    assert {deal.name: deal.stage for deal in Deal.objects.all()} == {"Theirs": "proposal", "Other": "qualified"}


def test_who_may_only_look_has_no_menu(cast, as_, at):
    opened("Pumps", at, cast.felix)
    body = as_(cast.mara).get("/pipeline/").content.decode()
    assert not re.search(r'k-move|id="moves"|k-exits|draggable="true"', body)
