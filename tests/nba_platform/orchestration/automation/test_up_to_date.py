"""A run of the daemon computes what is behind when the turn of a table comes; other stored rows stay."""

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Literal

import dagster as dg
import ibis.expr.types as ir
import pandas as pd
import pytest

from nba_assets.kit.assets import asset_key, asset_of
from nba_assets.kit.table import ExpectedRows, Table, table
from nba_assets.kit.table_context import ComputedFrame, TableContext
from nba_assets.raw.schedule import schedule
from nba_platform.dagster_compat.data_versions import Versions
from nba_platform.dagster_compat.event_log import KeptOpenEventLog
from nba_platform.dagster_compat.output_partitions import leave_out
from nba_platform.orchestration.automation.up_to_date import ONLY_BEHIND, games_to_keep, up_to_date
from nba_platform.orchestration.backfill.runs import PartitionRun
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.changes import EMPTY
from nba_resources.warehouse.contract import day, integer, text
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager
from nba_resources.warehouse.metadata import DIFFERENCES, FINGERPRINT, ROWS

from ....nba_assets.raw.delivered import a_game
from ....nba_assets.raw.loaded import TinySource
from .world import QUIET

DATES = [dt.date(2025, 1, n) for n in range(13, 18)]
DAYS = [date.isoformat() for date in DATES]
CHAIN = ["home_points", "halves", "doubles"]
GAME = {"game_id": text(), "game_date": day(), "points": integer("", 0, 500)}
forecast: list[str] = []  # the dates that `doubled` has seen


def doubled(frames: Mapping[str, pd.DataFrame], dates: DateRange, context: TableContext) -> ComputedFrame:
    games = frames["games"]
    forecast.extend(games.game_date.dt.date.map(str))
    return ComputedFrame(games.assign(points=2 * games.points))


@table(dataset="nba_test", grain=["game_id"], post=True, columns=GAME)
def home_points(schedule: ir.Table) -> ir.Table:
    """The points of the home team."""
    return schedule.select("game_id", "game_date", points="home_pts")


