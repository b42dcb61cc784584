"""Velocity, against times counted by hand and against a plain recount of random histories."""

from collections import Counter
from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accord.kernel import clock, fields, ledger, traits
from accord.kernel.instants import from_micros
from accord.kernel.traits import Given
from accord.kernel.warehouse.generation import generation
from accord.rooms.funnel.facts import LeadOpened
from accord.rooms.funnel.models import Lead
from accord.rooms.insight import reports
from accord.rooms.insight.questions import CannotAsk, Only, Question, dimension
from accord.rooms.insight.reports import NAMES
from accord.rooms.people.models import Contact
from tests.rooms.insight.conftest import day
from tests.rooms.insight.random_leads import EXITS, PLACES, START, by_share, curve, known_paths, worlds, write


def velocity(now="2026-03-02", **asked):
    return reports.answer("velocity", Question.asked(day(now), **asked))


def listed(cell, now="2026-03-02", **asked):
    return reports.records("velocity", Question.asked(day(now), **asked), cell)


def stage(report, name):
    (found,) = [one for one in report.stages if one.stage == name]
    return found


def way(report, name):
    (found,) = [one for one in report.ways if one.way == name]
    return found


def counts(one):
    names = ("stays", "left", "joined", "running") if hasattr(one, "stays") else (
        "begun", "reached", "gone", "joined", "open", "skipped",
    )  # fmt: skip
    return tuple(getattr(one, name) for name in names)


@pytest.fixture
def few(past, watched):
    """Days as an inquiry: A 2, B 4, C 6, D joined after 3, E there for 10 until today; F skipped it."""
    a = past("2026-01-01", ("2026-01-03", "mql"), ("2026-01-13", "sal"), ("2026-01-14", "sql"))
    b = past("2026-01-01", ("2026-01-05", "lost"))
    c = past("2026-01-01", ("2026-01-07", "won"))
    d = past("2026-01-01", ("2026-01-04", "joined"))
    e = past("2026-02-20T09:00")
    f = past("2026-01-01", ("2026-01-01", "engaged"), ("2026-01-21", "mql"), ("2026-02-20", "returned"))
    return a, b, c, d, e, f


def test_days_in_a_stage_count_those_still_there_and_not_the_skipped(few):
    found = stage(velocity(), "inquiry")
    assert counts(found) == (5, 3, 1, 1)
    # Kaplan-Meier: 4/5 after day 2, the joined one leaves, 8/15 after day 4 (3 at risk), 4/15 after day 6.
    assert (found.median.at, found.p75.at, found.p90.at) == (6.0, None, None)
    assert found.too_early
    assert counts(stage(velocity(), "mql")) == (2, 2, 0, 0)
    assert counts(stage(velocity(), "engaged")) == (2, 1, 0, 1)  # F twice: it came back


def test_the_ways_by_when_each_stage_was_first_reached(few):
    report = velocity()
    # To MQL: A 2 days, F 20, C passed it with its win on day 6; B is lost, D joined, E open.
    assert counts(way(report, "entry-mql")) == (6, 3, 1, 1, 1, 0)
    # C passed MQL and SAL at one instant; A took 10 days; F was returned and is open.
    assert counts(way(report, "mql-sal")) == (2, 1, 0, 0, 1, 1)
    assert counts(way(report, "sal-sql")) == (1, 1, 0, 0, 0, 1)
    assert counts(way(report, "sql-opportunity")) == (1, 0, 0, 0, 1, 1)
    assert counts(way(report, "opportunity-won")) == (0, 0, 0, 0, 0, 1)
    assert counts(way(report, "entry-won")) == (6, 1, 1, 1, 3, 0)


def test_a_quarter_and_a_half_of_those_that_get_there(few):
    found = way(velocity(), "entry-mql")
    # Days: A 2 there, D 3 joined, B 4 gone, C 6 there, E 9.6 open, F 20 there.
    # At 2: 1/6. At 6: S before = 5/6 * 3/4 = 5/8 of 3 at risk: 1/6 + 5/24 = 9/24. At 20: S = 5/12 of 1: 9/24 + 10/24.
    assert found.share.rate == pytest.approx(19 / 24)
    # A quarter of 19/24 is 4.75/24, more than the 4/24 at day 2: by day 6; half of it, 9.5/24, by day 20.
    assert (found.quarter.at, found.half.at) == (6.0, 20.0)


