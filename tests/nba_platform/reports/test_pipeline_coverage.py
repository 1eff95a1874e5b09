import datetime as dt
import json
from pathlib import Path

import dagster as dg
import ibis
import pandas as pd
import pytest

from nba_assets.kit.calendar import State
from nba_checks.completeness.coverage import DateState, coverage
from nba_checks.completeness.coverage_asset import coverage_asset
from nba_checks.completeness.pipeline_coverage import pipeline_coverage
from nba_platform.config.environments import objects, source, warehouse
from nba_platform.dagster_compat.output_partitions import leave_out
from nba_platform.definitions import TABLES
from nba_resources.dates import DateRange
from nba_resources.warehouse.io_manager import WarehouseIOManager

DAY = dt.date(2024, 10, 23)
EVENINGS = DateRange(dt.date(2024, 10, 22), dt.date(2024, 10, 24))
TONIGHT = EVENINGS.end


def stored(dates: DateRange) -> pd.DataFrame:
    rows = pipeline_coverage.contract.table()
    rows = rows.filter(rows.game_date.between(dates.start, dates.end)).order_by("table_name", "game_date")
    return warehouse().read(rows)


def judge_again(dates: DateRange) -> dg.ExecuteInProcessResult:
    resources = {"warehouse": warehouse(), "source": source(), "tables": WarehouseIOManager(warehouse(), leave_out)}
    tags = {
        "dagster/asset_partition_range_start": str(dates.start),
        "dagster/asset_partition_range_end": str(dates.end),
    }
    return dg.materialize([coverage_asset(TABLES)], resources=resources, tags=tags)


def test_a_state_becomes_a_row_with_what_mends_it():
    contract = TABLES["shots"].contract
    rows = pipeline_coverage(
        [
            DateState(contract.key, DAY, State.PARTIAL, 10, 7, 7, "7 of 10"),
            DateState(contract.key, TONIGHT, State.NO_GAMES, 0, 0, 0, None),
        ]
    )
    first, second = ibis.duckdb.connect().to_pyarrow(rows).to_pylist()
    assert first["command"] == "nba backfill 2024-10-23 --select shots"
    assert (first["state"], first["expected_count"], first["actual_count"]) == ("partial", 10, 7)
    assert (second["state"], second["reason"], second["command"]) == ("no_games", None, None)


def test_a_backfill_leaves_every_table_judged_on_every_date(filled_home):
    rows = stored(EVENINGS)
    owing = {state.table for state in coverage(warehouse(), TABLES, EVENINGS, TONIGHT)}
    assert set(rows["table_name"]) == owing
    assert pipeline_coverage.contract.key not in owing
    assert len(rows) == 3 * len(owing)


def test_the_table_says_what_the_command_says(filled_home, nba):
    said = nba("coverage", "2024-10-22", "2024-10-24", "--json").document()
    told = {table["table"]: table["states"] for table in said["tables"] if table["states"]}
    counts = stored(EVENINGS).groupby(["table_name", "state"]).size()
    assert {table: dict(counts[table]) for table in counts.index.levels[0]} == told
    (own,) = [table for table in said["tables"] if table["table"] == pipeline_coverage.contract.key]
    assert own["rows"] == len(stored(EVENINGS))


def test_a_lost_date_is_found_when_it_is_judged_again_and_gone_when_mended(filled_home, nba):
    contract = TABLES["player_game_summary"].contract
    rows = contract.table()
    kept = ibis.memtable(warehouse().read(rows.filter(rows.game_date == DAY)).head(0), schema=contract.schema)
    warehouse().replace(contract, DateRange(DAY, DAY), kept)

    judge_again(EVENINGS)

    found = stored(DateRange(DAY, DAY)).set_index("table_name").loc[contract.key]
    assert found["state"] == "missing"
    assert found["command"] == "nba backfill 2024-10-23 --select player_game_summary"
    assert nba(*found["command"].split()[1:], "--json").code == 0
    assert nba("backfill", "2024-10-23", "--select", "pipeline_coverage", "--json").code == 0
    assert stored(DateRange(DAY, DAY)).set_index("table_name").loc[contract.key, "state"] == "complete"


def test_each_date_carries_its_own_numbers(filled_home):
    events = judge_again(EVENINGS).get_asset_materialization_events()
    numbers = {event.partition: event.materialization.metadata for event in events}
    on_tonight = stored(DateRange(TONIGHT, TONIGHT))["state"].value_counts()
    assert set(numbers) == {str(date) for date in EVENINGS}
    assert numbers[str(TONIGHT)]["not_due"].value == on_tonight["not_due"] > 0
    assert numbers[str(DAY)]["not_due"].value == 0


def test_before_any_run_is_judged_a_preflight_of_everything_still_answers(home, nba):
    said = nba("preflight", "2024-10-22", "--json")
    assert said.code == 1
    assert said.document()["go"] is False


@pytest.mark.parametrize("file", ["reports/coverage_calendar.png", "reports/coverage_calendar.md"])
def test_a_backfill_leaves_the_calendar_as_files(file: str, filled_home: Path):
    assert objects().exists(file)


def test_the_pages_of_both_are_in_the_records_of_the_run(filled):
    runs = json.loads(filled.said.out)["runs"]
    tables = [table for run in runs for table in run["tables"]]
    judged, drawn = (tables.index(name) for name in ("nba_reference.pipeline_coverage", "reports.coverage_calendar"))
    assert judged < drawn