@table(dataset="nba_test", grain=["game_id"], post=True, columns=GAME)
def halves(home_points: ir.Table) -> ir.Table:
    """Half of the points, without what is over."""
    return home_points.mutate(points=(home_points.points // 2).cast("int64")).select(*GAME)


@table(
    dataset="nba_test",
    grain=["game_id"],
    post=True,
    columns=GAME,
    expected_rows=ExpectedRows.FORECASTS,
    compute_frame=doubled,
)
def doubles(halves: ir.Table) -> dict[Literal["games"], ir.Table]:
    """Twice the half of the points, computed in Python."""
    return {"games": halves.select(*GAME)}


TABLES: Mapping[str, Table] = {one.contract.name: one for one in (schedule, home_points, halves, doubles)}


class Platform:
    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        games = [a_game(f"002240056{n}", game_date=date, home_pts=100 + 2 * n) for n, date in enumerate(DATES)]
        self.source, self.instance = TinySource(schedule=games), instance
        self.warehouse = DuckDBWarehouse(path=str(folder / "nba.duckdb"))
        self.definitions = dg.Definitions(
            assets=[
                asset_of(one, TABLES, up_to_date=up_to_date, games_to_keep=partial(games_to_keep, tables=TABLES))
                for one in TABLES.values()
            ],
            resources={
                "source": self.source,
                "warehouse": self.warehouse,
                "objects": ObjectStore(root=str(folder / "objects")),
                "tables": WarehouseIOManager(self.warehouse, leave_out),
            },
        )

    def score(self, points: Mapping[str, int]) -> None:
        """Correct the games of some dates and load them."""
        for game in self.source.feeds["schedule"]:
            game["home_pts"] = points.get(str(game["game_date"]), game["home_pts"])
        self.run(["schedule"], DAYS[0], DAYS[-1])

    def run(self, names: list[str], *dates: str, tags: Mapping[str, str] | None = None) -> dg.ExecuteInProcessResult:
        result = self.definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance,
            asset_selection=[asset_key(TABLES[name].contract) for name in names],
            tags={**PartitionRun((), dates).tags, **(tags or {})},
            run_config=QUIET,
        )
        assert result.success
        return result

    def run_of_daemon(self, *dates: str) -> dg.ExecuteInProcessResult:
        return self.run(CHAIN, *dates, tags={ONLY_BEHIND: "true"})

    def stored(self, name: str, column: str = "points") -> list:
        rows = self.warehouse.read(TABLES[name].contract.table().order_by("game_date").select(column))
        return rows[column].tolist()


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """Five dates, all of them stored."""
    monkeypatch.setenv("NBA_TODAY", "2025-01-20")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    log = {"module": KeptOpenEventLog.__module__, "class": KeptOpenEventLog.__name__, "config": {}}
    with dg.instance_for_test(overrides={"event_log_storage": log}, temp_dir=str(tmp_path)) as instance:
        Versions(FINGERPRINT, EMPTY, DIFFERENCES).use()
        platform = Platform(tmp_path, instance)
        platform.run([*TABLES], DAYS[0], DAYS[-1])
        forecast.clear()
        yield platform


def test_a_forecast_in_a_gap_is_not_made_again(platform: Platform):
    """A forecast is a record: it was made again for every date between two that a corrected box score changed."""
    first = platform.stored("doubles", "computed_at")
    platform.score({DAYS[1]: 90, DAYS[3]: 80})
    platform.run_of_daemon(DAYS[0], DAYS[-1])
    assert forecast == [DAYS[1], DAYS[3]]
    assert platform.stored("doubles") == [100, 90, 104, 80, 108]
    again = platform.stored("doubles", "computed_at")
    assert [now > then for now, then in zip(again, first, strict=True)] == [False, True, False, True, False]


def test_what_reads_an_input_that_turned_out_the_same_is_not_computed(platform: Platform):
    """A point more is lost in the half: 1,660 dates were computed after a corrected box score, and 228 changed."""
    first = [platform.stored(name, "computed_at") for name in CHAIN]
    platform.score({DAYS[2]: 105})
    platform.run_of_daemon(DAYS[0], DAYS[-1])
    again = [platform.stored(name, "computed_at") for name in CHAIN]
    assert platform.stored("home_points")[2] == 105
    assert [now[2] > then[2] for now, then in zip(again, first, strict=True)] == [True, True, False]
    assert [now[:2] + now[3:] == then[:2] + then[3:] for now, then in zip(again, first, strict=True)] == [True] * 3
    assert forecast == []


def test_a_date_that_is_kept_is_reported_as_checked_with_its_rows(platform: Platform):
    platform.score({DAYS[2]: 90})
    events = platform.run_of_daemon(DAYS[0], DAYS[-1]).get_asset_materialization_events()
    of_forecasts = [event for event in events if event.asset_key == asset_key(doubles.contract)]
    assert [event.partition for event in of_forecasts] == DAYS
    assert [event.materialization.metadata[ROWS].value for event in of_forecasts] == [1] * 5
    unchanged = ["nba/unchanged_since" in (event.materialization.tags or {}) for event in of_forecasts]
    assert unchanged == [True, True, False, True, True]


def test_a_date_without_rows_that_is_stored_for_the_first_time_is_computed(platform: Platform):
    platform.score({DAYS[2]: 90})
    platform.run_of_daemon(DAYS[0], "2025-01-18")
    assert forecast == [DAYS[2]]
    assert platform.instance.get_materialized_partitions(asset_key(doubles.contract)) == {*DAYS, "2025-01-18"}


def test_news_of_a_later_game_leaves_forecasts_of_a_begun_one(platform: Platform, monkeypatch: pytest.MonkeyPatch):
    """They stay as they were told; a run that a person starts makes both again."""
    monkeypatch.setenv("NBA_TODAY", DAYS[-1])  # its morning, at nine in New York
    *_, early = platform.source.feeds["schedule"]
    noon, morning, evening = (dt.datetime.combine(DATES[-1], dt.time(hour), dt.UTC) for hour in (12, 13, 23))
    late = {**early, "game_id": "0022400599", "start_time_utc": evening, "home_pts": 120}
    early["start_time_utc"] = morning
    platform.source.feeds["schedule"].append(late)
    platform.run([*TABLES], DAYS[-1])
    platform.warehouse.update(doubles.contract, {"game_date": DATES[-1]}, {"computed_at": noon})

    early["home_pts"], late["home_pts"] = 90, 80
    platform.run(["schedule"], DAYS[-1])
    platform.run_of_daemon(DAYS[-1])
    assert dict(zip(platform.stored("doubles", "game_id"), platform.stored("doubles"), strict=True)) == {
        **{"0022400560": 100, "0022400561": 102, "0022400562": 104, "0022400563": 106},
        **{"0022400564": 108, "0022400599": 80},
    }
    platform.run(CHAIN, DAYS[-1])
    assert sorted(platform.stored("doubles")[-2:]) == [80, 90]


def test_a_run_that_a_person_starts_computes_all_its_dates(platform: Platform):
    platform.run(CHAIN, DAYS[0], DAYS[-1])
    assert forecast == DAYS
