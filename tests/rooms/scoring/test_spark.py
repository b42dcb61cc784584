"""The same expressions on local Spark against the plain reading: a thousand documents.

The first four as the product runs them: over Parquet files as the mirror keeps them, with its own settings. That takes
most of a minute a document, nearly all of it for planning and compiling what then meets twelve contacts. The others
ask the same of tables in memory, with Spark told that there is little of everything: it plans no less, but compiles
nothing and moves nothing. A document then takes ten seconds of a core, seven for its replay and three for its scores:
all of them nearly three hours, a tenth of them with `-k "[31"`, and half as long with `-n 2`.
"""

from random import Random

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from accord.kernel import fields
from accord.kernel.warehouse.engine import Engine
from accord.rooms.scoring.expression import replay
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.expression.scores import At
from accord.rooms.scoring.expression.stream import Inputs
from tests.rooms.scoring import plain, worlds
from tests.rooms.scoring.rows import Ledger
from tests.rooms.scoring.test_expression import read, told, within

pytestmark = pytest.mark.prove
CONTACTS = 12
LATER = worlds.END + 30 * worlds.DAY
SEEDS = range(3000, 4000)
AS_KEPT = range(3000, 3004)
# Before the JVM starts: what runs once is not worth compiling well, but the little must have room, and nobody reads
# what was run; its call sites are looked up for nobody either.
STARTED = {
    "spark.buffer.pageSize": "256k",
    "spark.default.parallelism": "1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC -Xmn1g",
    "spark.driver.memory": "3g",
    "spark.sql.ui.retainedExecutions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.liveUpdate.period": "-1",
    "spark.ui.retainedJobs": "1",
    "spark.ui.retainedStages": "1",
}
NAMELESS = ("callSite.short", "callSite.long")
LITTLE = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.debug.maxToStringFields": "0",
    "spark.sql.lightweightPlanChangeValidation": "false",
    "spark.sql.maxPlanStringLength": "0",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.ui.explainMode": "simple",
}


class InFiles:
    """Takes tables as an Ibis connection does, and keeps them as files that the product's engine reads."""

    def __init__(self, folder):
        self.folder, self.engine, self.put = folder, Engine(folder), 0

    def create_table(self, name, rows):
        path = self.folder / f"{name}.parquet"
        pq.write_table(rows if isinstance(rows, pa.Table) else rows.to_pyarrow(), path)
        return self.engine.table(f"{self.folder.name}_{name}", [path])

    def put_aside(self, name, rows):
        """Into a file: what Spark only caches it still plans anew each time, until its memory is full."""
        self.put += 1
        return self.create_table(f"{name}_{self.put}", rows.to_pyarrow())


class InMemory(InFiles):
    """Keeps them in the session, each in one part: what is in one part already is moved to no other."""

    def __init__(self, folder, session):
        super().__init__(folder)
        self.session, self.views = session, []
        self.before = {name: session.conf.get(name, None) for name in LITTLE}
        for name, value in LITTLE.items():
            session.conf.set(name, value)
        for name in NAMELESS:
            session.sparkContext.setLocalProperty(name, "a test")

    def create_table(self, name, rows):
        view = f"{self.folder.name}_{name}"
        made = self.session.createDataFrame(rows if isinstance(rows, pa.Table) else rows.to_pyarrow())
        made.coalesce(1).createOrReplaceTempView(view)
        self.views.append(view)
        return self.engine.connection.table(view)

    def close(self):
        for view in self.views:
            self.session.catalog.dropTempView(view)
        for name, value in self.before.items():
            if value is None:
                self.session.conf.unset(name)
            else:
                self.session.conf.set(name, value)
        for name in NAMELESS:
            self.session.sparkContext.setLocalProperty(name, None)


@pytest.fixture(scope="module")
def session():
    from pyspark.sql import SparkSession  # only who runs the slow proofs has it

    starting = SparkSession.builder.master("local[1]")
    for name, value in STARTED.items():
        starting = starting.config(name, value)
    return starting.getOrCreate()


@pytest.fixture
def spark(db, at, settings, tmp_path, session, seed):
    settings.WAREHOUSE = "pyspark://local[1]"
    for name, of_type in worlds.TYPES.items():
        kind, _, slug = name.partition(".")
        fields.add(kind, slug, at, type=of_type)
    if seed in AS_KEPT:
        yield InFiles(tmp_path)
    else:
        there = InMemory(tmp_path, session)
        yield there
        there.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_spark_replays_as_the_plain_reading_does(spark, seed):
    world, document = worlds.world(seed, CONTACTS), worlds.document(seed)
    ledger = Ledger(world, spark)
    inputs = Inputs(ledger, Asked(read(document)), ledger.moves, LATER, stage=spark.put_aside)
    found = [row for part in replay.in_chunks(inputs, within(document, ledger)) for row in part.to_pylist()]
    story = {}
    for row in sorted(found, key=lambda row: row["at"]):
        story.setdefault(ledger.named(row["contact_id"]), []).append((plain.iso(row["at"]), row["ended"]))
    assert story == told(plain.scores(world, document, LATER, LATER))


@pytest.mark.parametrize("seed", SEEDS)
def test_spark_scores_as_the_plain_reading_does(spark, seed):
    world, document, random = worlds.world(seed, CONTACTS), worlds.document(seed), Random(seed)
    t, k = (worlds.START + random.randrange(4 * worlds.DAYS) * worlds.GRID for _ in range(2))
    ledger = Ledger(world, spark)
    contacts = ibis.memtable({"contact_id": list(ledger.contacts.values())}, schema={"contact_id": "int64"})
    rows, of = At(ledger, Asked(read(document)), t, k).evaluated(spark.create_table("contacts", contacts))
    found = rows.select("contact_id", fit=of.fit, engagement=of.engagement, grade=of.grade).to_pyarrow().to_pylist()
    scored = {ledger.named(row["contact_id"]): row for row in found}
    for row in plain.scores(world, document, t, k):
        ours = scored[row["contact"]]
        assert (ours["fit"], ours["engagement"]) == pytest.approx((row["fit"], row["engagement"]), abs=1e-6)
        assert ours["grade"] == row["grade"]
