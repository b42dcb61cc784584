"""`report scores` over what the six kinds of file tell, against the plain reading of the agreement."""

import json

import pytest

from accord.kernel import clock, fields
from accord.kernel.imports import reading, run
from accord.kernel.instants import from_micros
from accord.rooms.agreement.document.model import Document
from accord.rooms.insight import scores
from accord.rooms.insight.scores import Asking
from tests.rooms.scoring import plain, worlds

CONTACTS = 50
LATER = worlds.END + 30 * worlds.DAY
TODAY = LATER + 300 * worlds.DAY


@pytest.fixture
def today():
    """After all that the worlds tell: a file tells nothing of days that have not come."""
    with clock.moved_to(from_micros(TODAY)):
        yield from_micros(TODAY)


@pytest.fixture
def told(house, today, tmp_path):
    """Bring a world in by the six kinds of file, as history, in the order in which they are described."""

    def bring(seed):
        for name, of_type in worlds.TYPES.items():
            kind, _, slug = name.partition(".")
            fields.add(kind, slug, today, type=of_type)
        world = worlds.world(seed, CONTACTS, files=True)
        for kind, path in worlds.write(world, tmp_path):
            chosen = run.plain_map(kind, reading.inspect(path).header, history=True)
            run.run(run.prepare(path, chosen, by=None, at=today))
        return world

    return bring


@pytest.mark.parametrize("seed", [401, 402, 403])
@pytest.mark.parametrize("early", [False, True])
def test_files_are_scored_as_the_plain_reading_scores_them(told, today, seed, early):
    world, document = told(seed), worlds.document(seed, files=True)
    t, k = (worlds.START + 40 * worlds.DAY, worlds.START + 70 * worlds.DAY) if early else (LATER, LATER)
    read = Document.model_validate_json(json.dumps(document))
    found = scores.lines(scores.scores(Asking(read, today, from_micros(t), from_micros(k))))
    expected = plain.scores(world, document, t, k)
    assert [row["contact"] for row in found] == [row["contact"] for row in expected]
    for row, other in zip(found, expected, strict=True):
        assert row == {name: about(value) for name, value in other.items()}, row["contact"]


def about(value):
    return pytest.approx(value, abs=1e-6) if isinstance(value, float | int) else value
