"""Gaps that a source leaves: read from the order of loads in Dagster's log, so each test loads in some order."""

import datetime as dt
from pathlib import Path

import dagster as dg
import pytest

import nba_assets
from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import State
from nba_assets.kit.table import declared_tables
from nba_checks.completeness.coverage import DateState, coverage, coverage_check
from nba_checks.completeness.layers import layers_of_the_date
from nba_checks.completeness.source_gaps import with_source_gaps
from nba_resources.dates import DateRange
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.rejected_rows import REJECTED_ROWS

from ...nba_platform.rows import filled, store
from ...shared import warehouse_at

TABLES = declared_tables(nba_assets)
DAY = dt.date(2024, 12, 17)
DATES = DateRange(DAY, DAY)
PLAYED, FINAL = "0022400001", "0062400001"


@pytest.fixture
def instance() -> dg.DagsterInstance:
    return dg.DagsterInstance.ephemeral()


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    """Two finished games, of which one has rows of players and teams; the other is the cup final."""
    games = [
        {"game_id": game, "game_date": DAY, "season": "2024-25", "season_type": kind, "status": "final"}
        for game, kind in ((PLAYED, "regular"), (FINAL, "nba_cup_final"))
    ]
    season = {"season_year": 2024, "season": "2024-25", "start_date": dt.date(2024, 10, 22)}
    season |= {"end_date": dt.date(2025, 6, 22), "games": 1230}
    played = {"game_id": PLAYED, "game_date": DAY}
    return store(
        warehouse_at(tmp_path / "nba.duckdb"),
        schedule=games,
        seasons=[season],
        player_boxscores=[played | {"player_id": 1}],
        player_game_summary=[played | {"player_lookup": "one"}],
    )


def load(instance: dg.DagsterInstance, name: str) -> None:
    event = dg.AssetMaterialization(asset_key(TABLES[name].contract), partition=str(DAY))
    instance.report_runless_asset_event(event)


def judged(instance: dg.DagsterInstance, warehouse: DuckDBWarehouse, name: str = "player_boxscores") -> DateState:
    states = coverage(warehouse, TABLES, DATES, DAY + dt.timedelta(days=9), of=[TABLES[name]])
    return with_source_gaps(states, instance, warehouse, TABLES)[0]


@pytest.mark.parametrize("name", ["player_boxscores", "player_game_summary"])
def test_a_game_that_the_source_delivered_without_players_names_no_command(instance, warehouse, name):
    load(instance, "schedule")
    load(instance, "player_boxscores")

    state = judged(instance, warehouse, name)

    assert (state.state, state.command) == (State.PARTIAL, None)
    assert state.reason == "1 of 2 finished games: the source has no player rows for game 0062400001"


def test_a_load_before_the_game_was_known_as_final_proves_nothing(instance, warehouse):
    load(instance, "schedule")
    load(instance, "player_boxscores")
    load(instance, "schedule")

    state = judged(instance, warehouse)

    assert (state.reason, state.command) == (
        "1 of 2 finished games",
        "nba backfill 2024-12-17 --select player_boxscores",
    )


def test_a_date_that_was_never_loaded_keeps_its_command(instance, warehouse):
    load(instance, "schedule")

    assert judged(instance, warehouse).command == "nba backfill 2024-12-17 --select player_boxscores"


def test_a_summary_that_lacks_a_game_its_raw_table_has_is_our_gap(instance, warehouse):
    load(instance, "schedule")
    load(instance, "player_boxscores")
    warehouse.replace(TABLES["player_game_summary"].contract, DATES, filled(TABLES["player_game_summary"].contract, []))

    state = judged(instance, warehouse, "player_game_summary")

    assert (state.reason, state.command) == (
        "0 of 2 finished games",
        "nba backfill 2024-12-17 --select player_game_summary",
    )


def test_a_game_set_aside_as_broken_was_delivered(instance, warehouse):
    load(instance, "schedule")
    load(instance, "player_boxscores")
    row = {"feed": "player_boxscores", "game_date": DAY, "row": f'{{"game_id": "{FINAL}"}}'}
    warehouse.replace(REJECTED_ROWS, DATES, filled(REJECTED_ROWS, [row]))

    assert judged(instance, warehouse).reason == "1 of 2 finished games"


def test_the_checks_say_it_without_a_command(instance, warehouse):
    """Before, both checks named a backfill that changed nothing."""
    load(instance, "schedule")
    load(instance, "player_boxscores")
    load(instance, "team_boxscores")
    for name in TABLES:
        if not warehouse.holds(TABLES[name].contract):
            store(warehouse, **{name: []})
    today = DAY + dt.timedelta(days=9)

    told = coverage_check(TABLES["player_boxscores"])(warehouse, TABLES, DATES, today, instance)[DAY]
    layers = layers_of_the_date(warehouse, TABLES, DATES, today, instance)[DAY]

    assert not told.passed
    assert told.message == "partial: 1 of 2 finished games: the source has no player rows for game 0062400001"
    assert layers.message.startswith(
        "L3 GAP: 0 of 2 games have summaries of players and teams, expected 90%: the source"
    )
    assert "nba backfill" not in layers.message