def test_a_way_that_nobody_went_has_no_days(few):
    found = way(velocity(), "sql-opportunity")
    assert (found.share.rate, found.half.at, found.half.low) == (0.0, None, None)
    assert way(velocity(), "opportunity-won").share is None


def test_the_period_is_that_in_which_a_stay_or_a_way_began(few):
    a, _b, _c, _d, e, f = few
    report = velocity(since="2026-01-02", until="2026-01-21")
    assert counts(stage(report, "inquiry")) == (0, 0, 0, 0)
    assert counts(stage(report, "mql")) == (2, 2, 0, 0)  # A on the 3rd, F on the 21st
    assert counts(way(report, "entry-mql"))[0] == 0
    assert counts(way(report, "mql-sal")) == (2, 1, 0, 0, 1, 1)
    assert listed(reports.Cell("stays", "mql"), since="2026-01-02", until="2026-01-21") == [a, f]
    assert listed(reports.Cell("stays", "inquiry"), since="2026-02-01") == [e]


def test_behind_each_number_stand_its_leads(few):
    a, b, c, d, e, f = few
    cell = reports.Cell
    assert listed(cell("stays", "inquiry")) == [a, b, c, d, e]
    assert listed(cell("left", "inquiry")) == [a, b, c]
    assert listed(cell("joined", "inquiry")) == [d]
    assert listed(cell("running", "inquiry")) == [e]
    assert listed(cell("stays", "engaged")) == [f, f]
    assert listed(cell("went", "inquiry"), since="2026-01-05", until="2026-01-06") == [b]
    assert listed(cell("before", "inquiry"), since="2026-01-02", until="2026-01-02") == [a, b, c, d]
    assert listed(cell("reached", "entry-mql")) == [a, c, f]
    assert listed(cell("gone", "entry-mql")) == [b]
    assert listed(cell("joined", "entry-won")) == [d]
    assert listed(cell("open", "entry-won")) == [a, e, f]
    assert listed(cell("skipped", "opportunity-won")) == [c]


@pytest.mark.parametrize(
    "cell",
    [
        reports.Cell("noses", "mql"),
        reports.Cell("stays", "won"),
        reports.Cell("begun", "mql"),
        reports.Cell("stays", "mql-sal"),
        reports.Cell("begun"),
        reports.Cell("before", "mql"),
    ],
)
def test_a_number_that_there_is_not_is_refused(few, cell):
    with pytest.raises(CannotAsk, match="no such number"):
        listed(cell)


def spread(past, month, days):
    """A lead a day as an inquiry, for so many days each."""
    for place, many in enumerate(days, start=1):
        entered = day(f"{month}-{place:02}")
        past(entered.isoformat()[:10], ((entered + timedelta(days=many)).isoformat()[:19], "engaged"))


def test_a_period_is_compared_with_as_many_days_before(past, watched):
    spread(past, "2025-12", [2] * 30)
    spread(past, "2025-11", [20] * 30)
    found = stage(velocity(since="2025-12-01", until="2025-12-30"), "inquiry")
    assert velocity(since="2025-12-01", until="2025-12-30").before == "2025-11-01"
    assert (found.stays, found.median.at, found.too_early) == (30, 2.0, False)
    # All of one length: the limits are that length too, and so is the difference.
    assert (found.change.stays, found.change.median.at, found.change.days.value) == (30, 20.0, -18.0)
    assert (found.change.days.low, found.change.days.high, found.change.within_chance) == (-18.0, -18.0, False)


def test_without_a_first_day_there_is_nothing_before(few):
    report = velocity(until="2026-02-01")
    assert (report.before, stage(report, "mql").change) == (None, None)


def test_the_days_before_are_days_of_the_house(past, watched, house, at):
    """In Berlin the clocks are changed on 2026-03-29: the three days before the 31st begin on the 28th at 23:00 UTC."""
    house.settle({"zone": "Europe/Berlin"}, by=None, at=at)
    first, last = past("2026-03-27T23:00"), past("2026-03-30T21:59:59")
    past("2026-03-27T22:59:59")
    past("2026-03-30T22:00")
    asked = {"since": "2026-03-31", "until": "2026-04-02"}
    assert velocity("2026-04-10", **asked).before == "2026-03-28"
    assert listed(reports.Cell("before", "inquiry"), "2026-04-10", **asked) == [first, last]


