import datetime as dt
import weakref
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pytest

from nba_assets.kit.assets import asset_of
from nba_platform.dagster_compat.output_partitions import leave_out
from nba_resources.dates import DateRange
from nba_resources.sources.base import Delivery
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager

from .delivered import MONDAY, WEDNESDAY, a_box, a_game, a_line, an_injury, at
from .loaded import END, START, TABLES, Platform, TinySource


def test_box_scores_of_unscheduled_games_are_left_out_counted_and_listed(tmp_path: Path):
    boxes = [a_box(), a_box("0022499999"), a_box("0022499999", player_id=2, player_name="Jaylen Brown")]
    platform = Platform(tmp_path, TinySource(schedule=[a_game()], player_boxscores=boxes))
    platform.load("schedule", MONDAY)
    platform.load("team_boxscores", MONDAY)
    metadata = platform.load("player_boxscores", MONDAY)["2025-01-13"]
    assert platform.stored("player_boxscores", "game_id", "pts", "source") == [("0022400561", 27, "tiny")]
    assert metadata["dagster/partition_row_count"] == 1
    assert metadata["load 2025-01-13"] == {
        "rows without a scheduled game": 2,
        "without a scheduled game": ["0022499999 2025-01-13 2"],
    }


def test_a_box_score_corrected_two_days_later_takes_the_place_of_the_first(tmp_path: Path):
    source = TinySource(schedule=[a_game()], player_boxscores=[a_box(), a_box(player_id=2)])
    platform = Platform(tmp_path, source)
    platform.load("schedule", MONDAY)
    platform.load("team_boxscores", MONDAY)
    platform.load("player_boxscores", MONDAY)
    source.feeds["player_boxscores"] = [a_box(pts=29)]
    platform.load("player_boxscores", MONDAY)
    assert platform.stored("player_boxscores", "player_id", "pts") == [(1628369, 29)]


