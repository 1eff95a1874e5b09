"""A range run of which one date breaks the contract: that date waits for new inputs, all others are stored."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import ibis.expr.types as ir
import pytest

from nba_assets.kit.assets import asset_key, asset_of
from nba_assets.kit.table import Table, table
from nba_assets.raw.schedule import schedule
from nba_platform.alerts.runs import failed_runs
from nba_platform.alerts.watch import AlertContext
from nba_platform.dagster_compat.output_partitions import PARTLY_FAILED, leave_out, refused_partitions
from nba_platform.orchestration.automation.conditions import automated, whenever_ready
from nba_platform.orchestration.backfill.runs import PartitionRun
from nba_resources.warehouse.contract import day, number, text
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager

from ....nba_assets.raw.delivered import a_game
from ....nba_assets.raw.loaded import TinySource
from .world import QUIET

DATES = [dt.date(2025, 1, n) for n in (13, 14, 15)]
FIRST, BAD, LAST = (date.isoformat() for date in DATES)


@table(
    dataset="nba_test",
    grain=["game_id"],
    post=True,
    columns={"game_id": text(), "game_date": day(), "pace": number("", 70, 130)},
)
def paces(schedule: ir.Table) -> ir.Table:
    """The pace of each game."""
    return schedule.select("game_id", "game_date", pace=schedule.home_pts.cast("float64"))


@table(dataset="nba_test", grain=["game_id"], post=True, columns=paces.columns("game_id", "game_date", "pace"))
def summaries(paces: ir.Table) -> ir.Table:
    """A summary of each game."""
    return paces.select("game_id", "game_date", "pace")


TABLES: Mapping[str, Table] = {one.contract.name: one for one in (schedule, paces, summaries)}


class Platform:
    def __init__(self, folder: Path) -> None:
        games = [a_game(f"002240056{n}", game_date=date, home_pts=100 + n) for n, date in enumerate(DATES)]
        self.source = TinySource(schedule=games)
        self.warehouse = DuckDBWarehouse(path=str(folder / "nba.duckdb"))
        self.instance = dg.DagsterInstance.ephemeral()
        tables = WarehouseIOManager(self.warehouse, leave_out)
        self.definitions = dg.Definitions(
            assets=[
                automated(asset_of(one, TABLES), None if one.feed else whenever_ready(one, TABLES))
                for one in TABLES.values()
            ],
            resources={"source": self.source, "warehouse": self.warehouse, "tables": tables},
        )

    def score(self, points: int) -> None:
        self.source.feeds["schedule"][1]["home_pts"] = points

    def run(self, names: list[str], *dates: str) -> dg.ExecuteInProcessResult:
        return self.definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance,
            asset_selection=[asset_key(TABLES[name].contract) for name in names],
            tags=PartitionRun((), dates).tags,
            run_config=QUIET,
            raise_on_error=False,
        )

    def requested(self) -> dict[str, list[str]]:
        result = dg.evaluate_automation_conditions(self.definitions, self.instance)
        found = {name: result.get_requested_partitions(asset_key(one.contract)) for name, one in TABLES.items()}
        return {name: sorted(map(str, dates)) for name, dates in found.items() if dates}

    def stored(self, name: str) -> list[float]:
        return self.warehouse.read(TABLES[name].contract.table().order_by("game_date").select("pace"))["pace"].tolist()


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    monkeypatch.setenv("NBA_TODAY", "2025-01-20")
    return Platform(tmp_path)


def test_every_sound_date_is_stored_and_the_refused_one_is_named(platform: Platform):
    platform.score(200)
    result = platform.run(["schedule", "paces", "summaries"], FIRST, LAST)
    assert result.success
    assert platform.stored("paces") == platform.stored("summaries") == [100.0, 102.0]
    assert platform.instance.get_materialized_partitions(asset_key(paces.contract)) == {FIRST, LAST}
    ((key, date, reason),) = refused_partitions(platform.instance, result.run_id)
    assert (key.path[-1], date) == ("paces", BAD)
    assert reason == "1 rows where pace is outside 70 to 130, for instance 0022400561"
    run = platform.instance.get_run_by_id(result.run_id)
    assert run is not None
    assert run.tags[PARTLY_FAILED] == "true"


def test_a_refused_date_keeps_its_old_rows_and_waits_for_new_inputs(platform: Platform):
    platform.run(["schedule", "paces", "summaries"], FIRST, LAST)
    platform.score(200)
    platform.run(["schedule"], BAD)
    assert platform.requested() == {"paces": [BAD], "summaries": [BAD]}
    platform.run(["paces"], FIRST, LAST)
    assert platform.stored("paces") == [100.0, 101.0, 102.0]
    assert platform.requested() == {"summaries": [FIRST, LAST]}, "nothing is made of the refused date"
    platform.score(110)
    platform.run(["schedule"], BAD)
    assert platform.requested() == {"paces": [BAD], "summaries": [FIRST, BAD, LAST]}
    platform.run(["paces", "summaries"], FIRST, LAST)
    assert platform.stored("summaries") == [100.0, 110.0, 102.0]
    assert platform.requested() == {}


def test_people_are_alerted_of_a_refused_date_until_it_is_stored(platform: Platform):
    def alerts() -> list[Any]:
        now = dt.datetime.now(dt.UTC)
        return failed_runs(AlertContext(platform.warehouse, TABLES, platform.instance, DATES[-1], now))

    platform.score(200)
    platform.run(["schedule", "paces"], FIRST, LAST)
    (alert,) = alerts()
    assert alert.key == f"failed_runs/nba_test.paces/{BAD}"
    assert alert.to_do == f"correct the cause, then run `nba backfill {BAD} --select paces+`"
    platform.score(110)
    platform.run(["schedule", "paces"], BAD)
    assert alerts() == []
