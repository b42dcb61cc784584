"""Promises kept, by hand, and against the clocks themselves as they stood at each time."""

from datetime import timedelta
from fractions import Fraction
from random import Random

import numpy as np
import pytest

from accord.kernel import clock, journal, ledger
from accord.kernel.ledger import Retraction
from accord.rooms.capture.facts import TouchLogged
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.rules import BY_HAND
from accord.rooms.insight import reports
from accord.rooms.insight.clocks import worked
from accord.rooms.insight.questions import CannotAsk, Question, dimension
from accord.rooms.promises.models import Clock
from accord.rooms.team import worktimes
from tests.rooms.capture.conftest import door
from tests.rooms.insight.random_leads import by_share, curve
from tests.rooms.promises.conftest import at, clock_of, enforced, handed
from tests.rooms.promises.days import called, seller, swept
from tests.rooms.promises.test_gaming import at_, backdated, lead_of
from tests.rooms.promises.test_queries import NOW, six
from tests.scenarios.living import on

__all__ = ["at", "clock_of", "door", "enforced", "handed", "six"]
SEEN = ("clocks", "kept", "broken", "late", "open", "void", "excused")


def sla(now=NOW, **asked):
    return reports.answer("sla", Question.asked(on(now), kinds=reports.NAMES["sla"].kinds, **asked))


def listed(cell, now=NOW, **asked):
    return reports.records("sla", Question.asked(on(now), kinds=reports.NAMES["sla"].kinds, **asked), cell)


def counts(tally):
    return tuple(getattr(tally, name) for name in SEEN)


def promised(report, name):
    (found,) = [one for one in report.promises if one.promise == name]
    return found


def test_the_trend_is_of_as_many_weeks_as_have_enough_due_between_them(cast, six, handed, monkeypatch):
    handed("late", "2026-02-09T09:00:00")
    (sales,) = [one for one in sla("2026-02-09T15:00:00").sides if one.mode == "enforced"]
    assert [(week.tally.due, week.trend) for week in sales.weeks] == [(5, None), (1, None)]
    monkeypatch.setattr("accord.rooms.insight.reports.sla.FEW", 5)
    (sales,) = [one for one in sla("2026-02-09T15:00:00").sides if one.mode == "enforced"]
    trends = [week.trend for week in sales.weeks]
    assert [(trend.numerator, trend.denominator) for trend in trends] == [(2, 5), (2, 6)]


def test_kept_is_a_share_of_what_is_due_and_times_are_those_of_all_who_wait(cast, six):
    report = sla()
    first = promised(report, "first_contact")
    assert counts(first.tally) == (6, 2, 2, 0, 1, 1, 0)
    assert (first.tally.due, first.tally.rate.rate, first.tally.too_early) == (4, 0.5, True)
    assert (round(first.tally.rate.low, 4), round(first.tally.rate.high, 4)) == (0.1500, 0.8500)
    assert (first.side, first.mode, first.aim, first.business) == ("sales", "enforced", 0.9, True)
    assert [(week.week, week.tally.due) for week in first.weeks] == [("2026-02-02", 4)]
    # Done after 1, 3 and 5 hours; lost after 2, never within 6.5, fresh for half an hour: all three censored. So 4/5 at
    # 1 h (5 at risk), 8/15 at 3 h (3), 4/15 at 5 h (2).
    assert (first.median.at, first.p90.at) == (5 * 3600, None)
    # A pilot is never added to what is enforced. Of verdicts and attempts: early was accepted, lost took both with it.
    assert [(one.key, one.tally.clocks) for one in report.sides] == [("sales:enforced", 6), ("sales:pilot", 12)]
    assert counts(report.sides[0].tally) == counts(first.tally)
    assert counts(report.sides[1].tally) == (12, 1, 0, 0, 9, 2, 0)
    # The period is that in which a clock began.
    assert sla(since="2026-02-03").promises == []
    assert promised(sla(since="2026-02-02", until="2026-02-02"), "first_contact").tally.clocks == 6


