"""Each phase 4 statement gives the same rows in both dialects, over a part of a simulated autumn."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

import duckdb
import pyarrow as pa
import pytest

from nba_assets.kit.table import Table
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Contract
from nba_resources.warehouse.sql.statements import Statement

pytest.importorskip("zetasql", reason="the reference evaluator comes with the [test] extra")
from ..autumn import AUTUMN, TABLES, shared_autumn
from ..shared import TEMPLATES
from .evaluation import EVALUATED, Row, evaluate

NIGHTS = DateRange(dt.date(2024, 11, 29), dt.date(2024, 11, 30))  # teams of the second play in the first
MORNINGS = DateRange(dt.date(2024, 11, 17), NIGHTS.end)  # what past games use
RAW = (
    *("schedule", "team_boxscores", "player_boxscores", "shots"),
    *("player_props", "game_odds", "injury_reports"),
)
BEFORE = ("players", "player_game_summary", "team_offense_game_summary", "team_defense_game_summary")
CONTEXTS = ("upcoming_team_game_context", "player_prop_lines", "upcoming_player_game_context")
EDITIONS = ("game_editions", "player_statuses")
PHASE_4 = EVALUATED[len(EDITIONS) :]
OF_TEAM = {"schedule": "home_team", "team_defense_game_summary": "defending_team_abbr"}
LEFT_OUT = "'2024-10-01' AND '2024-11-19'"  # between the season before and the last games of its teams
FEW_PLAYERS = {  # of a team in one night and few games, for tables with many rows a player or a row for each pair
    "player_market_form": ("player_minutes_form", 4),
    "player_presence": ("player_game_summary", 9),
}
OTHERS = f"""player_id NOT IN (SELECT player_id FROM nba_precompute.player_minutes_form WHERE game_date = '{NIGHTS.end}'
    QUALIFY row_number() OVER (PARTITION BY team_abbr ORDER BY player_lookup) <= """
MANY, FEW = 25, {"team_defense_zone_analysis": 4, "game_editions": 4, "player_statuses": 20}
WHEN = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
STAMPS = {"source": "test", "code_version": "test", "ingested_at": WHEN, "computed_at": WHEN}


def statement(table: Table, dates: DateRange, dialect: str = "duckdb") -> Statement:
    (query,) = table.queries(TABLES, dates).values()
    stamped = {name: value for name, value in STAMPS.items() if name in table.contract.columns}
    return Statement.of(replace(query, stamps=stamped), dialect, TEMPLATES)


@pytest.fixture(scope="module")
def autumn() -> duckdb.DuckDBPyConnection:
    """The shared autumn, reduced to the teams of the last night's first games."""
    engine = duckdb.connect()
    engine.execute(f"SET TimeZone = 'UTC'; ATTACH '{shared_autumn().path}' AS shared (READ_ONLY)")
    for dataset in {table.contract.dataset for table in TABLES.values()}:
        engine.execute(f"CREATE SCHEMA {dataset}")
    for contract in (TABLES[name].contract for name in ("seasons", "birth_dates", *RAW, *BEFORE)):
        engine.execute(f"CREATE TABLE {contract.key} AS FROM shared.{contract.key}")
    _repeat_a_week_as_the_season_before(engine)
    for table in (TABLES[name] for name in (*CONTEXTS, *EVALUATED)):
        dates = AUTUMN if table.contract.name in EDITIONS else MORNINGS
        rows, columns = statement(table, dates).cast(table.contract, "duckdb").sql, ", ".join(table.contract.columns)
        engine.execute(f"CREATE TABLE {table.contract.key} AS SELECT {columns} FROM ({rows})")
    games = f"FROM nba_raw.schedule WHERE game_date = '{NIGHTS.end}' ORDER BY game_id LIMIT 2"
    engine.execute(f"CREATE TABLE teams AS SELECT unnest([home_team, away_team]) AS team {games}")
    _keep(engine, "(FROM teams)", (*RAW, *BEFORE[1:], *CONTEXTS, *EVALUATED))
    return engine


def _keep(engine: duckdb.DuckDBPyConnection, teams: str, names: Iterable[str]) -> None:
    """Delete the rows of all other teams."""
    for name in names:
        contract, team = TABLES[name].contract, OF_TEAM.get(name, "team_abbr")
        if team in contract.columns:
            other = f" AND away_team NOT IN {teams}" if name == "schedule" else ""
            engine.execute(f"DELETE FROM {contract.key} WHERE coalesce({team}, '') NOT IN {teams}{other}")


def _repeat_a_week_as_the_season_before(engine: duckdb.DuckDBPyConnection) -> None:
    """The level of the league is that of the season before."""
    moved = "'2023' || substr(game_id, 5) AS game_id, game_date - 366 AS game_date, '2023-24' AS season"
    for name in BEFORE[1:]:
        key = TABLES[name].contract.key
        engine.execute(f"INSERT INTO {key} SELECT * REPLACE ({moved}) FROM {key} WHERE game_date < '2024-10-29'")


@pytest.mark.parametrize("name", EVALUATED)
def test_both_engines_give_the_same_rows(autumn: duckdb.DuckDBPyConnection, name: str) -> None:
    table = TABLES[name]
    read = [TABLES[upstream].contract for upstream in table.reads]
    nights = DateRange(NIGHTS.end, NIGHTS.end) if name in FEW_PLAYERS else NIGHTS
    autumn.execute("BEGIN")
    if name in FEW_PLAYERS:
        _keep(autumn, "(FROM teams LIMIT 2)", table.reads)
        autumn.execute(f"DELETE FROM nba_analytics.player_game_summary WHERE game_date BETWEEN {LEFT_OUT}")
        of_players, a_team = FEW_PLAYERS[name]
        autumn.execute(f"DELETE FROM {TABLES[of_players].contract.key} WHERE {OTHERS}{a_team})")
    ours = _rows(autumn, statement(table, nights).sql, table.contract)
    theirs = evaluate(
        statement(table, nights, "bigquery").sql,
        {contract.key: contract.schema for contract in read},
        {contract.key: _rows(autumn, f"FROM {contract.key}", contract) for contract in read},
    )
    autumn.execute("ROLLBACK")
    assert len(ours) >= FEW.get(name, MANY)
    assert _keyed(table, theirs) == {
        key: {column: _near(value) for column, value in row.items()} for key, row in _keyed(table, ours).items()
    }


@pytest.mark.parametrize("name", PHASE_4)
def test_every_column_of_the_sample_has_values(autumn: duckdb.DuckDBPyConnection, name: str) -> None:
    """Rows that are NULL on both engines would prove nothing."""
    rows = _rows(autumn, f"FROM {TABLES[name].contract.key}", TABLES[name].contract)
    known = {column for row in rows for column, value in row.items() if value is not None}
    assert set(TABLES[name].contract.columns) - known <= {"vegas_opening_line", "vegas_line_move"}


def _rows(engine: duckdb.DuckDBPyConnection, query: str, contract: Contract) -> list[Row]:
    """Return rows with the stored types: in DuckDB a sum of integers is wider than any column."""
    result = engine.execute(query).to_arrow_table()
    stored = contract.schema.to_pyarrow()
    return result.cast(pa.schema([stored.field(name).with_nullable(True) for name in result.column_names])).to_pylist()


def _keyed(table: Table, rows: list[Row]) -> dict[tuple[object, ...], Row]:
    keyed = {tuple(row[name] for name in table.contract.grain): row for row in rows}
    assert len(keyed) == len(rows)
    return keyed


def _near(value: object) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value
