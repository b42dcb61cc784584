"""Cohorts and sources, against figures worked out by hand and against what is published of Olist's funnel."""

import csv
from pathlib import Path

import pytest

from accord.kernel import fields, ledger
from accord.kernel.ledger import Rows
from accord.kernel.traits import Given, rows
from accord.rooms.funnel.facts import LeadMoved
from accord.rooms.funnel.models import Transition
from accord.rooms.insight import reports
from accord.rooms.insight.questions import Question
from tests.rooms.insight.conftest import day

OLIST = Path(__file__).parents[3].parent / "shared" / "data" / "olist_marketing_funnel"
needs_olist = pytest.mark.skipif(not OLIST.exists(), reason="needs the Olist marketing funnel beside the checkout")


def asked(name, **question):
    return reports.answer(name, Question.asked(day("2026-03-02"), **question))


def listed(name, question, *cell, **more):
    return reports.records(name, Question.asked(day("2026-03-02"), **question), reports.Cell(*cell, **more))


def at_age(cohort, days):
    return next(age for age in cohort.ages if age.days == days)


@pytest.fixture
def january(past, watched):
    """Five leads, 60 days old: won on day 5, lost on day 6, joined on day 20, won on day 25, open."""
    return [
        past("2026-01-01", ("2026-01-06", "won"), origin="email"),
        past("2026-01-01", ("2026-01-07", "lost"), origin="Email"),
        past("2026-01-01", ("2026-01-21", "joined"), origin="social"),
        past("2026-01-01", ("2026-01-26", "won")),
        past("2026-01-01"),
    ]


def test_outcomes_compete_and_a_joined_lead_is_censored_on_that_day(january):
    [cohort] = asked("cohorts").cohorts
    assert (cohort.cohort, cohort.leads) == ("2026-01", 5)
    assert cohort.outcomes == {"won": 2, "lost": 1, "disqualified": 0, "recycled": 0, "joined": 1, "open": 1}
    # Day 5: 1/5 won. Day 6: S = 4/5, 1 of 4 lost: 1/5. Day 25: S = 3/5, 1 of the 2 left won: 3/10.
    week, month = at_age(cohort, 7).shares, at_age(cohort, 30).shares
    assert {name: share.rate for name, share in week.items()} == pytest.approx(
        {"open": 0.6, "won": 0.2, "lost": 0.2, "disqualified": 0, "recycled": 0}
    )
    assert {name: share.rate for name, share in month.items()} == pytest.approx(
        {"open": 0.3, "won": 0.5, "lost": 0.2, "disqualified": 0, "recycled": 0}
    )
    assert all(share.low <= share.rate <= share.high for share in month.values())


def test_what_nobody_is_old_enough_for_is_not_told(january, past):
    past("2026-01-31T12:00:00")  # 29.5 days old
    cohort = asked("cohorts").cohorts[0]
    assert at_age(cohort, 7).observed == 1
    assert at_age(cohort, 30).observed == pytest.approx(5 / 6)
    assert (at_age(cohort, 90).observed, at_age(cohort, 90).shares) == (0, None)
    assert cohort.projected is None


def test_months_are_those_of_the_house(past, house, at):
    house.settle({"zone": "America/New_York"}, by=None, at=at)
    early, late = past("2026-02-01T04:59:59"), past("2026-02-01T05:00:00")
    assert [cohort.cohort for cohort in asked("cohorts").cohorts] == ["2026-01", "2026-02"]
    assert listed("cohorts", {}, "leads", cohort="2026-01") == [early]
    assert listed("cohorts", {}, "open", cohort="2026-02") == [late]


def test_behind_every_outcome_of_a_cohort_stands_its_list(january):
    assert listed("cohorts", {}, "won", cohort="2026-01") == [january[0], january[3]]
    assert listed("cohorts", {}, "joined", cohort="2026-01") == [january[2]]
    assert listed("cohorts", {}, "leads") == january
    assert listed("cohorts", {}, "leads", cohort="2025-12") == []


def test_cohorts_of_a_field_are_its_groups_each_from_the_day_of_entry(january, past):
    late = past("2026-02-26", origin="Email")
    report = asked("cohorts", by="lead.origin")
    assert [(c.cohort, c.label, c.leads, c.outcomes["won"]) for c in report.cohorts] == [
        ("email", "email", 3, 1),
        ("social", "social", 1, 0),
        ("", "not known", 2, 1),
    ]
    # Of the three by mail one is won on day 5 and one lost on day 6, the late one is four days old: 1/2 and 1/2.
    email = at_age(report.cohorts[0], 7)
    assert (email.observed, email.shares["won"].rate, email.shares["lost"].rate) == (2 / 3, 0.5, 0.5)
    assert listed("cohorts", {"by": "lead.origin"}, "leads", cohort="email") == [*january[:2], late]
    assert listed("cohorts", {"by": "lead.origin"}, "won", cohort="") == [january[3]]
    table = reports.NAMES["cohorts"].lines(report)
    assert {line["cohort"] for line in table} == {"email", "social", "not known", ""}


def test_of_many_values_the_twelve_largest_are_cohorts_of_their_own(past, watched):
    leads = {f"s{n:02}": [past("2026-01-01", origin=f"s{n:02}") for _ in range(n)] for n in range(1, 15)}
    report = asked("cohorts", by="lead.origin")
    assert [(c.cohort, c.leads) for c in report.cohorts] == [
        *((f"s{n:02}", n) for n in range(14, 2, -1)),
        ("OTHERS", 3),
    ]
    assert report.cohorts[-1].label == "all others"
    assert listed("cohorts", {"by": "lead.origin"}, "leads", cohort="OTHERS") == [*leads["s01"], *leads["s02"]]
    assert sum(c.leads for c in report.cohorts) == report.all.leads == 105


