"""Funnel, cohorts and sources beside a slow count of their own, by every filter and in every scope; every report as
each role sees it, and as of a past day after more has come in."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.kernel.instants import from_micros
from accord.kernel.warehouse.generation import generation
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.insight import reports
from accord.rooms.insight.questions import CannotAsk, Only, Question, dimension
from accord.rooms.insight.reports import NAMES, Cell
from accord.rooms.people.models import Contact
from accord.rooms.team.models import Member
from accord.rooms.team.rules import ROLES
from tests.rooms.insight.random_leads import EXITS, PLACES, START, known_paths, worlds, write

OPENLY = ("totals", "leaks", "nudges", "usual")  # counted where they stand, or of the whole house


def plain(paths):
    """(entered at, furthest place, where it stands) of each lead."""
    for lead, path in paths:
        places = [PLACES.index(stage) for _at, stage in path if stage in PLACES]
        yield lead, path[0][0], max(places, default=-1), path[-1][1]


def counted(rows):
    return {
        "entered": {stage: sum(far >= place for _l, _at, far, _s in rows) for place, stage in enumerate(PLACES)},
        "now": Counter(stands for _l, _at, _far, stands in rows),
    }


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data(), world=worlds())
def test_a_plain_count_says_the_same(cast, still, watched, data, world):
    origin, own = data.draw(st.sampled_from([None, None, "fair", ""])), data.draw(st.booleans())
    start = data.draw(st.sampled_from([None, START + timedelta(days=5)]))
    end = data.draw(st.sampled_from([None, START + timedelta(days=15)]))
    as_of = data.draw(st.sampled_from([None, START + timedelta(days=20)]))
    question = Question(
        at=still, as_of=as_of, start=start, end=end, by=dimension("lead.origin"), viewer=cast.paula if own else None,
        only=() if origin is None else (Only(dimension("lead.origin"), origin),),
    )  # fmt: skip
    with transaction.atomic():
        write(world, still, {"mine": cast.paula, "theirs": cast.felix})
        with generation() as read:
            funnel = NAMES["funnel"].answer(read, question)
            lists = {stage: NAMES["funnel"].records(read, question, Cell("entered", stage)) for stage in PLACES}
            cohorts, sources = (NAMES[name].answer(read, question) for name in ("cohorts", "sources"))
            moment = from_micros(question.moment(read))
        transaction.set_rollback(True)
    paths = known_paths(world, moment, origin=origin, owner="mine" if own else None)
    rows = [row for row in plain(paths) if (not start or row[1] >= start) and (not end or row[1] < end)]
    expected = counted(rows)
    assert {stage.stage: stage.entered for stage in funnel.stages} == expected["entered"]
    assert {stage.stage: stage.now for stage in funnel.stages} == {s: expected["now"][s] for s in PLACES}
    assert dict(funnel.exits) == {exit: expected["now"][exit] for exit in EXITS}
    assert (funnel.entered, funnel.unaccounted) == (len(rows), 0)
    assert {s: sorted(found) for s, found in lists.items()} == {
        stage: sorted(lead for lead, _at, far, _s in rows if far >= place) for place, stage in enumerate(PLACES)
    }
    of = {
        value: [row for row in rows if world.origins[row[0]] == value] for value in {world.origins[r[0]] for r in rows}
    }
    for report, parts in (("funnel", funnel.groups), ("sources", sources.sources)):
        told = {part.value or "": part.entered if report == "funnel" else part.leads for part in parts}
        assert told == {value: len(those) for value, those in of.items()}
        assert {part.value or "": part.won for part in parts} == {
            value: sum(stands == "won" for *_rest, stands in those) for value, those in of.items()
        }
    assert (cohorts.all.leads, cohorts.all.outcomes["won"]) == (len(rows), expected["now"]["won"])
    assert cohorts.all.outcomes["joined"] == expected["now"]["joined"]


@pytest.fixture
def house_and_partner(cast, still):
    """Of six leads with deals two are the partner's: half of each won, the others open or lost."""
    for n in range(6):
        owner = cast.paula if n < 2 else cast.felix
        opened = still - timedelta(days=40 - n)
        lead = Lead.open(
            Contact.create({"name": f"P{n}"}, by=None, at=opened), entry="partner", owner=owner,
            values={"origin": "fair"}, by=None, at=opened,
        )  # fmt: skip
        deal = Deal.open(lead=lead, values={"name": f"D{n}", "owner": owner.pk}, by=None, at=opened)
        if n % 2 == 0:
            deal.win(reason="fit", by=None, at=opened + timedelta(days=9))
        elif n == 5:
            deal.lose(reason="price", by=None, at=opened + timedelta(days=5))


