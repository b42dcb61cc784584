"""From the accepted lead to the won deal and on to service: one win in every report, and whoever was joined waits no
longer."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accord.kernel import clock
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.handoff.models import Handoff
from accord.rooms.insight import reports
from accord.rooms.insight.questions import Question
from accord.rooms.insight.reports import Cell
from accord.rooms.promises.models import Clock
from accord.rooms.team.models import Member
from tests.audited import violations
from tests.scenarios.living import agreed, company, contact, on, touch, work

pytestmark = pytest.mark.both

TEXT = """
accord: 1
name: Leads and deals
effective: 2026-01-02
review_by: 2026-12-31
leads: {open_on: {touch: [form, download]}}
scoring: {engagement: [{id: download, points: 10, when: {touch: download}}]}
qualified: {all: [{count: {touch: download}, at_least: 1}]}
handoffs:
  - {id: to_inside, at: mql, from: marketing, to: inside_sales, answers: [accept, return]}
  - {id: to_service, at: won, from: field_sales, to: service, answers: [accept]}
promises:
  sales:
    - {id: first_contact, measure: first_human_contact, of: to_inside, within: 10 business days, share: 0.9,
       mode: enforced}
"""


@pytest.fixture
def at():
    return on("2026-01-01")


def does(member: Member, day: str, to: str, pk: int = 0, query: str = "", **said) -> None:
    client = Client()
    client.force_login(member)
    with clock.moved_to(on(day)):
        answered = client.post(reverse(to, args=[pk] if pk else []) + query, said)
        assert answered.status_code == 302, answered.content.decode()[:2000]
    work(on(day))


def told(name: str, day: datetime, **asked):
    with clock.moved_to(day):
        return reports.answer(name, Question.asked(day, **asked))


def listed(name: str, day: datetime, *cell, **asked) -> list[int]:
    with clock.moved_to(day):
        kinds = reports.NAMES[name].kinds
        return reports.records(name, Question.asked(day, **asked, kinds=kinds), Cell(*cell))


@pytest.fixture
def sold(cast, house, at):
    """Ana (6 January) and Ben (7 January) of one company; Felix opens a deal with Ana on the 12th."""
    agreed(cast, TEXT, "2026-01-02")
    olives = company(name="Olives")
    ana, ben = (contact(name, company=olives.pk) for name in ("Ana", "Ben"))
    touch(ana, "download", "2026-01-06T10:00:00")
    touch(ben, "download", "2026-01-07T10:00:00")
    first, second = Lead.objects.order_by("opened_at")
    for lead, day in ((first, "2026-01-06T10:30:00"), (second, "2026-01-07T10:30:00")):
        does(cast.ines, day, "handoff_acceptance", Handoff.objects.get(lead=lead).pk)
    return first, second


def deal_of(cast, lead: Lead) -> Deal:
    said = {"name": "Forty pumps", "amount": "12000", "currency": "EUR", "stage": "qualified", "owner": cast.felix.pk}
    does(cast.felix, "2026-01-12T09:00:00", "deal_new", query=f"?lead={lead.pk}", **said)
    return Deal.objects.get()


def test_to_the_won_deal_and_on_to_service(cast, sold):
    first, second = sold
    watch = Clock.objects.get(lead=second)
    deal = deal_of(cast, first)
    first.refresh_from_db(), second.refresh_from_db(), watch.refresh_from_db()
    assert (first.stage, second.stage) == ("opportunity", "joined")
    assert second.ended_at == on("2026-01-12T09:00:00")
    assert watch.ended_at is not None
    assert watch.state == "void"

    before = told("funnel", on("2026-01-25"))
    does(cast.felix, "2026-01-19T09:00:00", "deal_moves", deal.pk, stage="proposal", seen="qualified")
    does(cast.felix, "2026-01-26T09:00:00", "deal_winning", deal.pk, reason="fit", note="It fits the line")
    first.refresh_from_db(), deal.refresh_from_db()
    assert (first.stage, deal.outcome, deal.stage) == ("won", "won", "proposal")

    # A win goes to service, with the story, and service says that it has it.
    to_service = Handoff.objects.get(kind="to_service")
    assert (to_service.lead, to_service.owner, to_service.state) == (first, cast.sven, "offered")
    assert to_service.story["touches"]
    does(cast.sven, "2026-01-26T10:00:00", "handoff_acceptance", to_service.pk)

    # Twice is refused in words, and changes nothing.
    does(cast.felix, "2026-01-26T11:00:00", "deal_losing", deal.pk, reason="price")
    deal.refresh_from_db()
    assert (deal.outcome, deal.reason) == ("won", "fit")

    once_in_every_report(deal, first, second)
    assert told("funnel", on("2026-02-02"), as_of="2026-01-25").stages == before.stages
    assert {found for found in violations() if found[0] != "values"} == set()


def once_in_every_report(deal: Deal, first: Lead, second: Lead) -> None:
    day = on("2026-02-02")
    totals = told("totals", day)
    assert (totals.deals, totals.won, totals.lost, totals.open, totals.leads) == (1, 1, 0, 0, 2)
    funnel = told("funnel", day)
    assert (funnel.entered, funnel.won, funnel.here, funnel.unaccounted) == (2, 1, 0, 0)
    assert {exit: number for exit, number in funnel.exits.items() if number} == {"joined": 1}
    assert listed("funnel", day, "entered", "won") == [first.pk]
    flow = told("flow", day, since="2026-01-01", until="2026-02-01")
    assert flow.adds_up
    assert {one.stage: one.came_in for one in flow.stages}["won"] == 1
    winloss = told("winloss", day)
    assert listed("winloss", day, "won") == [deal.pk]
    assert (winloss.all.won, winloss.all.lost) == (1, 0)
    sources = told("sources", day)
    assert (sources.all.leads, sources.all.won) == (2, 1)
    cohorts = told("cohorts", day)
    outcomes = {name: number for name, number in cohorts.all.outcomes.items() if number}
    assert outcomes == {"won": 1, "joined": 1}
    # Ben was watched for five days and then joined: who was lost to sight on the fifth day says nothing of the
    # twentieth, on which the one who was still watched won. Of both it would be a half.
    [month] = [at for at in cohorts.all.ages if at.days == 30]
    assert month.shares is None or month.shares["won"].rate == pytest.approx(1.0)
    later = told("cohorts", day + timedelta(days=30))
    [month] = [at for at in later.all.ages if at.days == 30]
    assert month.shares["won"].rate == pytest.approx(1.0)