def test_thirteen_values_are_not_folded_into_one(past, watched):
    for n in range(1, 14):
        past("2026-01-01", origin=f"s{n:02}")
    assert len(asked("cohorts", by="lead.origin").cohorts) == 13


def test_sources_compare_normalised_and_keep_the_unknown_apart(january):
    report = asked("sources")
    assert [(s.value, s.label, s.leads, s.won, s.open) for s in report.sources] == [
        ("email", "email", 2, 1, 0),
        ("social", "social", 1, 0, 0),
        (None, "not known", 2, 1, 1),
    ]
    assert all(source.too_early for source in report.sources)
    assert (report.by, report.age, report.all.leads, report.all.won) == ("lead.origin", 30, 5, 2)
    assert report.all.won_share.rate == pytest.approx(0.5)
    assert listed("sources", {}, "leads", group="email") == january[:2]
    assert listed("sources", {}, "won", group="") == [january[3]]


def test_sources_by_any_field(january):
    report = asked("sources", by="lead.entry")
    assert [(source.label, source.leads) for source in report.sources] == [("Marketing", 5)]


def test_without_leads_nothing_is_told(house):
    assert asked("cohorts").cohorts == []
    assert asked("sources").sources == []
    assert asked("sources").all.rate.rate is None


@pytest.fixture
def olist(db, still):
    """All 8,000 leads and 842 wins, recorded when they happened, as an import of history writes them."""
    won = {row["mql_id"]: day(row["won_date"]) for row in read("closed_deals")}
    leads = {row["mql_id"]: row for row in read("marketing_qualified_leads")}
    ids = {key: number for number, key in enumerate(leads, 1)}
    first = {key: day(row["first_contact_date"]) for key, row in leads.items()}
    columns = ["lead_id", "contact_id", "entry", "move", "to_stage", "reason", "early", "occurred_at", "recorded_at"]
    entered = [(ids[k], ids[k], "import", "entered", "inquiry", "", False, first[k], first[k]) for k in leads]
    wins = [(ids[k], ids[k], None, "won", "won", "", when < first[k], when, when) for k, when in won.items()]
    origin = fields.of("lead")["origin"]
    given = [
        Given(ids[k], origin, fields.value(origin, row["origin"]), first[k], first[k])
        for k, row in leads.items()
        if row["origin"]
    ]
    with ledger.write(still) as writing:
        writing.record(LeadMoved(1, 1, "imported", ""), [Rows(Transition, columns, [*entered, *wins]), rows(given)])


def read(name):
    with (OLIST / f"olist_{name}_dataset.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@needs_olist
def test_leads_of_2018_convert_as_published(olist):
    report = asked("cohorts", since="2018-01-01", as_of="2018-11-14 18:04:19")
    assert (report.all.leads, report.all.outcomes["won"], report.early) == (5998, 781, 1)
    won = {days: at_age(report.all, days).shares["won"].rate for days in (7, 30, 90, 270)}
    assert won == pytest.approx({7: 0.041, 30: 0.091, 90: 0.113, 270: 0.133}, abs=0.0005)
    assert [cohort.cohort for cohort in report.cohorts] == ["2018-01", "2018-02", "2018-03", "2018-04", "2018-05"]
    assert sum(cohort.leads for cohort in report.cohorts) == 5998
    assert 781 <= report.all.projected.low < report.all.projected.wins < report.all.projected.high < 5998


def test_where_only_a_past_was_told_nobody_was_watched_after_its_last_word(past):
    past("2026-01-01", ("2026-01-09", "won"))
    past("2026-01-02")
    report = asked("cohorts")
    assert report.told.watched_until == day("2026-01-09")
    # Eight days and seven: both were watched for a week, neither for a month.
    assert [(age.days, age.observed) for age in report.all.ages[:2]] == [(7, 1.0), (30, 0.0)]


def test_in_a_house_that_works_on_they_are_watched_until_now(january):
    report = asked("cohorts")
    assert report.told.watched_until == report.told.as_of


@needs_olist
def test_the_figures_of_olist_need_no_date_to_be_asked_for(olist):
    report = asked("cohorts", since="2018-01-01")
    won = {days: at_age(report.all, days).shares["won"].rate for days in (7, 30, 90, 270)}
    assert won == pytest.approx({7: 0.041, 30: 0.091, 90: 0.113, 270: 0.133}, abs=0.0005)


@needs_olist
def test_every_win_of_2018_is_in_a_list(olist):
    question = {"since": "2018-01-01", "as_of": "2018-11-15"}
    january = listed("cohorts", question, "won", cohort="2018-01")
    assert len(january) == asked("cohorts", **question).cohorts[0].outcomes["won"]
    every = listed("cohorts", question, "won")
    assert len(every) == len(set(every)) == 781
    assert set(january) < set(every)


@needs_olist
def test_sources_of_olist_are_as_published(olist):
    sources = {source.label: source for source in asked("sources").sources}
    rates = {
        label: sources[label].rate.rate for label in ("unknown", "Paid search", "Organic search", "social", "email")
    }
    assert rates == pytest.approx(
        {"unknown": 0.163, "Paid search": 0.123, "Organic search": 0.118, "social": 0.056, "email": 0.030}, abs=0.0005
    )
    assert sources["not known"].leads == 60
    assert sum(source.leads for source in sources.values()) == 8000


@needs_olist
def test_a_report_of_that_time_names_what_was_imported_since(olist):
    report = asked("funnel", as_of="2018-11-15")
    assert (report.entered, report.won, report.unaccounted) == (8000, 842, 0)
    assert report.told.history_since == 8842
