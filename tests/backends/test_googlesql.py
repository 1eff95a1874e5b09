import datetime as dt

import ibis
import ibis.expr.operations as ops
import pytest

import nba_assets
from nba_assets.kit.table import declared_tables, feed_table
from nba_resources.dates import DateRange

pytest.importorskip("zetasql", reason="the GoogleSQL analyser comes with the [test] extra")
from ..shared import TEMPLATES
from .evaluation import EVALUATED
from .googlesql import GoogleSQL, NotGoogleSQL

TABLES = declared_tables(nba_assets)
NIGHT = DateRange(dt.date(2024, 12, 4), dt.date(2024, 12, 4))
OUTER_JOINS = ("left", "right", "outer")


@pytest.fixture(scope="module")
def analyser() -> GoogleSQL:
    stored = {table.contract.key: table.contract.schema for table in TABLES.values()}
    feeds = (feed_table(table.feed) for table in TABLES.values() if table.feed)
    return GoogleSQL(stored | {rows.get_name(): rows.schema() for rows in feeds})


@pytest.mark.parametrize("name", sorted({*TABLES} - {*EVALUATED}))
def test_every_table_compiles_to_valid_googlesql(analyser: GoogleSQL, name: str):
    """Google's analyser checks the statements that Ibis compiles for BigQuery, unless its evaluator does."""
    for statement in TABLES[name].statements(TABLES, "bigquery", TEMPLATES).values():
        analyser.refuse_invalid(statement)


def test_every_outer_join_of_an_evaluated_table_has_an_equality():
    """The evaluator needs none, BigQuery does."""
    queries = [query for name in EVALUATED for query in TABLES[name].queries(TABLES, NIGHT).values()]
    joins = [join for query in queries for join in query.build(NIGHT).op().find(ops.JoinLink)]
    outer = [join.predicates for join in joins if join.how in OUTER_JOINS]
    assert len(outer) > len(EVALUATED)
    assert all(any(isinstance(one, ops.Equals | ops.IdenticalTo) for one in predicates) for predicates in outer)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT nobody FROM nba_raw.schedule", "Unrecognized name: nobody"),
        ("SELECT game_id::INT64 FROM nba_raw.schedule", "Syntax error"),
        ("SELECT season, COUNT(*) FROM nba_raw.schedule", "neither grouped nor aggregated"),
        ("SELECT * EXCLUDE (season) FROM nba_raw.schedule", "Syntax error"),
        ("SELECT game_date + '1' FROM nba_raw.schedule", "No matching signature"),
        ("SELECT MEDIAN(home_pts) FROM nba_raw.schedule", "Function not found: MEDIAN"),
        ("SELECT 1 FROM nba_raw.fixtures", "Table not found"),
        (
            "SELECT 1 FROM nba_raw.schedule a LEFT JOIN nba_raw.schedule b ON a.game_date < b.game_date",
            "equality in the condition of an outer join",
        ),
    ],
)
def test_the_analyser_refuses_invalid_googlesql(analyser: GoogleSQL, statement: str, expected: str):
    with pytest.raises(NotGoogleSQL, match=expected):
        analyser.refuse_invalid(statement)


def test_the_analyser_accepts_max_by(analyser: GoogleSQL):
    games = TABLES["schedule"].contract.table()
    latest = games.group_by("season").aggregate(last=games.game_id.argmax(games.game_date))
    analyser.refuse_invalid(str(ibis.to_sql(latest, dialect="bigquery")))
