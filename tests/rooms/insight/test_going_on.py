"""What is kept for reports goes on with what comes: as if it were read anew each time."""

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.kernel import fields, ledger
from accord.kernel.ledger import Fact, Retraction, Rows
from accord.kernel.traits import Given, Trait, rows
from accord.kernel.warehouse import manifest
from accord.kernel.warehouse.engine import Engine
from accord.kernel.warehouse.generation import Generation, generation
from accord.kernel.warehouse.manifest import Manifest
from accord.kernel.warehouse.mirror import Writing
from accord.rooms.funnel.facts import LeadMoved
from accord.rooms.funnel.models import Transition
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Texts
from accord.rooms.insight.made import made
from accord.rooms.insight.questions import Question
from accord.rooms.insight.values import values_by
from tests.rooms.insight.conftest import day

START, NOW = day("2026-01-01"), day("2026-03-02")
COLUMNS = ["lead_id", "contact_id", "entry", "move", "to_stage", "reason", "early", "occurred_at", "recorded_at"]

leads = st.integers(1, 6)
days = st.integers(0, 50).map(lambda number: START + number * (day("2026-01-02") - START))
moved = st.tuples(leads, st.sampled_from(["entered", "to_mql", "to_sal", "returned", "won"]), days)
told = st.tuples(leads, st.sampled_from(["origin", "owner", "trashed"]), days)
wrong = st.tuples(st.sampled_from(["transition", "trait", "fact"]), st.integers(0, 30))
news = st.tuples(st.lists(moved, max_size=6), st.lists(told, max_size=4), st.lists(wrong, max_size=2))
VALUES = {"origin": ["fair", "mail", ""], "owner": ["3", "4"], "trashed": ["true", "false"]}


def write(still, moves, values, retracted):
    with ledger.write(still) as writing:
        stages = {"entered": "inquiry", "returned": "engaged"}
        rows_of_moves = [
            (lead, lead + 100, "marketing" if move == "entered" else None, move,
             stages.get(move, move.removeprefix("to_")), "", False, on, on)
            for lead, move, on in moves
        ]  # fmt: skip
        known = fields.of("lead")
        said = [
            Given(lead, known[slug], fields.value(known[slug], VALUES[slug][place % len(VALUES[slug])]), on, on)
            for place, (lead, slug, on) in enumerate(values)
        ]
        writing.record(LeadMoved(1, 1, "imported", ""), [Rows(Transition, COLUMNS, rows_of_moves), rows(said)])
    of = {"transition": Transition, "trait": Trait, "fact": Fact}
    for kind, place in retracted:
        ids = list(of[kind].objects.order_by("id").values_list("id", flat=True))
        if place < len(ids):
            whole = {"retracted_fact_id": ids[place]} if kind == "fact" else {"table": kind, "row_id": ids[place]}
            with ledger.write(still) as writing:
                writing.record(LeadMoved(1, 1, "reverted", ""), [Retraction(reason="wrong", **whole)])


def plainly(column):
    if isinstance(column, Columns):
        return {name: plainly(of) for name, of in vars(column).items()}
    if isinstance(column, Texts):
        return [column.at(place) for place in range(column.size)]
    if isinstance(column, tuple):
        return [plainly(one) for one in column]
    return ["nan" if one != one else one for one in np.asarray(column).tolist()]


def found(read):
    question = Question.asked(NOW, by="lead.origin")
    leads = made(read, *[question.moment(read)] * 2)
    by = {slug: plainly(values_by(read, "lead", slug, question.moment(read))) for slug in VALUES}
    return [plainly(leads.steps), plainly(passages.leads(read, question)), plainly(leads.contacts), by]


ANY = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(ANY, max_examples=8)
@given(st.lists(news, min_size=2, max_size=4))
def test_what_was_kept_is_what_is_read_anew(db, still, tmp_path_factory, story):
    goes_on(still, tmp_path_factory, story)


@pytest.mark.prove
@settings(ANY, max_examples=200)
@given(st.lists(news, min_size=2, max_size=6))
def test_what_was_kept_through_longer_stories_is_what_is_read_anew(db, still, tmp_path_factory, story):
    goes_on(still, tmp_path_factory, story)


def goes_on(still, tmp_path_factory, story):
    folder = tmp_path_factory.mktemp("mirror")
    engine, last, told = Engine(folder / "spill"), Manifest(), []
    with transaction.atomic():
        for told_now in story:
            write(still, *told_now)
            last = Writing(folder, last, bool).next()
            assert manifest.publish(folder, last)
            told.append((last, found(Generation(last, folder, engine))))
        # Another folder and earlier generations go on from nothing: each is read anew.
        with generation() as anew:
            assert found(anew) == told[-1][1]
        for earlier, expected in reversed(told[:-1]):
            assert found(Generation(earlier, folder, engine)) == expected
        transaction.set_rollback(True)
