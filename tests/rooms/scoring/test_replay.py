"""A replay of very many: narrowed to those who can qualify, in chunks, with progress; the same answer."""

import pytest

from accord.kernel import fields
from accord.rooms.scoring.expression import replay
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.expression.stream import Inputs
from tests.rooms.scoring import plain, worlds
from tests.rooms.scoring.rows import Ledger
from tests.rooms.scoring.test_expression import read, told, within
from tests.rooms.scoring.test_plain import at_least, document

CONTACTS = 50
LATER = worlds.END + 30 * worlds.DAY


@pytest.fixture
def own_fields(db, at):
    for name, of_type in worlds.TYPES.items():
        kind, _, slug = name.partition(".")
        fields.add(kind, slug, at, type=of_type)


def in_chunks(world, document, k, shown=lambda done, of: None):
    ledger = Ledger(world)
    inputs = Inputs(ledger, Asked(read(document)), ledger.moves, k, stage=lambda _name, rows: rows.cache())
    parts = replay.in_chunks(inputs, within(document, ledger), shown, chunk=500)
    found = [row for part in parts for row in part.to_pylist()]
    story: dict[str, list] = {}
    for row in sorted(found, key=lambda row: row["at"]):
        story.setdefault(ledger.named(row["contact_id"]), []).append((plain.iso(row["at"]), row["ended"]))
    return story


@pytest.mark.parametrize("seed", range(200, 206))
def test_in_chunks_the_replay_says_the_same(own_fields, seed):
    world, document = worlds.world(seed, CONTACTS), worlds.document(seed)
    assert in_chunks(world, document, LATER) == told(plain.scores(world, document, LATER, LATER))


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(2000, 2300))
def test_three_hundred_replays_in_chunks_say_the_same(own_fields, seed):
    world, document = worlds.world(seed, CONTACTS), worlds.document(seed)
    assert in_chunks(world, document, LATER) == told(plain.scores(world, document, LATER, LATER))


def test_it_tells_how_far_it_is_and_can_be_stopped(own_fields):
    world, rule = worlds.world(200, CONTACTS), document(at_least(2))
    heard = []
    in_chunks(world, rule, LATER, lambda done, of: heard.append((done, of)))
    count = heard[0][1]
    assert count > 1
    assert heard == [(place, count) for place in range(1, count + 1)]

    class Stopped(Exception):
        pass

    def stop(done, of):
        heard.append(done)
        raise Stopped

    heard.clear()
    with pytest.raises(Stopped):
        in_chunks(world, rule, LATER, stop)
    assert heard == [1]
