"""The flow, against counts by hand and against a plain recount of random histories."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.kernel import fields, ledger, traits
from accord.kernel.traits import Given
from accord.kernel.warehouse.generation import generation
from accord.rooms.funnel.facts import LeadOpened
from accord.rooms.funnel.models import Lead, Transition
from accord.rooms.insight import reports
from accord.rooms.insight.questions import CannotAsk, Question, midnight
from accord.rooms.insight.reports import flow as flows
from accord.rooms.people.models import Contact
from tests.rooms.insight.conftest import day

COUNTS = ("before", "came_in", "went_out", "after")
KINDS = ("entered", "forward", "back", "on", "returned", "ended")
PLACES = ("inquiry", "engaged", "mql", "sal", "sql", "opportunity")
ENDS = ("won", "lost", "recycled", "disqualified", "joined")


def flow(now="2026-03-02", **asked):
    return reports.answer("flow", Question.asked(day(now), **asked))


def listed(cell, now="2026-03-02", **asked):
    return reports.records("flow", Question.asked(day(now), **asked), cell)


def of_day(report, when, stage):
    (found,) = [one for one in report.days if (one.day, one.stage) == (when, stage)]
    return found


def balance(one):
    return tuple(getattr(one, name) for name in COUNTS)


def kinds(one):
    return {name: getattr(one, name) for name in KINDS if getattr(one, name)}


@pytest.fixture
def few(past):
    """By hand, days of UTC. A is returned and comes again, B skips to a win, C is lost and reopened, D came before."""
    a = past(
        "2026-02-10T09:00", ("2026-02-10T10:00", "engaged"), ("2026-02-11T10:00", "mql"),
        ("2026-02-12T10:00", "returned"), ("2026-02-12T15:00", "mql"),
    )  # fmt: skip
    b = past("2026-02-11T09:00", ("2026-02-11T09:00", "opportunity"), ("2026-02-11T12:00", "won"))
    c = past(
        "2026-02-10T00:00", ("2026-02-10T23:59:59.999999", "lost"), ("2026-02-12T00:00", "reopened", "inquiry"),
    )  # fmt: skip
    d = past("2026-01-05", ("2026-01-06", "engaged"))
    return a, b, c, d


def test_each_day_of_each_stage(few):
    report = flow(since="2026-02-10", until="2026-02-12")
    found = {(one.day[-2:], one.stage): balance(one) for one in report.days if any(balance(one))}
    assert found == {
        ("10", "inquiry"): (0, 2, 2, 0),  # A and C came, A went on, C was lost in the last microsecond
        ("10", "engaged"): (1, 1, 0, 2),
        ("10", "lost"): (0, 1, 0, 1),
        ("11", "inquiry"): (0, 1, 1, 0),  # B passed it within an instant
        ("11", "engaged"): (2, 0, 1, 1),
        ("11", "mql"): (0, 1, 0, 1),
        ("11", "opportunity"): (0, 1, 1, 0),
        ("11", "won"): (0, 1, 0, 1),
        ("11", "lost"): (1, 0, 0, 1),
        ("12", "inquiry"): (0, 1, 0, 1),  # C, at midnight, which is of the new day
        ("12", "engaged"): (1, 1, 1, 1),  # A came back and went on again
        ("12", "mql"): (1, 1, 1, 1),
        ("12", "won"): (1, 0, 0, 1),
        ("12", "lost"): (1, 0, 1, 0),
    }
    assert (len(report.days), report.adds_up) == (3 * 11, True)
    assert {one.difference for one in report.days} == {0}


def test_how_they_came_and_how_they_went(few):
    report = flow(since="2026-02-10", until="2026-02-12")
    assert kinds(of_day(report, "2026-02-10", "inquiry")) == {"entered": 2, "on": 1, "ended": 1}
    assert kinds(of_day(report, "2026-02-12", "inquiry")) == {"back": 1}
    assert kinds(of_day(report, "2026-02-12", "engaged")) == {"back": 1, "on": 1}
    assert kinds(of_day(report, "2026-02-12", "mql")) == {"forward": 1, "returned": 1}
    assert kinds(of_day(report, "2026-02-12", "lost")) == {"returned": 1}
    assert kinds(of_day(report, "2026-02-11", "opportunity")) == {"forward": 1, "ended": 1}
    whole = {one.stage: one for one in report.stages}
    assert balance(whole["mql"]) == (0, 2, 1, 1)
    assert kinds(whole["mql"]) == {"forward": 2, "returned": 1}


def test_the_period_as_a_whole(few):
    report = flow(since="2026-02-10", until="2026-02-12")
    # A, B and C came; C was lost and B won; C was reopened. Before there was D; after there are A, C and D.
    assert (report.came, report.left, report.reopened) == (3, 2, 1)
    assert (report.open_before, report.open_after) == (1, 3)
    assert (report.first, report.last, report.zone) == ("2026-02-10", "2026-02-12", "UTC")


def test_behind_each_number_stand_its_leads(few):
    a, b, c, d = few
    asked = {"since": "2026-02-10", "until": "2026-02-12"}
    cell = reports.Cell
    assert listed(cell("came"), **asked) == [a, b, c]
    assert listed(cell("left"), **asked) == [b, c]
    assert listed(cell("reopened"), **asked) == [c]
    assert listed(cell("open_before"), **asked) == [d]
    assert listed(cell("open_after"), **asked) == [a, c, d]
    assert listed(cell("came_in", "mql"), **asked) == [a, a]  # it came twice
    assert listed(cell("returned", "mql", cohort="2026-02-12"), **asked) == [a]
    assert listed(cell("before", "engaged", cohort="2026-02-11"), **asked) == [a, d]
    assert listed(cell("difference", "engaged"), **asked) == []


@pytest.mark.parametrize(
    "cell",
    [
        reports.Cell("noses", "mql"),
        reports.Cell("came_in", "nowhere"),
        reports.Cell("came_in"),
        reports.Cell("came", cohort="2026-02-13"),
        reports.Cell("came", cohort="spring"),
        reports.Cell("came", "nowhere"),
    ],
)
def test_a_number_that_there_is_not_is_refused(few, cell):
    with pytest.raises(CannotAsk, match="no such number"):
        listed(cell, since="2026-02-10", until="2026-02-12")


def test_a_day_is_one_of_the_house_also_when_the_clocks_are_changed(past, house, at):
    """In Berlin 2026-03-29 has 23 hours: it ends at 22:00 UTC, and began at 23:00 UTC of the day before."""
    house.settle({"zone": "Europe/Berlin"}, by=None, at=at)
    for when in ("2026-03-28T22:59:59", "2026-03-28T23:00", "2026-03-29T21:59:59", "2026-03-29T22:00"):
        past(when)
    for when in ("2026-10-24T22:00", "2026-10-25T22:59:59", "2026-10-25T23:00"):  # 25 hours
        past(when, ("2026-10-26T23:00", "lost"))
    spring = flow("2026-11-30", since="2026-03-28", until="2026-03-30")
    assert [balance(one) for one in spring.days if one.stage == "inquiry"] == [(0, 1, 0, 1), (1, 2, 0, 3), (3, 1, 0, 4)]
    autumn = flow("2026-11-30", since="2026-10-25", until="2026-10-27")
    assert [balance(one) for one in autumn.days if one.stage == "inquiry"] == [(4, 2, 0, 6), (6, 1, 0, 7), (7, 0, 3, 4)]
    of_25 = reports.Cell("entered", "inquiry", cohort="2026-10-25")
    assert listed(of_25, "2026-11-30", since="2026-10-25", until="2026-10-27") == [5, 6]


def test_an_offset_is_of_the_house(past, house, at):
    house.settle({"zone": "Asia/Shanghai"}, by=None, at=at)
    past("2026-02-10T15:59:59.999999")
    past("2026-02-10T16:00")
    report = flow(since="2026-02-10", until="2026-02-11")
    assert [balance(one) for one in report.days if one.stage == "inquiry"] == [(0, 1, 0, 1), (1, 1, 0, 2)]


def test_without_days_it_is_the_last_fourteen_that_have_begun(past, house, at):
    house.settle({"zone": "Asia/Shanghai"}, by=None, at=at)
    assert [flow("2026-03-02T15:59").first, flow("2026-03-02T15:59").last] == ["2026-02-17", "2026-03-02"]
    assert flow("2026-03-02T16:01").last == "2026-03-03"
    assert flow("2026-03-02T16:00").last == "2026-03-02"  # at midnight nothing of the new day has passed
    assert (flow(until="2026-02-01").first, flow(until="2026-02-01").last) == ("2026-01-19", "2026-02-01")
    assert (flow(since="2026-03-01").first, flow(until="2027-01-01").last) == ("2026-03-01", "2026-03-02")


def test_more_than_four_hundred_days_are_refused_in_words(house):
    # 2025-01-27 to 2026-03-02 are 399 days and the first one: 400.
    assert len({one.day for one in flow("2026-03-02T12:00", since="2025-01-27").days}) == 400
    with pytest.raises(CannotAsk, match="more than 400 days"):
        flow("2026-03-02T12:00", since="2025-01-26")
    with pytest.raises(CannotAsk, match="has begun"):
        flow(since="2026-04-01")


def test_as_of_a_past_day_it_stays_what_it_was(past):
    past("2026-02-01", ("2026-02-05", "mql"), ("2026-02-20", "won"))
    asked = {"since": "2026-02-01", "as_of": "2026-02-10"}
    before = reports.as_json(flow(**asked))
    assert (before["last"], before["came"]) == ("2026-02-09", 1)
    past("2026-02-02", recorded_at="2026-02-15")
    past("2026-02-12", ("2026-02-13", "lost"))
    after = reports.as_json(flow(**asked))
    mirror = {"generation", "known_at", "history_since"}  # of the files that were read, and of what came since
    for told in (before, after):
        told["told"] = {name: value for name, value in told["told"].items() if name not in mirror}
    assert before == after
    assert flow(since="2026-02-01", until="2026-02-09").came == 2


def test_a_partner_is_told_of_their_own(cast, still):
    leads = [
        Lead.open(Contact.create({"name": name}, by=None, at=still), entry="partner", owner=owner, by=None, at=still)
        for name, owner in (("A", cast.paula), ("B", cast.felix))
    ]
    question = Question.asked(still, viewer=cast.paula)
    told = reports.answer("flow", question)
    assert (told.came, told.open_after) == (1, 1)
    assert reports.records("flow", question, reports.Cell("came_in", "inquiry")) == [leads[0].pk]
    assert reports.answer("flow", Question.asked(still, viewer=cast.saul)).came == 2


def test_what_is_in_the_trash_is_left_out(past, still):
    past("2026-02-20")
    gone, trashed = past("2026-02-20", ("2026-02-21", "won")), fields.of("lead")["trashed"]
    with ledger.write(still) as writing:
        rows = traits.rows([Given(gone, trashed, fields.value(trashed, True), still)])
        writing.record(LeadOpened(lead=gone, contact=gone, entry="import"), [rows])
    assert (flow().came, flow().left) == (1, 0)
    assert (flow(as_of="2026-02-25").came, flow(as_of="2026-02-25").left) == (2, 1)


def test_a_table_has_a_line_a_day_and_stage(few):
    table = reports.NAMES["flow"].lines(flow(since="2026-02-10", until="2026-02-12"))
    assert len(table) == 33
    assert table[0] == {
        "day": "2026-02-10", "stage": "inquiry", "before": 0, "came_in": 2, "entered": 2, "forward": 0, "back": 0,
        "went_out": 2, "on": 1, "returned": 0, "ended": 1, "after": 0, "difference": 0,
    }  # fmt: skip


def test_nothing_is_an_answer_too(house):
    report = flow()
    assert (report.came, report.open_after, report.adds_up, len(report.days)) == (0, 0, True, 14 * 11)


def test_a_stay_that_ends_before_it_began_does_not_add_up():
    """It came on the second day and went on the first: nobody was there, one went, one came."""
    counts = flows.tally(
        flows.Stays(
            stage=np.array([2]), came=np.array(["forward"]), went=np.array(["on"]), since=np.array([1]),
            until=np.array([0]), many=np.array([3]),
        ),
        days=2,
    )  # fmt: skip
    assert counts["stock"][2].tolist() == [0, 0, 0]
    assert (counts["forward"][2].tolist(), counts["on"][2].tolist()) == ([0, 3], [3, 0])


ZONES = ("UTC", "Europe/Berlin", "Asia/Shanghai", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu")


@given(
    st.sampled_from(ZONES),
    st.dates(date(2024, 1, 1), date(2026, 1, 1)),
    st.integers(1, 400),
    st.lists(st.integers(-86_400_000_000 * 3, 86_400_000_000 * 404), min_size=1, max_size=20),
)
@settings(max_examples=40, deadline=None)
def test_the_day_of_an_instant_is_what_the_zone_says(zone, first, many, micros):
    days = [first + timedelta(days=n) for n in range(many)]
    bounds = flows.starts(days, zone)
    instants = [*(bounds[0] + n for n in micros), bounds[0], bounds[-1], bounds[-1] - 1, bounds[many // 2] - 1]
    found = flows.day_of(np.array(instants), bounds)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for at, place in zip(instants, found.tolist(), strict=True):
        local = (epoch + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)).date()
        assert place == max(-1, min((local - first).days, many))


@st.composite
def histories(draw):
    """Transitions of a few leads in any order, with equal instants, over some days around a change of the clocks."""
    start = datetime(2026, 3, 26, tzinfo=UTC)
    written = []
    for lead in range(1, draw(st.integers(1, 5)) + 1):
        for place in range(draw(st.integers(1, 7))):
            stage = draw(st.sampled_from((*PLACES, *ENDS))) if place else "inquiry"
            hours = draw(st.integers(0, 24 * 9))
            at = start + timedelta(hours=hours, microseconds=draw(st.sampled_from((0, 0, 1, -1))))
            written.append((lead, "entered" if place == 0 else "moved", stage, at))
    return written


def recounted(written, days, zone):
    """The same from transitions alone, lead by lead and day by day."""
    counts: defaultdict = defaultdict(Counter)
    by_lead = defaultdict(list)
    for order, (lead, move, stage, at) in enumerate(written):
        by_lead[lead].append((at, order, move, stage))
    for rows in by_lead.values():
        entered = next(at for at, _order, move, _stage in rows if move == "entered")
        rows = sorted((move != "entered", at, order, stage) for at, order, move, stage in rows)
        path = [(max(at, entered).astimezone(zone).date(), stage) for _later, at, _order, stage in rows]
        for place, (when, stage) in enumerate(path):
            if place == 0:
                counts[when, stage]["entered"] += 1
                continue
            before = path[place - 1][1]
            if stage in ENDS:
                counts[when, before]["ended"] += 1
                counts[when, stage]["forward"] += 1
            elif before in ENDS or PLACES.index(stage) <= PLACES.index(before):
                counts[when, before]["returned"] += 1
                counts[when, stage]["back"] += 1
            else:
                counts[when, before]["on"] += 1
                counts[when, stage]["forward"] += 1
        for shown in days:
            held = [stage for when, stage in path if when < shown]
            closed = [stage for when, stage in path if when <= shown]
            if held:
                counts[shown, held[-1]]["before"] += 1
            if closed:
                counts[shown, closed[-1]]["after"] += 1
    return counts


def write(written, at):
    rows = [
        Transition(
            lead_id=lead, contact_id=lead, entry="marketing" if move == "entered" else None, move=move, to_stage=stage,
            occurred_at=when, recorded_at=when,
        )
        for lead, move, stage, when in written
    ]  # fmt: skip
    with ledger.write(at) as writing:
        writing.record(LeadOpened(lead=1, contact=1, entry="import"), rows)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=histories(), zone=st.sampled_from(["Europe/Berlin", "Asia/Shanghai"]))
def test_random_histories_are_told_as_a_plain_recount_tells_them(db, written, zone):
    days = [date(2026, 3, 27) + timedelta(days=n) for n in range(6)]
    start, end = (midnight(one, zone) for one in (days[0], days[-1] + timedelta(days=1)))
    question = Question(at=day("2026-04-10"), start=start, end=end, zone=zone)
    with transaction.atomic():
        write(written, question.at)
        report = reports.answer("flow", question)
        transaction.set_rollback(True)
    expected = recounted(written, days, ZoneInfo(zone))
    for one in report.days:
        of = expected[date.fromisoformat(one.day), one.stage]
        names = (*KINDS, "before", "after")
        assert {name: getattr(one, name) for name in names} == {name: of[name] for name in names}
        assert (one.before + one.came_in - one.went_out, one.difference) == (one.after, 0)


def test_every_number_has_as_many_leads_behind_it(few):
    question = Question.asked(day("2026-03-02"), since="2026-02-10", until="2026-02-12")
    with generation() as read:
        report = flows.answer(read, question)
        shown = [*report.stages, *(one for one in report.days if one.day == "2026-02-12")]
        counted = [(name, one, many) for one in shown for name in (*COUNTS, *KINDS) if (many := getattr(one, name))]
        for name, one, many in counted:
            cell = reports.Cell(name, one.stage, cohort=getattr(one, "day", None))
            assert len(flows.records(read, question, cell)) == many
    # By hand: 7 + 7 + 5 + 4 + 3 + 4 numbers of the whole that are not 0, and 3 + 6 + 6 + 2 + 3 of the 12th.
    assert len(counted) == 50