def test_behind_each_number_stand_its_clocks(cast, six):
    cell, key = reports.Cell, promised(sla(), "first_contact").key

    def first(*names):
        return sorted(Clock.objects.get(handoff=six[name], promise="first_contact").pk for name in names)

    assert listed(cell("kept", key)) == first("early", "usual")
    assert listed(cell("broken", key)) == first("tardy", "never")
    assert listed(cell("due", key)) == first("early", "usual", "tardy", "never")
    assert listed(cell("open", key)) == first("fresh")
    assert listed(cell("void", "sales:enforced")) == first("lost")
    assert listed(cell("clocks", "sales:enforced", cohort="2026-02-02")) == first(*six)
    assert listed(cell("clocks", "sales:enforced", cohort="2026-02-09")) == []
    assert len(listed(cell("clocks"))) == 18
    assert listed(cell("clocks", "marketing:pilot")) == []
    for wrong in (cell("noses"), cell("kept", cohort="spring")):
        with pytest.raises(CannotAsk, match="no such number"):
            listed(wrong)


def test_as_of_an_earlier_time_it_stood_otherwise(cast, six):
    def first(as_of):
        return counts(promised(sla(as_of=as_of), "first_contact").tally)

    assert first("2026-02-02T09:45:00") == (5, 0, 0, 0, 5, 0, 0)
    assert first("2026-02-02T10:30:00") == (5, 1, 0, 0, 4, 0, 0)
    assert first("2026-02-02T12:30:00") == (5, 2, 0, 0, 2, 1, 0)
    # At 13:10 two were due, and the worker came only at half past.
    assert first("2026-02-02T13:10:00") == (5, 2, 0, 2, 0, 1, 0)
    assert first("2026-02-02T13:40:00") == (5, 2, 2, 0, 0, 1, 0)
    # What is counted without a clock is told whole. Six qualified this month of the three that are
    # promised; one accepted of one answered in 28 days.
    found = {one.promise: one for one in sla().counted}
    volume, precision = found["volume"].found, found["precision"].found
    assert (volume.number, volume.at_least, volume.kept) == (6, 3.0, True)
    assert (precision.rate.numerator, precision.rate.denominator) == (1, 1)
    assert (precision.open, found["precision"].since) == (4, "2026-01-05")
    # At noon five had qualified; one was accepted, one had been lost, and three waited.
    found = {one.promise: one.found for one in sla(as_of="2026-02-02T12:00:00").counted}
    assert (found["volume"].number, found["volume"].kept) == (5, True)
    assert (found["precision"].rate.denominator, found["precision"].open) == (1, 3)
    found = {one.promise: one.found for one in sla(as_of="2026-02-02T09:15:00").counted}
    assert (found["precision"].rate.rate, found["precision"].open, found["precision"].kept) == (None, 5, None)
    assert sla(as_of="2026-01-01T12:00:00").counted == []  # before the agreement was signed


def test_what_is_counted_as_of_a_past_time_is_what_was_told_then(cast, enforced, handed):
    """Whatever comes later: answers, a machine's touch that had brought one about, and one that was not after all."""
    told = {}

    def happens(when, what):
        with clock.moved_to(on(when)):
            what()
            journal.drain()
        look(when)

    def look(when):
        soon = f"{when[:-2]}30"  # what is written at one time is known some microseconds later
        told[soon] = sla(soon).counted

    def judged(when, *, machine):
        touches = Touch.objects.order_by("-id").values_list("id", flat=True)[:1]
        happens(when, lambda: Verdict.give(list(touches), machine=machine, source="t", at=on(when)))

    anna, bert = handed("anna", "2026-02-02T09:00:00"), handed("bert", "2026-02-02T09:10:00")
    look("2026-02-02T09:20:00")
    judged("2026-02-02T09:30:00", machine=True)
    judged("2026-02-02T09:40:00", machine=False)
    happens("2026-02-02T10:00:00", lambda: anna.accept(by=cast.ines, at=on("2026-02-02T10:00:00")))
    judged("2026-02-02T10:30:00", machine=True)
    back = on("2026-02-02T11:00:00")
    happens("2026-02-02T11:00:00", lambda: bert.give_back("timing", by=cast.ines, at=back))
    numbers = [one.found.number for counted in told.values() for one in counted if one.promise == "volume"]
    assert numbers == [2, 1, 2, 2, 1, 1]
    assert len({str(counted) for counted in told.values()}) > 3
    for when, counted in told.items():
        assert sla("2026-02-03T09:00:00", as_of=when).counted == counted


