"""Which transitions an agreement is replayed over, and how each is read."""

import ibis
import pyarrow as pa
import pytest

from accord.kernel.warehouse.tables import RETRACTIONS
from accord.rooms.funnel import rules
from accord.rooms.funnel.moves import moves
from accord.rooms.funnel.tables import TRANSITIONS

ROWS = [
    {"id": 1, "lead_id": 1, "move": "entered", "entry": "marketing", "reason": rules.BY_RULE, "at": 10},  # by the judge
    {"id": 2, "lead_id": 1, "move": "to_mql", "version_id": 7, "at": 20},
    {"id": 3, "lead_id": 1, "move": "returned", "at": 30},
    {"id": 4, "lead_id": 1, "move": "lost", "at": 40},
    {"id": 5, "lead_id": 1, "move": "reopened", "at": 50},
    {"id": 6, "lead_id": 2, "move": "entered", "entry": "partner", "version_id": 7, "at": 60},  # by a person
    {"id": 7, "lead_id": 2, "move": "joined", "reason": rules.BY_MERGE, "at": 70},
    {"id": 8, "lead_id": 3, "move": "entered", "entry": "import", "at": 80},
    {"id": 9, "lead_id": 3, "move": "joined", "reason": "same company", "at": 90},
    {"id": 10, "lead_id": None, "move": "disqualified", "at": 100},
    {"id": 11, "lead_id": 3, "move": "won", "at": 110},  # retracted at 200
    {"id": 12, "lead_id": 3, "move": "recycled", "at": 120},
]
# move, entry, occ, rec, turn
STANDING = [
    ("returned", None, 30, 31, 3), ("lost", None, 40, 41, 4), ("entered", "marketing", 50, 51, 5),
    ("entered", "partner", 60, 61, 6), ("entered", "import", 80, 81, 8), ("joined", None, 90, 91, 9),
    ("disqualified", None, 100, 101, 10), ("recycled", None, 120, 121, 12),
]  # fmt: skip


class Ledger:
    def __init__(self):
        self.engine = ibis.duckdb.connect()
        filled = [self._row(**row) for row in ROWS]
        gone = dict.fromkeys(RETRACTIONS.names) | {"id": 1, "table": "transition", "row_id": 11}
        self._made(TRANSITIONS, filled)
        self._made(RETRACTIONS, [gone | {"recorded_at": 200}])

    def table(self, of):
        return self.engine.table(of.name)

    def _row(self, at, **given):
        nothing = dict.fromkeys(TRANSITIONS.names) | {"contact_id": 5, "fact_id": 0, "reason": ""}
        return nothing | given | {"occurred_at": at, "recorded_at": at + 1}

    def _made(self, table, rows):
        self.engine.create_table(table.name, pa.Table.from_pylist(rows, schema=table.schema))


def told(k, **more):
    rows = moves(Ledger(), k, **more).order_by("turn").to_pyarrow().to_pylist()
    assert {row["contact_id"] for row in rows} <= {5}
    return [(row["move"], row["entry"], row["occ"], row["rec"], row["turn"]) for row in rows]


def test_entries_returns_and_ends_are_told_and_what_the_judge_opened_is_left_to_the_replay():
    assert told(1000) == STANDING


def test_what_was_retracted_later_stood_before_and_what_was_recorded_later_is_not_known():
    assert told(115) == [*STANDING[:-1], ("won", None, 110, 111, 11)]


def test_what_the_judge_opened_may_be_kept_and_takes_effect_when_it_happened():
    assert told(1000, judged=True) == [("entered", "marketing", 10, 10, 1), *STANDING]


@pytest.mark.parametrize("k", [9, 60])
def test_early_on_little_is_known(k):
    assert told(k) == [row for row in STANDING if row[3] <= k]
