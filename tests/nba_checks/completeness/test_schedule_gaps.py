import datetime as dt
from pathlib import Path

import pytest

from nba_checks.completeness.states import schedule_gaps
from nba_checks.framework.count_queries import WarehouseQueries
from nba_resources.dates import DateRange
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ..counted import DAY, TABLES, TONIGHT, games, one_season, store


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return one_season(tmp_path)


def test_a_finished_season_loaded_in_part_is_said_to_be(warehouse):
    store(warehouse, "schedule", games(DAY, 8))

    assert schedule_gaps(WarehouseQueries(warehouse, TABLES), DateRange(DAY, DAY), today=dt.date(2025, 10, 21)) == [
        "the schedule holds 8 of the 1,230 games of 2024-25: a date without games may be one that was never loaded"
    ]


def test_fixtures_still_to_come_are_no_gap_of_the_schedule(warehouse):
    store(warehouse, "schedule", games(DAY, 8))

    assert schedule_gaps(WarehouseQueries(warehouse, TABLES), DateRange(DAY, DAY), TONIGHT) == []