def test_each_row_keeps_the_source_that_delivered_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Rows of live providers name their source; a statement compiled without that column once lost it."""
    source = TinySource(schedule=[a_game()], player_boxscores=[a_box(), a_box(player_id=2)])
    platform = Platform(tmp_path, source)
    platform.warehouse = DuckDBWarehouse(path=platform.warehouse.path, templates=str(tmp_path / "compiled" / "hash"))
    tables = WarehouseIOManager(platform.warehouse, leave_out)
    platform.resources |= {"warehouse": platform.warehouse, "tables": tables}
    for name in ("schedule", "player_boxscores"):
        platform.load(name, MONDAY)
    assert platform.stored("player_boxscores", "player_id", "source") == [(2, "tiny"), (1628369, "tiny")]
    fetch = source.fetch

    def named(feed: str, dates: DateRange) -> Delivery:
        rows = fetch(feed, dates).rows
        return Delivery(rows.append_column("source", pa.array(["a provider", "another"])))

    monkeypatch.setattr(source, "fetch", named)
    platform.load("player_boxscores", MONDAY)
    assert {name for _, name in platform.stored("player_boxscores", "player_id", "source")} == {"a provider", "another"}


@pytest.mark.parametrize("name", ["schedule", "player_boxscores"])
def test_rows_are_let_go_when_they_are_written(tmp_path: Path, name: str):
    """Dagster holds what a step returned until its run ends: half a gigabyte of the facts of five seasons."""
    source = TinySource(schedule=[a_game()], player_boxscores=[a_box()])
    fetch, delivered = source.fetch, []

    def watched(feed: str, dates: DateRange) -> Delivery:
        delivery = fetch(feed, dates)
        delivered.append(weakref.ref(delivery.rows))
        return delivery

    source.fetch = watched
    platform = Platform(tmp_path, source)
    platform.load("schedule", MONDAY)
    tags = {START: str(MONDAY), END: str(MONDAY)}
    run = dg.materialize([asset_of(TABLES[name], TABLES)], resources=platform.resources, tags=tags)
    assert run.success
    assert [rows() for rows in delivered] == [None] * len(delivered)


def test_a_game_moved_to_another_date_leaves_its_old_one(tmp_path: Path):
    source = TinySource(schedule=[a_game(status="scheduled"), a_game("0022400562", status="scheduled")])
    platform = Platform(tmp_path, source)
    platform.load("schedule", MONDAY, WEDNESDAY)
    source.feeds["schedule"][0] = a_game(game_date=WEDNESDAY)
    metadata = platform.load("schedule", WEDNESDAY)
    assert metadata["2025-01-15"]["dagster/partition_row_count"] == 1
    assert platform.stored("schedule", "game_id", "game_date") == [("0022400561", WEDNESDAY), ("0022400562", MONDAY)]


def test_lines_are_added_to_and_never_rewritten(tmp_path: Path):
    source = TinySource(schedule=[a_game()], player_props=[a_line()])
    platform = Platform(tmp_path, source)
    platform.load("schedule", MONDAY)
    platform.load("player_props", MONDAY)
    source.feeds["player_props"] = [a_line(over_price=150), a_line(snapshot_utc=at(21), over_price=-125)]
    metadata = platform.load("player_props", MONDAY)
    assert metadata["2025-01-13"]["dagster/partition_row_count"] == 2
    assert platform.stored("player_props", "snapshot_key", "over_price") == [
        ("2025-01-13T20:00:00Z", -110),
        ("2025-01-13T21:00:00Z", -125),
    ]


def test_a_market_nobody_knows_is_stored_beside_the_others(tmp_path: Path):
    """It may be known tomorrow, and lines are never asked for again."""
    lines = [a_line(), a_line(market="player_fantasy_points", line=45.5)]
    platform = Platform(tmp_path, TinySource(schedule=[a_game()], player_props=lines))
    platform.load("schedule", MONDAY)
    platform.load("player_props", MONDAY)
    stored = platform.stored("player_props", "market", "line")
    assert stored == [("player_fantasy_points", 45.5), ("player_points", 27.5)]


def test_news_of_the_summer_is_stored_under_its_own_date(tmp_path: Path):
    july, october = dt.date(2024, 7, 3), dt.date(2024, 10, 1)
    news = [an_injury(report_date=july), an_injury(report_date=october), an_injury(report_date=dt.date(2024, 6, 30))]
    platform = Platform(tmp_path, TinySource(injury_reports=news))
    platform.load("injury_reports", october, dt.date(2024, 10, 2))
    assert platform.stored("injury_reports", "report_key", "report_date") == [("2024-10-01", october)]
    platform.load("injury_reports", dt.date(2024, 6, 30), october)
    assert platform.stored("injury_reports", "report_key", "report_date") == [
        ("2024-06-30", dt.date(2024, 6, 30)),
        ("2024-07-03", july),
        ("2024-10-01", october),
    ]


def test_news_from_before_the_first_partition_is_stored_under_it(tmp_path: Path):
    july, first = dt.date(2021, 7, 22), dt.date(2021, 10, 19)
    platform = Platform(tmp_path, TinySource(injury_reports=[an_injury(report_date=july)]))
    platform.load("injury_reports", first, dt.date(2021, 10, 20))
    assert platform.stored("injury_reports", "report_key", "report_date") == [("2021-07-22", first)]


def test_a_report_on_two_games_of_a_player_is_two_rows_and_a_move_names_no_game(tmp_path: Path):
    status = {"kind": "status_report", "event": "status", "known_at": at(22), "status": "questionable"}
    reports = [an_injury(**status, game_date=dt.date(2025, 1, day)) for day in (13, 14)]
    platform = Platform(tmp_path, TinySource(injury_reports=[*reports, an_injury()]))
    platform.load("injury_reports", MONDAY)
    assert platform.stored("injury_reports", "event", "game_key") == [
        ("placed", "none"),
        ("status", "2025-01-13"),
        ("status", "2025-01-14"),
    ]