COUNTED = {  # one number of each report with a scope: its cell, and how many stand behind it for house and partner
    "funnel": (Cell("entered", "opportunity"), 6, 2),
    "flow": (Cell("open_after"), 2, 1),
    "velocity": (Cell("stays", "opportunity"), 6, 2),
    "cohorts": (Cell("won"), 3, 1),
    "sources": (Cell("leads"), 6, 2),
    "winloss": (Cell("won"), 3, 1),
    "totals": (Cell("leads"), 6, 2),
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_counts_and_lists_within_its_own_scope(house_and_partner, cast, still, role):
    viewer = next(one for one in vars(cast).values() if isinstance(one, Member) and one.role == role)
    for name, (cell, house, partner) in COUNTED.items():
        report = NAMES[name]
        found = reports.records(name, Question.asked(still, viewer=viewer, kinds=report.kinds), cell)
        assert len(found) == (partner if role == "partner" else house), name
        table = {"lead": Lead, "deal": Deal}[report.of]
        assert table.objects.visible_to(viewer).filter(pk__in=found).count() == len(found)


def test_no_report_is_told_to_a_partner_of_what_is_somebody_elses(house_and_partner, cast, still):
    """Every report that can be asked: the partner's own answer is the house's answer about the partner's leads."""
    mine = [f"lead.owner:{cast.paula.pk}"]
    asked = [name for name, report in NAMES.items() if "only" in report.options and report.of == "lead"]
    assert {"funnel", "flow", "velocity", "cohorts", "sources", "overrides"} <= set(asked)
    for name in asked:
        own = reports.answer(name, Question.asked(still, viewer=cast.paula))
        house = reports.answer(name, Question.asked(still, only=mine))
        assert NAMES[name].lines(own) == NAMES[name].lines(house) != [], name


def test_a_past_day_says_what_it_said_then_after_more_has_come_in(house_and_partner, cast, still):
    day = (still - timedelta(days=20)).isoformat()
    asked = [name for name, report in NAMES.items() if "as-of" in report.options and name not in OPENLY]
    told = {name: NAMES[name].lines(reports.answer(name, Question.asked(still, as_of=day))) for name in asked}
    later = still + timedelta(days=3)
    for lead in Lead.objects.open():
        Deal.objects.get(lead=lead).win(reason="price", by=None, at=later)
    new = Contact.create({"name": "New"}, by=None, at=later)
    Lead.open(new, entry="marketing", by=None, at=later)
    after = {name: NAMES[name].lines(reports.answer(name, Question.asked(later, as_of=day))) for name in asked}
    assert after == told
    assert reports.answer("winloss", Question.asked(later)).all.won == 5


def test_a_period_that_ends_before_it_begins_is_refused_in_words(house, at):
    with pytest.raises(CannotAsk, match="last day lies before the first"):
        Question.asked(at, since="2026-03-02", until="2026-03-01")


def test_a_day_that_has_not_begun_is_refused_in_words(house, at):
    with pytest.raises(CannotAsk, match="has not begun"):
        Question.asked(at, as_of="2026-03-04")
    assert Question.asked(at, as_of="2026-03-03").as_of == datetime(2026, 3, 3, tzinfo=UTC)


def test_as_of_a_day_is_its_first_instant_in_the_house(house, at):
    house.settle({"zone": "Asia/Shanghai"}, by=None, at=at)
    assert Question.asked(at, as_of="2026-03-01").as_of == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert Question.asked(at, as_of="2026-03-01T10:00Z").as_of == datetime(2026, 3, 1, 10, tzinfo=UTC)
