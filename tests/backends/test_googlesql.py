import ibis
import pytest

import nba_assets
from nba_assets.kit.table import declared_tables, feed_table

pytest.importorskip("zetasql", reason="the GoogleSQL analyser comes with the [test] extra")
from .googlesql import GoogleSQL, NotGoogleSQL

TABLES = declared_tables(nba_assets)


@pytest.fixture(scope="module")
def bigquery() -> GoogleSQL:
    stored = {table.contract.key: table.contract.schema for table in TABLES.values()}
    published = (feed_table(table.feed) for table in TABLES.values() if table.feed)
    return GoogleSQL(stored | {rows.get_name(): rows.schema() for rows in published})


@pytest.mark.parametrize("name", sorted(TABLES))
def test_bigquery_understands_every_table(bigquery: GoogleSQL, name: str):
    """The statement that Ibis compiles for BigQuery is judged by Google's own analyser."""
    for statement in TABLES[name].statements(TABLES, "bigquery").values():
        bigquery.refuse_invalid(statement)


@pytest.mark.parametrize(
    ("statement", "told"),
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
def test_the_judge_says_no_to_what_is_not_googlesql(bigquery: GoogleSQL, statement: str, told: str):
    with pytest.raises(NotGoogleSQL, match=told):
        bigquery.refuse_invalid(statement)


def test_the_judge_knows_the_latest_of_a_group(bigquery: GoogleSQL):
    games = TABLES["schedule"].contract.table()
    latest = games.group_by("season").aggregate(last=games.game_id.argmax(games.game_date))
    bigquery.refuse_invalid(str(ibis.to_sql(latest, dialect="bigquery")))