def test_split_by_promise_owner_team_and_by_the_lead(cast, six):
    by_promise = sla(by="clock.promise").groups
    assert [(one.value, one.label, one.clocks) for one in by_promise] == [
        ("attempts", "attempts", 6), ("first_contact", "first contact", 6), ("verdict", "verdict", 6),
    ]  # fmt: skip
    assert [(one.label, one.clocks) for one in sla(by="clock.owner").groups] == [(str(cast.ines), 18)]
    assert [(one.label, one.clocks) for one in sla(by="clock.team").groups] == [(str(cast.ines.team), 18)]
    assert [(one.label, one.clocks) for one in sla(by="lead.entry").groups] == [("Marketing", 18)]
    assert [(part.key, part.tally.kept) for part in sla(by="lead.entry").groups[0].parts] == [
        ("sales:enforced", 2), ("sales:pilot", 1),
    ]  # fmt: skip
    only = sla(only=["clock.promise:first_contact"])
    assert ([one.promise for one in only.promises], only.counted) == (["first_contact"], [])
    assert len(listed(reports.Cell("clocks", group="verdict"), by="clock.promise")) == 6
    # Two sides, three promises, a week of each side, two parts of a group, two that are counted.
    table = reports.NAMES["sla"].lines(sla(by="lead.entry"))
    assert len(table) == 2 + 3 + 2 + 2 + 2
    line = next(line for line in table if line["promise"] == "first contact")
    assert (line["side"], line["mode"], line["due"], line["kept"], line["rate"], line["median"]) == (
        "sales", "enforced", 4, 2, 0.5, 18000.0,
    )  # fmt: skip
    assert {tuple(one) for one in table} == {tuple(table[0])}


def test_whose_it_is_is_told_as_it_was_then(cast, enforced, handed):
    ivan = seller("ivan")
    one = handed()
    at_("2026-02-02T10:00:00", lambda when: one.reassign(ivan, BY_HAND, by=cast.saul.pk, at=when))
    now = "2026-02-02T11:00:00"
    assert [group.label for group in sla(now, by="clock.owner").groups] == [str(ivan)]
    before = sla(now, by="clock.owner", as_of="2026-02-02T09:30:00")
    assert [group.label for group in before.groups] == [str(cast.ines)]


def test_an_excuse_is_counted_and_mends_nothing(cast, enforced, handed, clock_of):
    one = handed()
    swept("2026-02-02T14:00:00")
    with clock.moved_to(on("2026-02-02T15:00:00")):
        clock_of(one).excuse_with("The line was dead", by=cast.saul, at=on("2026-02-02T15:00:00"))
    assert counts(promised(sla("2026-02-02T16:00:00"), "first_contact").tally) == (1, 0, 1, 0, 0, 0, 1)
    before = sla("2026-02-02T16:00:00", as_of="2026-02-02T14:30:00")
    assert counts(promised(before, "first_contact").tally) == (1, 0, 1, 0, 0, 0, 0)


def test_who_sees_only_their_own_is_told_of_their_own_clocks(cast, six):
    question = {"viewer": cast.paula, "kinds": reports.NAMES["sla"].kinds}
    told = reports.answer("sla", Question.asked(on(NOW), **question))
    assert (told.sides, told.counted) == ([], [])
    assert reports.records("sla", Question.asked(on(NOW), **question), reports.Cell("clocks")) == []
    everything = reports.answer("sla", Question.asked(on(NOW), **question | {"viewer": cast.saul}))
    assert everything.sides[0].tally.clocks == 6
    # The trash takes nothing out of the figures.
    with clock.moved_to(on(NOW)):
        Lead.objects.get(pk=six["never"].lead_id).trash(by=cast.ada.pk, at=on(NOW))
    assert counts(promised(sla("2026-02-02T15:40:00"), "first_contact").tally) == (6, 2, 2, 0, 1, 1, 0)


def test_nothing_is_an_answer_too(house):
    report = sla()
    assert (report.sides, report.promises, report.groups) == ([], [], [])


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_working_time_of_many_is_that_of_each(house, at, zone):
    house.settle({"zone": zone, "hours": "mon-fri 09:00-12:00 13:00-18:00; sat 10:00-14:00"}, by=None, at=at)
    house.settle({"hours": "mon-thu 08:00-17:00"}, by=None, at=on("2026-03-18T10:30:00"))
    held, random = worktimes.worked([None])[None], Random(1)
    starts = [on("2026-03-01") + timedelta(minutes=random.randrange(60 * 24 * 30)) for _each in range(60)]
    ends = [start + timedelta(seconds=random.randrange(-1000, 900_000)) for start in starts]
    micros = [[round((one - on("1970-01-01")).total_seconds() * 1_000_000) for one in of] for of in (starts, ends)]
    found = worked(held, *map(_array, micros))
    assert list(found) == pytest.approx(
        [held.between(start, end).total_seconds() for start, end in zip(starts, ends, strict=True)]
    )