def test_littles_law_holds_where_everything_is_told(past, watched):
    """METHODS R43 at a fifth of its size: one a day for 20 days each; from the 21st day on there are always 20."""
    for place in range(59):
        entered = day("2026-01-01") + timedelta(days=place)
        past(entered.isoformat()[:19], ((entered + timedelta(days=20)).isoformat()[:19], "engaged"))
    found = stage(velocity("2026-04-01", since="2026-01-22", until="2026-02-28"), "inquiry").balance
    assert found.there == pytest.approx(20.0)  # 22 January to 28 February: 38 days, 38 came, 38 went
    assert (found.came_a_day, found.went, found.mean_days) == (pytest.approx(1.0), 38, pytest.approx(20.0))
    assert (found.expected, found.deviation, found.alarm, found.too_early) == (
        pytest.approx(20.0),
        pytest.approx(0.0),
        False,
        False,
    )


def test_leads_that_nobody_closed_are_an_alarm(past, watched):
    """30 that are inquiries since the year before, and one a day for one day: there are 31 at a time, not 1."""
    for _each in range(30):
        past("2025-10-01")
    spread(past, "2026-01", [1] * 31)
    found = stage(velocity(since="2026-01-02", until="2026-01-31"), "inquiry").balance
    assert (found.there, found.expected) == (pytest.approx(31.0), pytest.approx(1.0))
    assert (found.deviation, found.alarm) == (pytest.approx(30 / 31), True)


def test_where_few_went_there_is_no_alarm(few):
    found = stage(velocity(), "mql").balance
    assert (found.went, found.too_early, found.alarm) == (2, True, False)
    # From the first of January to the second of March at nine: 60.375 days. A was 10 days in MQL, F 30.
    assert (found.there, found.mean_days) == (pytest.approx(40 / 60.375), pytest.approx(20.0))
    assert stage(velocity(), "sal").balance.went == 1
    assert stage(velocity(), "opportunity").balance.mean_days is None


def test_split_by_a_field(past, watched):
    past("2026-01-01", ("2026-01-03", "mql"), origin="fair")
    past("2026-01-01", ("2026-01-05", "mql"), origin="Fair")
    past("2026-01-01", ("2026-01-09", "mql"))
    report = velocity(by="lead.origin")
    told = [(group.label, group.stays, stage(group, "inquiry").median.at) for group in report.groups]
    assert told == [("fair", 4, 2.0), ("not known", 2, 8.0)]
    assert way(report.groups[0], "entry-mql").reached == 2
    assert listed(reports.Cell("reached", "entry-mql", group=""), by="lead.origin") == [3]
    assert listed(reports.Cell("stays", "inquiry", group="fair"), by="lead.origin") == [1, 2]
    assert listed(reports.Cell("stays", "inquiry", group="nobody"), by="lead.origin") == []
    only = velocity(only=["lead.origin:fair"])
    assert (stage(only, "inquiry").stays, only.groups) == (2, [])


def test_as_of_a_past_day_it_stays_what_it_was(past, watched):
    past("2026-02-01", ("2026-02-05", "mql"), ("2026-02-20", "won"))
    asked = {"as_of": "2026-02-10", "by": "lead.entry"}
    before = reports.as_json(velocity(**asked))
    past("2026-02-02", recorded_at="2026-02-15")
    past("2026-02-12", ("2026-02-13", "lost"))
    after = reports.as_json(velocity(**asked))
    mirror = {"generation", "known_at", "history_since"}  # of the files that were read, and of what came since
    for told in (before, after):
        told["told"] = {name: value for name, value in told["told"].items() if name not in mirror}
    assert before == after
    assert counts(stage(velocity(as_of="2026-02-10"), "mql")) == (1, 0, 0, 1)


def test_in_a_house_that_imported_its_past_what_runs_ends_with_the_last_of_it(past):
    past("2025-01-01", ("2025-01-11", "engaged"))
    past("2025-01-01")
    found = stage(velocity(), "engaged")
    assert counts(found) == (1, 0, 0, 1)
    assert stage(velocity(), "inquiry").balance.there == pytest.approx(2.0)  # from the first to the eleventh of January


