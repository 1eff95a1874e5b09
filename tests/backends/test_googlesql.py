import ibis
import pytest

import nba_assets
from nba_assets.kit.table import declared_tables, feed_table

pytest.importorskip("zetasql", reason="the GoogleSQL analyser comes with the [test] extra")
from ..shared import TEMPLATES
from .googlesql import GoogleSQL, NotGoogleSQL

TABLES = declared_tables(nba_assets)


@pytest.fixture(scope="module")
def analyser() -> GoogleSQL:
    stored = {table.contract.key: table.contract.schema for table in TABLES.values()}
    feeds = (feed_table(table.feed) for table in TABLES.values() if table.feed)
    return GoogleSQL(stored | {rows.get_name(): rows.schema() for rows in feeds})


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_compiles_to_valid_googlesql(analyser: GoogleSQL, name: str):
    """Google's analyser checks the statements that Ibis compiles for BigQuery."""
    for statement in TABLES[name].statements(TABLES, "bigquery", TEMPLATES).values():
        analyser.refuse_invalid(statement)


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
