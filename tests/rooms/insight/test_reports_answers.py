"""What sales said to the leads of each source: by hand, and of random pasts against a plain reading of the rows."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.kernel import fields, ledger
from accord.kernel.ledger import Retraction, Rows
from accord.kernel.traits import Given, rows
from accord.kernel.warehouse.generation import generation
from accord.rooms.funnel.facts import LeadMoved
from accord.rooms.funnel.models import Transition
from accord.rooms.insight import reports
from accord.rooms.insight.questions import Question
from accord.rooms.insight.reports.frame import Cell
from accord.rooms.insight.reports.sources import SOURCES, compared
from tests.rooms.insight.conftest import day

START, NOW = day("2026-01-01"), day("2026-03-02")
FAR = {"engaged": 1, "mql": 2, "sal": 3, "sql": 4, "won": 6}
EXITS = ("lost", "recycled", "disqualified")
COLUMNS = ["lead_id", "contact_id", "entry", "move", "to_stage", "reason", "early", "occurred_at", "recorded_at"]
COUNTS = ("offered", "accepted", "returned", "ended", "waiting", "back")


def told(**asked):
    return reports.answer("sources", Question.asked(NOW, **asked))


def listed(measure, stage=None, group=None, **asked):
    return reports.records("sources", Question.asked(NOW, **asked), Cell(measure, stage, group))


def counted(source):
    return tuple(getattr(source.answered, name) for name in COUNTS)


def write(pasts, origins=(), still=NOW):
    """Each past is a list of (day, move, stage, reason, days until it was learnt); the first lead is 1."""
    made = [
        (
            lead,
            lead,
            "marketing" if move == "entered" else None,
            move,
            stage,
            reason,
            False,
            on,
            on + timedelta(days=late),
        )
        for lead, past in enumerate(pasts, 1)
        for on, move, stage, reason, late in past
    ]
    origin = fields.of("lead")["origin"]
    known = [Given(lead, origin, fields.value(origin, value), START, START) for lead, value in origins]
    with ledger.write(still) as writing:
        writing.record(LeadMoved(1, 1, "imported", ""), [Rows(Transition, COLUMNS, made), rows(known)])


def came(number, *moves):
    """On the first of January, and on so many days later each: (days, stage) or (days, "returned", reason)."""
    past = [(START, "entered", "inquiry", "", 0)]
    for days, stage, *reason in moves:
        back = stage == "returned"
        move = "returned" if back else f"to_{stage}" if stage in FAR and stage != "won" else stage
        past.append((START + timedelta(days=days), move, "engaged" if back else stage, reason[0] if reason else "", 0))
    return [past] * number


@pytest.fixture
def answers(db, still):
    """Two accepted, one of them returned later, two returned, one ended, one waits; one never came so far."""
    pasts = [
        *came(1, (3, "mql"), (4, "sal")),
        *came(1, (3, "sql"), (9, "returned", "timing")),
        *came(1, (3, "mql"), (5, "returned", "Budget"), (20, "sal")),
        *came(1, (5, "returned", "no_fit")),
        *came(1, (3, "mql"), (6, "disqualified")),
        *came(1, (3, "mql")),
        *came(1, (3, "engaged")),
    ]
    write(pasts, [(lead, "fair") for lead in range(1, 8)])


def test_the_first_answer_to_each_lead_counts(answers):
    report = told()
    (fair,) = report.sources
    assert counted(fair) == (6, 2, 2, 1, 1, 1)
    assert (fair.answered.rate.numerator, fair.answered.rate.denominator) == (2, 4)
    assert [(r.reason, r.label, r.share.numerator) for r in fair.answered.reasons] == [
        ("budget", "No budget", 1),
        ("no_fit", "Does not fit", 1),
    ]
    lists = {name: listed(name, group="fair") for name in COUNTS}
    assert lists == {
        "offered": [1, 2, 3, 4, 5, 6],
        "accepted": [1, 2],
        "returned": [3, 4],
        "ended": [5],
        "waiting": [6],
        "back": [2],
    }
    assert listed("returned", "budget") == [3]
    line = SOURCES.lines(report)[0]
    assert (line["reason_1"], line["returned_1"], line["reason_3"], line["returned_3"]) == ("No budget", 1, None, None)


def test_as_of_a_past_day_the_answers_of_then(answers):
    (fair,) = told(as_of="2026-01-05").sources
    assert counted(fair) == (5, 2, 0, 0, 3, 0)
    (fair,) = told(as_of="2026-01-07").sources
    assert counted(fair) == (6, 2, 2, 1, 1, 0)


def test_two_sources_side_by_side_show_which_answers_make_the_difference(db, still):
    """Of the fair's 40 sales returned 20 for no budget and 4 for timing; of the mail's 40 it was 4 and 5."""
    returned = {("fair", "budget"): 20, ("fair", "timing"): 4, ("mail", "budget"): 4, ("mail", "timing"): 5}
    pasts, origins = [], []
    for (origin, reason), count in returned.items():
        pasts += came(count, (3, "mql"), (5, "returned", reason))
        origins += [origin] * count
    for origin, count in (("fair", 16), ("mail", 31)):
        pasts += came(count, (3, "mql"), (5, "sal"))
        origins += [origin] * count
    write(pasts, list(enumerate(origins, 1)))
    fair, mail = told().sources
    pair = compared(fair, mail)
    assert [(c.reason, c.one.numerator, c.other.numerator, c.real) for c in pair.reasons] == [
        ("budget", 20, 4, True),
        ("timing", 4, 5, False),
    ]
    assert pair.reasons[0].difference.value == pytest.approx(0.4)
    # Newcombe: Wilson of 20/40 is .3520 to .6480, of 4/40 .0396 to .2305, so that it is
    # .4 - √(.1480² + .1305²) to .4 + √(.1480² + .0604²).
    assert pair.reasons[0].difference.low == pytest.approx(0.2027, abs=1e-3)
    assert pair.reasons[0].difference.high == pytest.approx(0.5599, abs=1e-3)
    assert (pair.accepted.one.numerator, pair.accepted.other.numerator, pair.accepted.real) == (16, 31, True)


def test_what_is_marked_does_not_hold_nothing_in_its_interval(db, still):
    """Accepted were 30 and 20 of 60: Fisher's p is .0952, below a tenth, but Newcombe's interval begins at −.009."""
    pasts, origins = [], []
    for origin, accepted in (("fair", 30), ("mail", 20)):
        pasts += came(accepted, (3, "mql"), (5, "sal")) + came(60 - accepted, (3, "mql"), (5, "returned", "timing"))
        origins += [origin] * 60
    write(pasts, list(enumerate(origins, 1)))
    apart = compared(*told().sources).accepted
    assert (apart.one.numerator, apart.other.numerator) == (30, 20)
    assert apart.difference.low == pytest.approx(-0.009, abs=1e-3)
    assert apart.difference.high > 0
    assert not apart.real


step = st.tuples(
    st.integers(0, 55),
    st.sampled_from(["engaged", "mql", "mql", "sal", "sql", "returned", "returned", "disqualified", "won", "reopened"]),
    st.sampled_from(["timing", "Budget ", ""]),
    st.sampled_from([0, 0, 12]),
)
pasts_of = st.lists(st.tuples(st.integers(0, 20), st.lists(step, max_size=5)), min_size=1, max_size=8)


def history(entered, steps):
    past = [(START + timedelta(days=entered), "entered", "inquiry", "", 0)]
    for on, what, reason, late in steps:
        stage = {"returned": "engaged", "reopened": "inquiry"}.get(what, what)
        move = what if what in ("returned", "reopened", "won", "disqualified") else f"to_{what}"
        past.append((START + timedelta(days=on), move, stage, reason if move == "returned" else "", min(late, 58 - on)))
    return past


def read_plainly(moment, gone):
    """The answer to each lead as of `moment`, from the rows of the table: (answer, reason, returned later)."""
    found = {}
    kept = [t for t in Transition.objects.order_by("id") if t.pk not in gone and t.recorded_at <= moment]
    for lead in sorted({t.lead_id for t in kept}):
        mine = [t for t in kept if t.lead_id == lead and t.occurred_at <= moment]
        entry = min((t for t in mine if t.move == "entered"), key=lambda t: (t.occurred_at, t.pk), default=None)
        if entry is None:
            continue
        later = [t for t in mine if t.move != "entered"]
        when = {t.pk: max(t.occurred_at, entry.occurred_at) for t in later}
        last = max(later, key=lambda t: (t.occurred_at, t.pk), default=entry).to_stage
        offered = any(FAR.get(t.to_stage, 0) >= 2 for t in later)
        accepted = min((when[t.pk] for t in later if FAR.get(t.to_stage, 0) >= 3), default=None)
        back = min((t for t in later if t.move == "returned"), key=lambda t: (t.occurred_at, t.pk), default=None)
        if accepted and (back is None or accepted <= back.occurred_at):
            found[lead] = ("accepted", None, back is not None)
        elif back is not None:
            found[lead] = ("returned", back.reason.strip().lower() or None, False)
        else:
            found[lead] = ("ended" if last in EXITS else "waiting", None, False) if offered else ("", None, False)
    return found


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(pasts=pasts_of, wrong=st.integers(0, 30), as_of=st.sampled_from([None, 15, 40]))
def test_it_is_what_the_rows_say(db, still, pasts, wrong, as_of):
    with transaction.atomic():
        origins = [(lead, "fair" if lead % 2 else "mail") for lead in range(1, len(pasts) + 1)]
        write([history(*past) for past in pasts], origins, still)
        ids = list(Transition.objects.order_by("id").values_list("id", flat=True))
        gone = {ids[wrong]} if wrong < len(ids) else set()
        with ledger.write(still) as writing:
            taken = [Retraction(table="transition", row_id=pk, reason="wrong", recorded_at=START) for pk in gone]
            writing.record(LeadMoved(1, 1, "reverted", ""), taken)
        moment = NOW if as_of is None else START + timedelta(days=as_of)
        question = Question(at=NOW, as_of=None if as_of is None else moment)
        with generation() as read:
            agrees(read, question, read_plainly(moment + timedelta(days=as_of is None), gone))
        transaction.set_rollback(True)


def agrees(read, question, plain):
    report = SOURCES.answer(read, question)
    for source in report.sources:
        side = {lead: said for lead, said in plain.items() if ("fair" if lead % 2 else "mail") == source.value}
        answers = Counter(answer for answer, _reason, _back in side.values())
        assert {name: getattr(source.answered, name) for name in COUNTS[1:5]} == {n: answers[n] for n in COUNTS[1:5]}
        for name in COUNTS:
            wanted = {
                "offered": [lead for lead, said in side.items() if said[0]],
                "back": [lead for lead, said in side.items() if said[2]],
            }.get(name, [lead for lead, said in side.items() if said[0] == name])
            assert SOURCES.records(read, question, Cell(name, group=source.value)) == wanted
            assert getattr(source.answered, name) == len(wanted)
        reasons = Counter(reason for answer, reason, _back in side.values() if answer == "returned")
        assert {r.reason: r.share.numerator for r in source.answered.reasons} == dict(reasons)
    assert report.all.answered.offered == sum(source.answered.offered for source in report.sources)