def test_a_partner_is_told_of_their_own(cast, still):
    leads = [
        Lead.open(Contact.create({"name": name}, by=None, at=still), entry="partner", owner=owner, by=None, at=still)
        for name, owner in (("A", cast.paula), ("B", cast.felix))
    ]
    with clock.moved_to(still + timedelta(days=3)):
        question = Question.asked(clock.now(), viewer=cast.paula)
        assert counts(stage(reports.answer("velocity", question), "inquiry")) == (1, 0, 0, 1)
        assert reports.records("velocity", question, reports.Cell("running", "inquiry")) == [leads[0].pk]
        everything = reports.answer("velocity", Question.asked(clock.now(), viewer=cast.saul))
    assert stage(everything, "inquiry").running == 2


def test_what_is_in_the_trash_is_left_out(past, still, watched):
    past("2026-01-01", ("2026-01-11", "mql"))
    gone, trashed = past("2026-01-01", ("2026-02-10", "mql")), fields.of("lead")["trashed"]
    with ledger.write(still) as writing:
        rows = traits.rows([Given(gone, trashed, fields.value(trashed, True), still)])
        writing.record(LeadOpened(lead=gone, contact=gone, entry="import"), [rows])
    assert (stage(velocity(), "inquiry").stays, stage(velocity(), "inquiry").median.at) == (1, 10.0)
    assert way(velocity(), "entry-mql").begun == 1


def test_nothing_is_an_answer_too(house):
    report = velocity(since="2026-01-01")
    assert [counts(one) for one in report.stages] == [(0, 0, 0, 0)] * 6
    assert [one.balance.there for one in report.stages] == [0.0] * 6
    assert [one.balance for one in velocity().stages] == [None] * 6
    assert [counts(one) for one in report.ways] == [(0, 0, 0, 0, 0, 0)] * 6


def test_a_table_has_a_line_a_stage_way_and_group(few):
    table = reports.NAMES["velocity"].lines(velocity(by="lead.entry"))
    assert len(table) == 2 * 12
    inquiry, sal = table[0], table[7]
    assert (inquiry["group"], inquiry["kind"], inquiry["of"], inquiry["median"]) == ("", "stage", "inquiry", 6.0)
    assert (sal["kind"], sal["of"], sal["begun"], sal["done"], sal["skipped"]) == ("way", "mql-sal", 2, 1, 1)
    assert {tuple(line) for line in table} == {tuple(inquiry)}


WAYS = {
    "entry-mql": ("entry", "mql"), "mql-sal": ("mql", "sal"), "sal-sql": ("sal", "sql"),
    "sql-opportunity": ("sql", "opportunity"), "opportunity-won": ("opportunity", "won"), "entry-won": ("entry", "won"),
}  # fmt: skip


def stays_of(paths, moment):
    """(lead, stage, since, until or None, how it ended) of whoever stayed for any time."""
    for lead, path in paths:
        for (since, name), following in zip(path, [*path[1:], None], strict=True):
            if name not in PLACES[:-1] or (following and following[0] == since):
                continue
            if following is None:
                yield lead, name, since, None, "running"
            else:
                yield lead, name, since, following[0], "joined" if following[1] == "joined" else "left"


def ways_of(paths, start, end, moment):
    """(lead, since, microseconds, how it ended) of whoever came as far as the start."""
    for lead, path in paths:

        def first(name, path=path):
            far = [at for at, stage in path if stage in PLACES and PLACES.index(stage) >= PLACES.index(name)]
            return min(far, default=None)

        since, there = path[0][0] if start == "entry" else first(start), first(end)
        last_at, last = path[-1]
        if since is None:
            continue
        if there is not None:
            yield lead, since, there - since, "skipped" if there == since else "reached"
        elif last in EXITS:
            yield lead, since, last_at - since, "joined" if last == "joined" else "gone"
        else:
            yield lead, since, moment - since, "open"


def in_days(time):
    return None if time is None else time / timedelta(days=1)


def within(since, start, end):
    return (start is None or since >= start) and (end is None or since < end)


def compared_stays(report, stays, start, end, moment):
    for name in PLACES[:-1]:
        mine = [one for one in stays if one[1] == name and within(one[2], start, end)]
        told, ends = stage(report, name), Counter(one[4] for one in mine)
        assert counts(told) == (len(mine), ends["left"], ends["joined"], ends["running"])
        found = curve([((until or moment) - since, how) for _l, _s, since, until, how in mine], ["left"])
        assert [told.median.at, told.p75.at, told.p90.at] == [
            pytest.approx(in_days(by_share(found, share)))
            for share in (Fraction(1, 2), Fraction(3, 4), Fraction(9, 10))
        ]


