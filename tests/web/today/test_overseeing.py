"""Today of who oversees: figures that open what is behind them, and what changed; of sellers: deals that need them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.html import escape

from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Contact
from accord.web.today.overseeing import quarter
from tests.web.page import main, rows
from tests.web.today.test_today import section


@pytest.fixture
def at():
    return datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def sold(cast, still):
    """Deals won on 2 January (the quarter before's comparable days begin on 1 October) and today, in two currencies."""

    def deal(name, minor, currency, opened, won=None, **more):
        person = Contact.create({"name": name}, by=None, at=opened)
        lead = Lead.open(person, entry="marketing", by=None, at=opened)
        values = {"name": name, "amount": minor, "currency": currency, "owner": cast.felix.pk, **more}
        made = Deal.open(lead=lead, values=values, by=None, at=opened)
        if won:
            made.win(reason="fit", by=None, at=won)
        return made

    days = timedelta(days=1)
    deal("Alpha", 120_000, "EUR", still - 60 * days, still - 50 * days)
    deal("Beta", 50_000, "EUR", still - 60 * days, still - 2 * days)
    deal("Gamma", 70_000, "USD", still - 60 * days, still - 3 * days)
    deal("Delta", 99_000, "EUR", still - 160 * days, still - 140 * days)
    deal("Epsilon", 200_000, "EUR", still - 5 * days)
    return deal


def test_an_executive_sees_what_was_won_is_open_and_came_in(sold, cast, as_):
    browser = as_(cast.eva)
    told = section(browser.get("/today/"), "How it stands")
    assert "€1.7K $700 Won this quarter deals: 3; by the same day of the quarter before: 1" in told
    assert "€2K In the pipeline deals: 1, as they stand now" in told
    assert "0 Leads that came in this month" in told
    assert 'title="€1,700.00"' in browser.get("/today/").content.decode()


def test_each_figure_opens_what_is_behind_it(sold, cast, as_):
    browser = as_(cast.eva)
    page = browser.get("/today/").content.decode()
    won = "/insight/leads/?report=winloss&measure=won&from=2026-01-01&to=2026-03-02"
    assert f'href="{escape(won)}"' in page
    assert len(rows(browser.get(won))) == 3
    assert 'href="/pipeline/"' in page


def test_a_house_without_anything_has_no_figures(cast, as_):
    assert section(as_(cast.eva).get("/today/"), "How it stands") == ""


def test_what_changed_last_week_is_said_with_what_is_usual_and_opens_its_leads(cast, as_, still):
    for week, number in enumerate([20, 5, 6, 5, 4, 6, 5, 5, 6, 4, 5, 5, 6, 5]):
        when = still - timedelta(days=7 * week + 3)
        for n in range(number):
            Lead.open(Contact.create({"name": f"{week} {n}"}, by=None, at=when), entry="partner", by=None, at=when)
    browser = as_(cast.mila)
    told = section(browser.get("/today/"), "Changed beyond chance")
    assert "1 of 1 measures" in told
    assert "Leads that came by “Partner”: 20 last week, usual " in told
    listed = browser.get("/insight/funnel/", {"from": "2026-02-23", "to": "2026-03-01", "only": "lead.entry:partner"})
    assert "20 came in" in main(listed)


def test_behind_broken_promises_stand_the_leads_of_that_week(cast, as_, still):
    lead = Lead.open(Contact.create({"name": "Ann"}, by=None, at=still), entry="partner", by=None, at=still)
    asked = {"which": "broken", "side": "sales", "from": "2026-02-23", "to": "2026-03-01"}
    page = as_(cast.eva).get("/today/leads/", asked)
    assert "A promise was broken from Feb 23, 2026 to Mar 1, 2026" in main(page)
    assert str(lead) not in main(page)
    assert as_(cast.eva).get("/today/leads/", {**asked, "side": "moon"}).status_code == 404
    for days in ({"to": "9999-12-31"}, {"from": "0001-01-01"}, {"from": "soon"}):
        assert as_(cast.eva).get("/today/leads/", {**asked, **days}).status_code == 404


def test_losses_are_told_by_the_name_of_their_reason(sold, cast, as_, still):
    for week in range(14):
        for n in range(12 if week == 0 else 2):
            opened = still - timedelta(days=7 * week + 6)
            deal = sold(f"L{week} {n}", 1_000, "EUR", opened)
            deal.lose(reason="price", by=None, at=opened + timedelta(days=3))
    told = section(as_(cast.saul).get("/today/"), "Changed beyond chance")
    assert "Deals lost for “Price”: 12 last week, usual " in told


def test_deals_without_a_plan_or_past_their_day_wait_for_their_seller(sold, cast, as_, still):
    late = sold("Zeta", 1_000, "EUR", still - timedelta(days=9), expected_close="2026-03-01")
    fine = sold("Eta", 1_000, "EUR", still - timedelta(days=9), expected_close="2026-04-01")
    for one in (late, fine):
        Task.plan(
            owner=cast.felix, lead=one.lead, kind="call", due_at=still + timedelta(days=2), by=cast.felix, at=still
        )
    page = as_(cast.felix).get("/today/")
    told = section(page, "Deals that need you")
    assert "Zeta" in told
    assert "It was to close on Mar 1, 2026." in told
    assert "Epsilon" in told
    assert "Nothing is planned with it." in told
    assert "Eta" not in told.replace("Zeta", "")
    assert section(as_(cast.ines).get("/today/"), "Deals that need you") == ""


@pytest.mark.parametrize(
    ("day", "starts", "first"),
    [
        (date(2026, 3, 2), 1, date(2026, 1, 1)),
        (date(2026, 1, 31), 1, date(2026, 1, 1)),
        (date(2026, 1, 31), 2, date(2025, 11, 1)),
        (date(2026, 2, 1), 2, date(2026, 2, 1)),
        (date(2026, 12, 31), 4, date(2026, 10, 1)),
    ],
)
def test_quarters_go_by_the_fiscal_year(day, starts, first):
    assert quarter(day, starts) == first
