"""What a score is made of, against the plain reading and against the agreement's worked example."""

import json
from random import Random

import pyarrow.compute as pc
import pytest

from accord.kernel import fields
from accord.kernel.instants import from_micros
from accord.rooms.agreement.document.model import Document
from accord.rooms.scoring import explaining
from tests.rooms.scoring import plain, worlds
from tests.rooms.scoring.plain_known import Attribute, Known, Transition, World
from tests.rooms.scoring.plain_rules import Moment, Reading
from tests.rooms.scoring.rows import Ledger
from tests.rooms.scoring.test_plain import at_least, on, touch
from tests.rooms.scoring.test_plain import document as small

CONTACTS = 6


@pytest.fixture
def own_fields(db, at):
    for name, of_type in worlds.TYPES.items():
        kind, _, slug = name.partition(".")
        fields.add(kind, slug, at, type=of_type)


def known_at(world, k):
    """A ledger's rows as one would gather them at `k`, with the moves recorded by then."""
    ledger = Ledger(world)
    tables = {}
    for name, rows in ledger.tables.items():
        table = rows.to_pyarrow()
        recorded = "recorded_at" in table.column_names
        tables[name] = table.filter(pc.less_equal(table["recorded_at"], k)) if recorded else table
    moves = [row for row in ledger.moves.to_pyarrow().to_pylist() if row["rec"] <= k]
    return ledger, tables, moves


def text_of(document):
    return Document.model_validate_json(json.dumps(document)).model_dump_json(by_alias=True, exclude_none=True)


@pytest.mark.parametrize("seed", range(3))
def test_the_parts_of_a_score_add_up_to_what_the_plain_reading_gives(own_fields, seed):
    world, document = worlds.world(seed, CONTACTS), worlds.document(seed)
    now = worlds.START + Random(seed).randrange(60, 4 * worlds.DAYS) * worlds.GRID
    ledger, tables, moves = known_at(world, now)
    text, at = text_of(document), from_micros(now)
    for row in plain.scores(world, document, now, now):
        said = explaining.explain(text, ledger.contacts[row["contact"]], tables, moves, at)
        assert (said.fit, said.engagement, said.grade) == (
            pytest.approx(row["fit"], abs=1e-6), pytest.approx(row["engagement"], abs=1e-6), row["grade"],
        )  # fmt: skip
        assert sum(one.points for one in said.fitting) == pytest.approx(row["fit"], abs=1e-6)
        assert engagement(said, document) == pytest.approx(row["engagement"], abs=1e-6)


def engagement(said, document):
    """The score put together again from what single touches give, by the caps as the agreement's text has them."""
    scoring, whole = document["scoring"], 0.0
    for group in said.groups:
        points = 0.0
        for ruled in group.rules:
            given = sum(one.points for one in ruled.touches)
            cap = ruled.rule.cap
            points += given if cap is None else min(given, cap) if ruled.rule.points > 0 else max(given, -cap)
        cap = scoring.get("groups", {}).get(group.name, {}).get("cap")
        whole += points if cap is None else min(points, cap)
    whole = max(whole, 0.0)
    return min(whole, scoring["engagement_cap"]) if "engagement_cap" in scoring else whole


@pytest.mark.parametrize("seed", range(6, 9))
def test_what_is_said_of_the_definition_is_what_the_plain_reading_evaluates(own_fields, seed):
    world, document = worlds.world(seed, CONTACTS), worlds.document(seed)
    now = worlds.START + Random(seed).randrange(60, 4 * worlds.DAYS) * worlds.GRID
    ledger, tables, moves = known_at(world, now)
    reading = Reading(Known(world), document)
    places = {name: number for name, number in ledger.contacts.items() if name in reading.known.contacts}
    asked = [(number, from_micros(now)) for number in places.values()]
    found = explaining.standings(text_of(document), asked, tables, moves)
    bases = {}
    for move in moves:
        if move["move"] != "entered":
            bases[move["contact_id"]] = max(move["occ"], bases.get(move["contact_id"], move["occ"]))
    fresh = document["leads"].get("requalify", {}).get("fresh", True)
    for name, number in places.items():
        moment = Moment(name, now, now, bases.get(number) if fresh else None)
        assert found[number, from_micros(now)].qualified.holds == reading.holds(document["qualified"], moment)
        assert (
            bool(found[number, from_micros(now)].qualified.lacking) != found[number, from_micros(now)].qualified.holds
        )
        assert (
            bool(found[number, from_micros(now)].qualified.decisive) == found[number, from_micros(now)].qualified.holds
        )


@pytest.mark.parametrize("seed", range(12, 13))
def test_the_history_of_a_score_is_what_was_known_at_each_instant(own_fields, seed):
    world, document = worlds.world(seed, CONTACTS), worlds.document(seed)
    now = worlds.END
    ledger, tables, moves = known_at(world, now)
    name, number = next(iter(ledger.contacts.items()))
    steps = explaining.history(text_of(document), number, tables, moves, from_micros(now))
    assert steps[-1].at == from_micros(now)
    reading = Reading(Known(world), document)
    for step in steps[:: max(len(steps) // 15, 1)]:
        t = explaining.to_micros(step.at)
        score = reading.score(Moment(name, t, t))
        assert (step.fit, step.engagement) == (
            pytest.approx(score.fit, abs=1e-6), pytest.approx(score.engagement, abs=1e-6),
        )  # fmt: skip


def test_what_fades_beyond_every_calendar_has_no_day_on_which_it_has_faded(db):
    rules = [
        {"id": name, "points": 8, "half_life_days": days, "when": {"touch": "download"}}
        for name, days in (("ever", 3_000_000), ("far", 2_000_000), ("near", 30))
    ]
    document = small(at_least(1), engagement=rules, leads={"requalify": {"wait_days": 1e9}})
    world = World(touches=[touch("download", "01-02")], transitions=[Transition("K", "returned", on("01-03"))])
    ledger, tables, moves = known_at(world, on("02-01"))
    said = explaining.explain(text_of(document), ledger.contacts["K"], tables, moves, from_micros(on("02-01")))
    ever, far, near = ((one.half_at, one.faded_at) for one in said.touches)
    assert ever == (None, None)
    assert far[0] is not None
    assert far[0].year == 2026 + 5475
    assert far[1] is None
    assert near == (from_micros(on("02-01")), from_micros(on("04-02")))
    assert not said.standing.may


def test_an_assets_field_that_is_added_later_is_asked_from_then_on(db, at):
    rules = [{"id": "t", "points": 8, "when": {"touch": "download", "where": [{"asset": "topic", "is": "pricing"}]}}]
    made = Attribute("asset", "a1", "topic", "pricing", on("01-01"), on("01-01"))
    world = World(touches=[touch("download", "01-02", asset="a1")], attributes=[made])
    ledger, tables, moves = known_at(world, on("02-01"))
    text = text_of(small(at_least(1), engagement=rules))

    def points():
        said = explaining.explain(text, ledger.contacts["K"], tables, moves, from_micros(on("02-01")))
        return said.engagement

    assert points() == 0
    fields.add("asset", "topic", at)
    assert points() == 8
