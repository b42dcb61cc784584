"""Plans are kept and rows are not: whatever stood in the tables when a statement was planned, the next run is right."""

import duckdb
import pyarrow as pa
import pytest

from accord.rooms.scoring import engine
from accord.rooms.scoring.engine import NOW, Statement

BIG = Statement.of([("big", 'SELECT * FROM "rows" WHERE n > 100')], 'SELECT sum(n) AS total FROM "big" WHERE n > 150')


def rows(*numbers: int) -> dict[str, pa.Table]:
    return {"rows": pa.table({"n": pa.array(numbers, pa.int64())})}


def test_a_plan_made_over_small_numbers_finds_large_ones_and_the_other_way_round():
    for numbers, total in (((1, 2, 3), None), ((160, 170, 3), 330), ((), None), ((151,), 151)):
        assert engine.run(BIG, rows(*numbers)) == [{"total": total}]


def test_a_plan_made_over_no_rows_is_good_for_many():
    few = Statement.of([], 'SELECT count(*) AS many, max(n) AS most FROM "rows" WHERE n >= 7')
    assert engine.run(few, rows()) == [{"many": 0, "most": None}]
    assert engine.run(few, rows(*range(9))) == [{"many": 2, "most": 8}]
    assert engine.run(few, rows(*range(5_000))) == [{"many": 4_993, "most": 4_999}]


def test_nothing_of_one_run_is_there_in_the_next():
    for _again in range(3):
        assert engine.run(Statement.of([], 'SELECT count(*) AS many FROM "rows"'), rows(1, 2)) == [{"many": 2}]


def test_the_instant_is_told_with_each_run():
    since = Statement.of([], f'SELECT n FROM "rows" WHERE n > {NOW} ORDER BY n')
    assert engine.run(since, rows(1, 2, 3), 1) == [{"n": 2}, {"n": 3}]
    assert engine.run(since, rows(1, 2, 3), 2) == [{"n": 3}]


def test_several_questions_are_asked_of_the_same_parts():
    both = Statement.of(
        [("odd", 'SELECT n FROM "rows" WHERE n % 2 = 1')], *(f'SELECT {of}(n) AS n FROM "odd"' for of in ("min", "max"))
    )
    assert engine.run_all(both, rows(1, 2, 5), 0) == [[{"n": 1}], [{"n": 5}]]
    assert engine.run(both, rows(3, 4)) == [{"n": 3}]
    assert engine.run_all(both, rows(7, 8, 9), 0) == [[{"n": 7}], [{"n": 9}]]


def test_what_fails_leaves_the_next_run_as_it_was():
    whole = Statement.of([], 'SELECT CAST(w AS BIGINT) AS n FROM "words"')
    words = {"words": pa.table({"w": ["1", "two"]})}
    with pytest.raises(duckdb.ConversionException):
        engine.run(whole, words)
    assert engine.run(whole, {"words": pa.table({"w": ["3"]})}) == [{"n": 3}]


def test_more_statements_than_plans_are_kept_are_answered_all_the_same():
    many = [Statement.of([], f'SELECT count(*) + {place} AS n FROM "rows"') for place in range(engine.KEPT + 3)]
    for _again in range(2):
        assert [engine.run(one, rows(1))[0]["n"] for one in many] == [1 + place for place in range(len(many))]
