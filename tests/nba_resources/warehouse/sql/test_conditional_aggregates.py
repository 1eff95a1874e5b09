"""A condition of an aggregate is part of its argument in DuckDB's SQL, and its results are those of a filter."""

from typing import Any

import duckdb
import ibis
import pytest

from nba_resources.warehouse.sql.conditional_aggregates import IGNORE_NULL
from nba_resources.warehouse.sql.statements import compile_sql

ROWS = [("a", 1.0, True), ("a", 3.0, True), ("a", 9.0, False), ("a", None, True), ("a", 5.0, None), ("b", 2.0, False)]
SHOTS = ibis.table({"team": "string", "points": "float64", "made": "boolean"}, name="shots")
AGGREGATES = {  # of 1 and 3 for team a, of nothing for team b
    "average": (SHOTS.points.mean(where=SHOTS.made), 2.0, None),
    "number": (SHOTS.points.count(where=SHOTS.made), 2, 0),
    "rows": (SHOTS.count(where=SHOTS.made), 3, 0),
    "most": (SHOTS.points.max(where=SHOTS.made), 3.0, None),
    "least": (SHOTS.points.min(where=SHOTS.made), 1.0, None),
    "deviation": (SHOTS.points.std(where=SHOTS.made, how="sample"), 2**0.5, None),
    "total": (SHOTS.points.sum(where=SHOTS.made), 4.0, None),
}


@pytest.mark.parametrize("name", AGGREGATES)
def test_rows_whose_condition_is_false_or_unknown_count_for_nothing(name: str):
    aggregate, of_a, of_b = AGGREGATES[name]
    statement = compile_sql(SHOTS.group_by("team").aggregate(found=aggregate).order_by("team"), "duckdb")
    assert "FILTER" not in statement
    with duckdb.connect() as con:
        con.execute("CREATE TABLE shots (team VARCHAR, points DOUBLE, made BOOLEAN)")
        con.executemany("INSERT INTO shots VALUES (?, ?, ?)", ROWS)
        assert con.execute(statement).fetchall() == [("a", pytest.approx(of_a)), ("b", of_b)]


def test_every_aggregate_that_ignores_null_is_tested():
    assert len(AGGREGATES) == len(IGNORE_NULL) + 1  # rows are counted, too


def test_a_list_that_keeps_null_keeps_its_filter():
    """As cases, rows that the condition leaves out would be in it."""
    made: Any = SHOTS.points.collect(where=SHOTS.made, include_null=True)
    assert "FILTER" in compile_sql(SHOTS.aggregate(made=made), "duckdb")
