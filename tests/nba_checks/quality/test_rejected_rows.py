"""Rows that are set aside: a check warns of any, and many keep a date from being published."""

import datetime as dt
import json
from pathlib import Path

import pytest

import nba_assets
from nba_assets.kit.table import declared_tables
from nba_checks.quality.rejected_rows import Rejections, no_rows_set_aside, rejections
from nba_resources.dates import DateRange
from nba_resources.rejected import RejectedRow
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.rejected_rows import store_rejected

from ...nba_platform.rows import filled
from ...shared import warehouse_at

NIGHT = dt.date(2024, 11, 6)
DATES = DateRange(NIGHT, NIGHT + dt.timedelta(days=1))
TABLES = declared_tables(nba_assets)


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    warehouse = warehouse_at(tmp_path / "nba.duckdb")
    odds = TABLES["game_odds"].contract
    stored = [{"game_id": str(n), "game_date": NIGHT, "bookmaker": "b", "snapshot_key": "k"} for n in range(38)]
    warehouse.replace(odds, DATES, filled(odds, stored))
    return warehouse


def set_aside(warehouse: DuckDBWarehouse, rows: int) -> None:
    broken = [RejectedRow(NIGHT, "archive", json.dumps({"n": n}), "total is outside 150 to 300") for n in range(rows)]
    store_rejected(warehouse, "game_odds", DATES, broken)


def test_a_date_without_rejected_rows_passes(warehouse: DuckDBWarehouse):
    results = no_rows_set_aside("game_odds")(warehouse, TABLES, DATES, NIGHT)
    assert [result.passed for result in results.values()] == [True, True]


def test_the_rejected_rows_of_a_date_are_counted_with_a_reason(warehouse: DuckDBWarehouse):
    set_aside(warehouse, 2)
    bad, other = no_rows_set_aside("game_odds")(warehouse, TABLES, DATES, NIGHT).values()
    assert (bad.passed, other.passed) == (False, True)
    assert bad.message == (
        "2 of 40 rows of game_odds are set aside: total is outside 150 to 300; mend them at the source"
    )
    assert rejections(warehouse, TABLES, DATES, ["shots"]) == {}


@pytest.mark.parametrize(
    ("stored", "rejected", "too_many"),
    [(380, 19, False), (380, 20, False), (379, 20, True), (1, 19, False), (0, 20, True)],
)
def test_many_are_at_least_twenty_rows_and_over_five_percent(stored: int, rejected: int, too_many: bool):
    """20 of 400 are 5 %, 20 of 399 are more."""
    assert Rejections("game_odds", stored, rejected, "why").too_many is too_many
