"""What is expected of each step of the funnel: by hand, and of random pasts against a plain reading of the rows."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.kernel.warehouse.generation import generation
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Transition
from accord.rooms.insight import reports
from accord.rooms.insight.questions import Question
from accord.rooms.insight.reports.frame import Cell
from accord.rooms.insight.reports.funnel import FUNNEL
from tests.rooms.insight.conftest import day
from tests.rooms.insight.test_reports_answers import NOW, START, history, pasts_of, write


def told(**asked):
    return reports.answer("funnel", Question.asked(day("2026-03-02"), **asked))


def expected(report, stage):
    return next(one.expected for one in report.stages if one.stage == stage)


@pytest.fixture
def five(past, watched):
    """Gone on after 2 days (to MQL at once), lost after 4, joined after 6, gone on after 8, waiting for 60 days."""
    return [
        past("2026-01-01", ("2026-01-03", "mql"), origin="fair"),
        past("2026-01-01", ("2026-01-05", "lost"), origin="fair"),
        past("2026-01-01", ("2026-01-07", "joined"), origin="fair"),
        past("2026-01-01", ("2026-01-09", "engaged")),
        past("2026-01-01"),
    ]


def test_who_is_still_there_may_go_on_as_the_others_did(five):
    """1/5 after day 2; after day 4 3/5 are left and one of them leaves our sight; on day 8 of two one goes on: 3/10."""
    report = told()
    engaged = expected(report, "engaged")
    assert (engaged.entered, engaged.waiting, engaged.too_early) == (5, 1, True)
    assert engaged.rate == pytest.approx(0.2 + 0.3)
    assert engaged.low < 0.5 < engaged.high
    assert next(s.from_previous.rate for s in report.stages if s.stage == "engaged") == 0.4
    assert expected(report, "inquiry") is None
    # Of the two that are engaged or passed it one passed at once; the other waits there.
    assert (expected(report, "mql").rate, expected(report, "mql").waiting) == (0.5, 1)
    assert (expected(report, "sal").rate, expected(report, "sal").waiting) == (0.0, 1)
    assert expected(report, "sql") is None


def test_behind_those_who_may_still_come_stands_their_list(five):
    question = Question.asked(day("2026-03-02"))
    assert reports.records("funnel", question, Cell("waiting", "engaged")) == [five[4]]
    assert reports.records("funnel", question, Cell("waiting", "mql")) == [five[3]]


def test_each_group_has_expectations_of_its_own(five):
    fair = told(by="lead.origin").groups[0]
    # Of three one goes on after day 2, one is lost, one is joined: nobody is left.
    assert (fair.value, expected(fair, "engaged").rate, expected(fair, "engaged").waiting) == ("fair", 1 / 3, 0)


def test_a_return_takes_nothing_back_and_a_loss_that_was_opened_again_is_no_end(past, watched):
    past("2026-01-01", ("2026-01-03", "mql"), ("2026-01-05", "returned"))
    past("2026-01-01", ("2026-01-04", "lost"), ("2026-01-20", "reopened", "inquiry"), ("2026-02-01", "engaged"))
    past("2026-01-01", ("2026-01-04", "lost"), ("2026-01-20", "reopened", "inquiry"))
    engaged = expected(told(), "engaged")
    # On day 2 the first of three, on day 31 one of two; the last is open and waits.
    assert (engaged.rate, engaged.waiting) == (pytest.approx(1 / 3 + 1 / 3), 1)


def test_where_leads_grow_in_number_what_went_on_so_far_is_too_little(past, watched):
    """Half of all go on, each after 20 days; 20 came 60 days ago, 40 came 10 days ago: so far 10 of 60."""
    for n in range(20):
        past("2026-01-01", *([("2026-01-21", "engaged")] if n % 2 else [("2026-01-21", "lost")]))
    for _ in range(40):
        past("2026-02-20")
    report = told()
    engaged = expected(report, "engaged")
    assert next(s.from_previous.rate for s in report.stages if s.stage == "engaged") == pytest.approx(1 / 6)
    assert (engaged.rate, engaged.waiting, engaged.too_early) == (pytest.approx(0.5), 40, False)
    assert engaged.low < 0.5 < engaged.high


def read_plainly(moment):
    """When each lead first came how far, and how and when its way ended: from the rows of the table."""
    found = {}
    rows = [t for t in Transition.objects.order_by("id") if t.recorded_at <= moment and t.occurred_at <= moment]
    for lead in sorted({t.lead_id for t in rows}):
        mine = [t for t in rows if t.lead_id == lead]
        entry = min((t for t in mine if t.move == "entered"), key=lambda t: (t.occurred_at, t.pk), default=None)
        if entry is None:
            continue
        steps = [(0, entry.occurred_at, entry.pk, entry.to_stage)]
        steps += [(1, t.occurred_at, t.pk, t.to_stage) for t in mine if t.move != "entered"]
        reached = {}
        for _turn, when, _pk, stage in sorted(steps):
            for place in range(rules.PLACE.get(stage, -1) + 1):
                reached.setdefault(place, max(when, entry.occurred_at))
        last = max(steps)
        found[lead] = (reached, max(last[1], entry.occurred_at), last[3])
    return found


def share(plain, place, watched):
    """Aalen-Johansen in fractions; how many there are, and how many of these wait."""
    spent = []
    for reached, since, stage in plain.values():
        if place - 1 not in reached:
            continue
        start = reached[place - 1]
        if place in reached:
            spent.append((max(reached[place] - start, timedelta()), "on"))
        elif stage in rules.EXITS:
            spent.append((max(since - start, timedelta()), "ended"))
        else:
            spent.append((max(watched - start, timedelta()), ""))
    still, gone = Fraction(1), Fraction(0)
    for at in sorted({s for s, end in spent if end}):
        risk = sum(s >= at for s, _ in spent)
        ends = [end for s, end in spent if s == at and end]
        gone += still * Fraction(ends.count("on"), risk)
        still *= 1 - Fraction(len(ends), risk)
    return gone, len(spent), sum(not end for _, end in spent)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(pasts=pasts_of, as_of=st.sampled_from([None, 15, 40]))
def test_it_is_what_the_rows_say(db, still, pasts, as_of):
    with transaction.atomic():
        write([history(*past) for past in pasts], (), still)
        moment = NOW + timedelta(days=1) if as_of is None else START + timedelta(days=as_of)
        question = Question(at=NOW, as_of=None if as_of is None else moment)
        with generation() as read:
            report = FUNNEL.answer(read, question)
            plain = read_plainly(moment)
            for place, stage in enumerate(rules.STAGES[1:], 1):
                gone, entered, waiting = share(plain, place, report.told.watched_until)
                one = expected(report, stage)
                assert (one.entered if one else 0) == entered
                if one:
                    assert one.rate == pytest.approx(float(gone))
                    assert one.waiting == waiting == len(FUNNEL.records(read, question, Cell("waiting", stage)))
        transaction.set_rollback(True)
