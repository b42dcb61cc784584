"""The random worlds and documents are worth asking: much happens in them, and the plain reading agrees with itself."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from tests.rooms.scoring.plain import iso, scores
from tests.rooms.scoring.plain_known import (
    DAY,
    Contact,
    Known,
    Link,
    Touch,
    Trait,
    Transition,
    Verdict,
    World,
)
from tests.rooms.scoring.plain_rules import CONDITIONS, EPOCH, OPS
from tests.rooms.scoring.worlds import COLUMNS, END, START, TYPES, document, seeds, world, write

SEEDS = range(20)


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(one)


def test_many_contacts_qualify_many_do_not_and_some_do_it_again():
    rows = [row for seed in SEEDS for row in scores(world(seed, 20), document(seed), END, END)]
    qualified = [row for row in rows if row["qualified_at"]]
    again = [row for row in rows if len(row["qualifications"]) > 1]
    ended = {one["ended"] for row in rows for one in row["qualifications"]}
    assert len(rows) == 20 * 20
    assert 0.1 < len(qualified) / len(rows) < 0.9
    assert len(again) / len(rows) > 0.03
    assert ended == {None, "returned", "won", "lost", "disqualified", "recycled"}
    assert len({row["grade"] for row in rows}) > 8


def test_every_kind_of_condition_and_rule_occurs():
    found = [node for seed in SEEDS for node in nodes(document(seed))]
    keys = Counter(key for node in found for key in node)
    assert set(CONDITIONS) <= set(keys)
    assert {"once", "cap", "group", "half_life_days", "engagement_cap", "groups", "grades"} <= set(keys)
    assert {"of", "where", "within_days", "distinct", "share", "zone", "fresh", "asset", "campaign"} <= set(keys)
    assert {node["distinct"] for node in found if "distinct" in node} >= {"day", "asset", "topic"}
    for of in ("field", "property"):
        assert {op for node in found if of in node for op in OPS if op in node} == set(OPS)
    assert {True, False} <= {node["known"] for node in found if "known" in node}
    assert any(isinstance(node["is"], str) for node in found if "is" in node)
    assert any(isinstance(node["is"], int | float) for node in found if "is" in node)


def test_every_kind_of_history_occurs():
    made = [world(seed, 20) for seed in SEEDS]
    touches = [touch for one in made for touch in one.touches]
    assert Counter(bool(touch.anonymous_id) for touch in touches)[True] > len(touches) / 10
    assert any(touch.recorded_at is not None and touch.recorded_at < touch.occurred_at for touch in touches)
    assert any(isinstance(value, list) for touch in touches for value in touch.properties.values())
    assert any(isinstance(value, float) for touch in touches for value in touch.properties.values())
    assert any(not link.contact for one in made for link in one.links)
    assert any(not trait.value for one in made for trait in one.traits)
    assert {taken.kind for one in made for taken in one.retractions} == {"touches", "traits", "links", "verdicts"}
    assert {move.move for one in made for move in one.transitions} >= {"entered", "returned", "won", "lost"}
    assert any(taken.kind == "transitions" for seed in SEEDS for taken in world(seed, 20, undone=True).retractions)


def test_the_same_seed_gives_the_same():
    assert world(7, 10) == world(7, 10)
    assert document(7) == document(7)
    assert world(7, 10) != world(8, 10)


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_when_a_touch_counts_is_the_same_by_stretches_and_by_asking_at_an_instant(seed):
    known, random = Known(world(seed, 6)), Random(seed)
    for touch in known.touches:
        changes = [at for at, _ in known.states[touch.order]]
        for k in [*changes, *(at - 1 for at in changes), random.randrange(START, END)]:
            whose = {one for one in known.contacts if known.counts(touch, one, END * 2, k)}
            assert whose == {known.counts_for(touch, k)} - {None}


def test_what_was_known_then_is_told_by_the_rows_of_then():
    """With every row that was recorded later cut away, a past instant's answer is the same."""
    for seed in SEEDS:
        whole, rule = world(seed, 8, undone=seed % 2 == 1), document(seed)
        k = START + (30 + 4 * seed) * DAY
        assert scores(until(whole, k), rule, k, k) == scores(whole, rule, k, k)
        assert scores(until(whole, k), rule, k - 9 * DAY, k) == scores(whole, rule, k - 9 * DAY, k)


def until(whole: World, k: int) -> World:
    cut = World(types=whole.types, attributes=whole.attributes)
    cut.contacts = [Contact(name) for name in sorted(Known(whole).contacts)]
    places = {}
    for kind in ("touches", "traits", "links", "verdicts", "transitions"):
        for index, row in enumerate(getattr(whole, kind)):
            if (row.occurred_at if row.recorded_at is None else row.recorded_at) <= k:
                places[kind, index] = len(getattr(cut, kind))
                getattr(cut, kind).append(row)
    kept = [taken for taken in whole.retractions if taken.recorded_at <= k]
    cut.retractions = [replace(taken, index=places[taken.kind, taken.index]) for taken in kept]
    return cut


def test_later_knowledge_never_rewrites_when_somebody_qualified():
    for seed in SEEDS:
        made, rule = world(seed, 8), document(seed)
        k = START + (40 + 3 * seed) * DAY
        then, now = scores(made, rule, k, k), scores(made, rule, k, END)
        for before, after in zip(then, now, strict=True):
            past = [one["at"] for one in after["qualifications"] if one["at"] <= iso(k)]
            assert [one["at"] for one in before["qualifications"]] == past


# Files


def test_the_files_say_what_the_world_says(tmp_path):
    for seed in range(5):
        made, rule = world(seed, 12, files=True), document(seed, files=True)
        written = write(made, tmp_path)
        assert [kind for kind, _ in written] == list(COLUMNS)
        assert scores(read(tmp_path), rule, END, END) == scores(made, rule, END, END)


def test_what_files_cannot_say_is_refused(tmp_path):
    with pytest.raises(ValueError, match="cannot be said in files"):
        write(world(1, 12), tmp_path)


def read(folder: Path) -> World:
    makes = {"contacts": Contact, "touches": Touch, "traits": Trait, "links": Link}
    makes |= {"verdicts": Verdict, "transitions": Transition}
    made = World(types=TYPES)
    for kind, make in makes.items():
        with (folder / f"{kind}.csv").open(encoding="utf-8", newline="") as rows:
            getattr(made, kind).extend(make(**said(kind, row)) for row in csv.DictReader(rows))
    return made


def said(kind: str, row: dict[str, str]) -> dict[str, Any]:
    given = {name: micros(row[name]) if name.endswith("_at") else row[name] for name in COLUMNS[kind]}
    if "machine" in given:
        given["machine"] = {"true": True, "false": False, "": None}[row["machine"]]
    if kind == "touches":
        given["properties"] = {name: text for name, text in row.items() if name not in COLUMNS[kind]}
    return given


def micros(text: str) -> int | None:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1) if text else None
