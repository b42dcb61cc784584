"""Every report gives the same answer on Spark, over the same files."""

import pytest

from accord.kernel import fields, ledger, traits
from accord.kernel.traits import Given
from accord.rooms.funnel.facts import LeadOpened
from accord.rooms.insight import reports
from accord.rooms.insight.questions import Question

CELLS = {
    "funnel": [
        reports.Cell("entered", stage="mql"),
        reports.Cell("now", stage="engaged"),
        reports.Cell("leads", group=""),
        reports.Cell("waiting", stage="engaged"),
    ],
    "flow": [
        reports.Cell("came"),
        reports.Cell("returned", stage="mql"),
        reports.Cell("difference", stage="inquiry"),
    ],
    "velocity": [
        reports.Cell("stays", stage="inquiry"),
        reports.Cell("reached", stage="entry-mql", group=""),
        reports.Cell("went", stage="mql"),
    ],
    "sla": [reports.Cell("clocks"), reports.Cell("kept", "sales:enforced")],
    "overrides": [reports.Cell("placed"), reports.Cell("open", "rule")],
    "cohorts": [reports.Cell("won", cohort="2026-01"), reports.Cell("open")],
    "sources": [
        reports.Cell("leads", group="email"),
        reports.Cell("leads", group=""),
        reports.Cell("returned"),
        reports.Cell("accepted"),
    ],
    "winloss": [
        reports.Cell("won"),
        reports.Cell("lost_because", stage="price"),
        reports.Cell("regained"),
        reports.Cell("opened", group=""),
    ],
}


@pytest.fixture
def some(past, sale, still):
    sale("2026-01-01", ("2026-01-11", "won", "fit"), amount=50_000, currency="EUR")
    sale("2026-01-05", ("2026-01-08", "lost", "Price"), ("2026-01-20", "open"), ("2026-02-08", "won", "fit"))
    sale("2026-01-05", ("2026-01-08", "lost", "Price"), come_back_on="2026-06-01")
    sale("2026-01-10", trashed=[("2026-01-20", True)])
    past("2026-01-01", ("2026-01-06", "won"), origin="Email")
    past("2026-01-01", ("2026-01-07", "mql"), ("2026-01-08", "returned"), origin="email")
    past("2026-01-05", ("2026-01-03", "won"), origin="social")
    past(
        "2026-02-01", ("2026-02-10", "sql"), ("2026-02-12", "lost"), ("2026-02-20", "reopened", "sql"), entry="partner"
    )
    past("2026-02-01", ("2026-02-10", "joined"))
    industry, company = fields.of("company")["industry"], fields.of("contact")["company"]
    given = [
        Given(7, industry, fields.value(industry, "Steel"), still),
        *(Given(contact, company, fields.value(company, 7), still) for contact in (1, 2, 3)),
    ]
    trashed, removed = fields.of("lead")["trashed"], past("2026-01-02", ("2026-01-20", "mql"))
    given.append(Given(removed, trashed, fields.value(trashed, True), still))
    with ledger.write(still) as writing:
        writing.record(LeadOpened(lead=1, contact=1, entry="import"), [traits.rows(given)])


def told(name, question):
    plain = reports.as_json(reports.answer(name, question))
    return plain, [reports.records(name, question, cell) for cell in CELLS[name]]


@pytest.mark.prove
@pytest.mark.parametrize("name", list(CELLS))
@pytest.mark.parametrize("asked", [{}, {"by": "company.industry", "since": "2026-01-01"}, {"as_of": "2026-01-31"}])
def test_a_report_is_the_same_on_spark(some, still, settings, name, asked):
    question = Question.asked(still, **asked)
    expected = told(name, question)
    settings.WAREHOUSE = "pyspark://local[2]"
    assert told(name, question) == expected
