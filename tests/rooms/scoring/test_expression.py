"""The expression against the plain reading: random documents over random histories."""

import hashlib
import json
from random import Random

import ibis
import pytest
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.config import Config

from accord.kernel import fields
from accord.rooms.agreement.document.model import Document
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.expression.replay import in_chunks, qualifications
from accord.rooms.scoring.expression.scores import At
from accord.rooms.scoring.expression.stream import Inputs
from tests.rooms.scoring import plain, worlds
from tests.rooms.scoring.rows import Ledger

CONTACTS = 50
LATER = worlds.END + 30 * worlds.DAY


@pytest.fixture
def own_fields(db, at):
    for name, of_type in worlds.TYPES.items():
        kind, _, slug = name.partition(".")
        fields.add(kind, slug, at, type=of_type)


@pytest.mark.parametrize("seed", range(12))
def test_the_expression_qualifies_as_the_plain_reading_does(own_fields, seed):
    world, document = worlds.world(seed, CONTACTS), worlds.document(seed)
    assert replayed(world, document, LATER) == told(plain.scores(world, document, LATER, LATER))


@pytest.mark.parametrize("seed", range(103, 106))
def test_a_replay_known_at_an_earlier_day_knows_no_more_than_that_day(own_fields, seed):
    world, document = worlds.world(seed, CONTACTS), worlds.document(seed)
    earlier = worlds.START + 60 * worlds.DAY
    assert replayed(world, document, earlier) == told(plain.scores(world, document, earlier, earlier))


@pytest.mark.parametrize("seed", range(5))
def test_the_expression_scores_as_the_plain_reading_does_at_any_two_times(own_fields, seed):
    world, document, random = worlds.world(seed, CONTACTS), worlds.document(seed), Random(seed)
    t, k = (worlds.START + random.randrange(4 * worlds.DAYS) * worlds.GRID for _ in range(2))
    scored = scores(world, document, t, k)
    for row in plain.scores(world, document, t, k):
        assert scored[row["contact"]] == (
            pytest.approx(row["fit"], abs=1e-6), pytest.approx(row["engagement"], abs=1e-6), row["grade"],
        )  # fmt: skip


class SparkOptions(Config):
    treat_nan_as_null: bool = False


@pytest.mark.parametrize("seed", range(3000, 3006))
def test_whatever_a_document_asks_can_be_said_in_the_words_of_spark(own_fields, monkeypatch, seed):
    """Spark itself runs in the slow proofs; that an operation has no words there is known without it."""
    monkeypatch.setattr(ibis.options, "pyspark", SparkOptions())  # its own, once it runs
    ledger, document, compiler = Ledger(worlds.world(seed, 2)), worlds.document(seed), PySparkCompiler()

    def said(_name, rows):
        assert compiler.to_sqlglot(rows).sql("spark").startswith(("SELECT", "WITH"))
        return rows.cache()

    inputs = Inputs(ledger, Asked(read(document)), ledger.moves, LATER, stage=said)
    assert list(in_chunks(inputs, within(document, ledger)))


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(1000, 2000))
def test_a_thousand_documents_qualify_as_the_plain_reading_does(own_fields, seed):
    world, document = worlds.world(seed, CONTACTS), worlds.document(seed)
    assert replayed(world, document, LATER) == told(plain.scores(world, document, LATER, LATER))


def replayed(world, document, k):
    ledger = Ledger(world)
    inputs = Inputs(ledger, Asked(read(document)), ledger.moves, k, stage=lambda _name, rows: rows.cache())
    found = qualifications(inputs, within(document, ledger)).to_pyarrow().to_pylist()
    story: dict[str, list] = {}
    for row in sorted(found, key=lambda row: row["at"]):
        story.setdefault(ledger.named(row["contact_id"]), []).append((plain.iso(row["at"]), row["ended"]))
    return story


def told(rows):
    stories = {row["contact"]: [(one["at"], one["ended"]) for one in row["qualifications"]] for row in rows}
    return {contact: story for contact, story in stories.items() if story}


def scores(world, document, t, k):
    ledger = Ledger(world)
    contacts = ibis.memtable({"contact_id": list(ledger.contacts.values())}, schema={"contact_id": "int64"})
    rows, of = At(ledger, Asked(read(document)), t, k).evaluated(ledger.engine.create_table("contacts", contacts))
    found = rows.select("contact_id", fit=of.fit, engagement=of.engagement, grade=of.grade).to_pyarrow().to_pylist()
    return {ledger.named(row["contact_id"]): (row["fit"], row["engagement"], row["grade"]) for row in found}


def within(document, ledger):
    """Who is in the scope, where that is a share."""
    scope = document.get("scope", {})
    if "share" not in scope:
        return None
    bound = scope["share"] * 2**64
    inside = [number for name, number in ledger.contacts.items() if _place(scope["salt"], name) < bound]
    return ledger.engine.create_table("inside", ibis.memtable({"contact_id": inside}, schema={"contact_id": "int64"}))


def _place(salt, name):
    return int.from_bytes(hashlib.sha256(f"{salt}:{name}".encode()).digest()[:8], "big")


def read(document):
    return Document.model_validate_json(json.dumps(document))