def compared_ways(report, paths, start, end, moment):
    for name, (one, other) in WAYS.items():
        mine = [row for row in ways_of(paths, one, other, moment) if within(row[1], start, end)]
        ends, told = Counter(row[3] for row in mine), way(report, name)
        expected = tuple(ends[how] for how in ("reached", "gone", "joined", "open", "skipped"))
        assert counts(told) == (len(mine) - ends["skipped"], *expected)
        found = curve([(span, how) for _l, _s, span, how in mine if how != "skipped"], ["reached", "gone"])
        share = found[-1][1] if found else Fraction(0)
        assert told.share is None or told.share.rate == pytest.approx(float(share))
        halves = [
            in_days(by_share(found, share * part)) if share else None for part in (Fraction(1, 4), Fraction(1, 2))
        ]
        assert [told.quarter.at, told.half.at] == [pytest.approx(one) for one in halves]


def compared_balance(report, stays, start, end, moment):
    first = start or min((one[2] for one in stays), default=moment)
    last = min(end or moment, moment)
    for name in PLACES[:-1]:
        told, mine = stage(report, name).balance, [one for one in stays if one[1] == name]
        if first >= last:
            assert told is None
            continue
        there = sum(
            (max(min(until or moment, last) - max(since, first), timedelta(0)) for _l, _s, since, until, _h in mine),
            timedelta(0),
        )
        went = [until - since for _l, _s, since, until, _h in mine if until and first <= until < last]
        assert told.there == pytest.approx(there / (last - first))
        assert told.went == len(went)
        assert told.mean_days == (
            pytest.approx(sum(went, timedelta(0)) / len(went) / timedelta(days=1)) if went else None
        )


@settings(
    max_examples=8, phases=[Phase.generate], deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), world=worlds())
def test_random_pasts_are_told_as_a_plain_recount_tells_them(cast, still, watched, data, world):
    origin, own = data.draw(st.sampled_from([None, None, "fair", ""])), data.draw(st.booleans())
    start = data.draw(st.sampled_from([None, START + timedelta(days=5)]))
    end = data.draw(st.sampled_from([None, START + timedelta(days=15)]))
    by = data.draw(st.sampled_from([None, "lead.origin"]))
    as_of = data.draw(st.sampled_from([None, START + timedelta(days=20)]))
    question = Question(
        at=still, as_of=as_of, start=start, end=end, by=dimension(by) if by else None,
        viewer=cast.paula if own else None, only=() if origin is None else (Only(dimension("lead.origin"), origin),),
    )  # fmt: skip
    with transaction.atomic():
        write(world, still, {"mine": cast.paula, "theirs": cast.felix})
        with generation() as read:
            report = NAMES["velocity"].answer(read, question)
            looked_at = data.draw(st.lists(st.sampled_from(sorted(asked(report))), min_size=2, max_size=2, unique=True))
            lists = {name: NAMES["velocity"].records(read, question, reports.Cell(*name)) for name in looked_at}
            moment = from_micros(question.moment(read))
        transaction.set_rollback(True)
    paths = list(known_paths(world, moment, origin=origin, owner="mine" if own else None))
    stays = list(stays_of(paths, moment))
    compared_stays(report, stays, start, end, moment)
    compared_ways(report, paths, start, end, moment)
    compared_balance(report, stays, start, end, moment)
    assert {name: len(found) for name, found in lists.items()} == {name: asked(report)[name] for name in looked_at}
    assert {lead for found in lists.values() for lead in found} <= {lead for lead, _path in paths}
    for group in report.groups:
        mine = [one for one in paths if world.origins[one[0]] == (group.value or "")]
        compared_stays(group, list(stays_of(mine, moment)), start, end, moment)
        compared_ways(group, mine, start, end, moment)


def asked(report):
    """Every number of the report that has a list."""
    of_stages = {(name, one.stage): getattr(one, name) for one in report.stages for name in ("stays", "left", "joined")}
    running = {("running", one.stage): one.running for one in report.stages}
    went = {("went", one.stage): one.balance.went for one in report.stages if one.balance}
    before = {("before", one.stage): one.change.stays for one in report.stages if one.change}
    names = ("begun", "reached", "gone", "joined", "open", "skipped")
    return of_stages | running | went | before | {(n, one.way): getattr(one, n) for one in report.ways for n in names}