def _array(values):
    return np.array(values, dtype=np.int64)


def acts(cast, leads, ivan, random):
    """What people may do with a lead that was handed over, each as (name, act)."""

    def taken_back(when):
        last = Touch.objects.order_by("-id").first()
        with ledger.write(when) as writing:
            writing.record(
                TouchLogged(last.identity_id, "call_out"), [Retraction(table="touch", row_id=last.pk, reason="wrong")]
            )

    one = random.choice(leads)
    lead = lead_of(one)
    possible = {
        "reassign": lambda when: one.reassign(random.choice([ivan, cast.ines]), BY_HAND, by=cast.saul.pk, at=when),
        "trash": lambda when: lead.trash(by=cast.ada.pk, at=when),
        "take back": taken_back,
    }
    if lead.trashed_at:
        return {"restore": lambda when: lead.restore(by=cast.ada.pk, at=when)}
    if lead.ended_at:
        return {"reopen": lambda when: lead.reopen(by=cast.ada.pk, at=when)} if lead.stage == "lost" else {}
    if one.state in ("offered", "accepted"):
        possible["lose"] = lambda when: lead.move("lost", by=None, at=when, reason="no budget")
    if one.state == "offered":
        possible["accept"] = lambda when: one.accept(by=one.owner, at=when)
    return possible


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_state_of_the_clocks_can_be_told_again_from_the_facts(cast, enforced, handed, seed):
    """Two days at random; at each time the clocks are looked at, and later the report is asked as of these times."""
    random, ivan, leads, looked = Random(seed), seller("ivan"), [], []
    when = on("2026-02-02T09:00:00")
    for step in range(14):
        when += timedelta(minutes=random.choice([7, 45, 90, 200]))
        name = when.isoformat()[:19]
        kind = random.random()
        if kind < 0.4 or not leads:
            leads.append(handed(f"n{step}", name))
        elif kind < 0.6 and (open_ones := [one for one in leads if not lead_of(one).ended_at]):
            called(random.choice(open_ones), cast.ines, name)
        elif kind < 0.75:
            made = (when - timedelta(minutes=random.choice([30, 180]))).isoformat()[:19]
            backdated(random.choice(leads), made, name, cast.ines)
        else:
            for one in leads:
                one.refresh_from_db()
            possible = acts(cast, leads, ivan, random)
            if possible:
                at_(name, possible[random.choice(sorted(possible))])
        if random.random() < 0.6:
            swept(name)
        looked.append(_plainly())
    for moment, expected in looked:
        told = reports.answer(
            "sla", Question(at=on("2026-03-01"), as_of=moment, by=dimension("clock.owner", ("clock",)))
        )
        _compare(told, expected)


def _plainly():
    """The clocks as they stand, from their rows: at which instant, and of each what a tally and its time need."""
    moment = ledger.latest()
    made = worktimes.calendars({row.team_id for row in Clock.objects.all()})
    rows = []
    for row in Clock.objects.order_by("id"):
        standing = {"running": "late" if row.due_at <= moment else "open"}.get(row.state, row.state)
        until = row.stopped_at or row.ended_at or moment
        spent = made[row.team_id].between(row.received_at, until).total_seconds()
        rows.append((row.promise, standing, bool(row.stopped_at), spent, row.owner_id))
    return moment, rows


def _compare(told, expected):
    names = {promise for promise, *_more in expected}
    assert {one.promise for one in told.promises} == names
    for one in told.promises:
        mine = [row for row in expected if row[0] == one.promise]
        states = [row[1] for row in mine]
        tally = tuple(states.count(name) for name in ("kept", "broken", "late", "open", "void"))
        assert (one.promise, *counts(one.tally)[1:6]) == (one.promise, *tally)
        median = by_share(curve([(row[3], row[2]) for row in mine], [True]), Fraction(1, 2))
        assert one.median.at == pytest.approx(median)
    owners = {str(owner): sum(1 for row in expected if row[4] == owner) for *_more, owner in expected}
    assert {group.value: group.clocks for group in told.groups} == owners
