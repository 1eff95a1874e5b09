"""Reading of archives with different files."""

import datetime as dt
from typing import Any

import fsspec
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from nba_resources.sources.archive.layout import LAYOUTS
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.base import ALWAYS
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.validation.parsers import arrow_schema

from .archives import MON, TUE, TUESDAY, WED, games, injuries, props, statuses, write


def test_csv_parquet_a_folder_of_files_and_a_bucket_deliver_the_same(tmp_path, bucket):
    table = games(MON, TUE, TUE, WED)
    one = write(tmp_path / "parquet", games=table)
    (tmp_path / "csv").mkdir()
    csv.write_csv(table, tmp_path / "csv" / "games.csv")
    (tmp_path / "folder" / "games" / "season=2024-25").mkdir(parents=True)
    parquet.write_table(table.slice(2), tmp_path / "folder" / "games" / "late.parquet")
    csv.write_csv(table.slice(0, 2), tmp_path / "folder" / "games" / "season=2024-25" / "early.csv")
    system = fsspec.filesystem("memory")
    system.makedirs("/an-archive/games")
    for name in ("parquet/games.parquet", "folder/games/late.parquet", "csv/games.csv"):
        system.put_file(str(tmp_path / name), f"/an-archive/{name}")
    for root in (tmp_path / "csv", tmp_path / "folder", f"{bucket}/parquet", f"{bucket}/csv/"):
        for dates in (ALWAYS, TUESDAY):
            assert ArchiveSource(str(root)).fetch("schedule", dates).rows.equals(one.fetch("schedule", dates).rows)
    assert ArchiveSource(f"{bucket}/folder").fetch("schedule", ALWAYS).rows.num_rows == 2
    assert one.fetch("schedule", TUESDAY).rows["game_id"].to_pylist() == ["0022400561", "0022400562"]
    assert one.fetch("schedule", TUESDAY).rows["arena"].to_pylist() == ['The "Dome", Toronto'] * 2
    assert one.fetch("schedule", TUESDAY).rows["neutral_site"].to_pylist() == [None, None]


def test_names_with_commas_quotes_and_line_breaks_survive_a_csv(tmp_path):
    csv.write_csv(games(TUE, arena='A "b",\nc'), tmp_path / "games.csv")
    assert ArchiveSource(str(tmp_path)).fetch("schedule", ALWAYS).rows["arena"].to_pylist() == ['A "b",\nc']


def test_tonight_is_the_first_unfinished_date(tmp_path):
    table = pa.concat_tables([games(MON), games(TUE, WED, status="scheduled", game_id="0022400999").slice(0, 1)])
    assert write(tmp_path, games=table).today() == TUE


def test_tonight_is_read_once_for_each_state_of_the_files(tmp_path, monkeypatch):
    """Each of 38 checks of a date once read and validated the whole schedule to know which date is tonight."""
    read: list[str] = []
    fetch = ArchiveSource.fetch
    monkeypatch.setattr(ArchiveSource, "fetch", lambda self, feed, dates: read.append(feed) or fetch(self, feed, dates))
    source = write(tmp_path, games=games(MON, status="scheduled"))
    assert [source.today() for _ in range(3)] == [MON] * 3
    assert read == ["schedule"]
    write(tmp_path, games=pa.concat_tables([games(MON), games(WED, status="scheduled", game_id="0022400999")]))
    assert [source.today() for _ in range(2)] == [WED] * 2
    assert read == ["schedule"] * 2


REBOUNDS = {"market": "player_rebounds", "line": 8.5}


def test_both_files_of_lines_are_read_as_one_feed(tmp_path):
    new, old = props({}, REBOUNDS), props({"line": 28.5})
    archive = write(tmp_path, games=games(TUE), player_props=new, player_points_props=old)
    delivery = archive.fetch("player_props", TUESDAY)
    assert list(zip(*(delivery.rows[name].to_pylist() for name in ("market", "line")), strict=True)) == [
        ("player_points", 27.5),
        ("player_points", 28.5),
        ("player_rebounds", 8.5),
    ]
    assert delivery.notes == {}


def test_a_row_in_both_files_of_lines_is_one_row(tmp_path):
    archive = write(tmp_path, games=games(TUE), player_props=props({}), player_points_props=props({}))
    delivery = archive.fetch("player_props", TUESDAY)
    assert (delivery.rows.num_rows, delivery.notes) == (1, {"exact duplicates collapsed": 1})


@pytest.mark.parametrize("with_market", [True, False], ids=["with market", "without"])
def test_the_old_file_of_lines_holds_points_only(tmp_path, with_market):
    old = props({}, REBOUNDS) if with_market else props({}).drop_columns(["market"])
    delivery = write(tmp_path, games=games(TUE), player_points_props=old).fetch("player_props", TUESDAY)
    assert (delivery.rows["market"].to_pylist(), delivery.rows["line"].to_pylist()) == (["player_points"], [27.5])
    assert delivery.notes == {}


@pytest.mark.parametrize(
    ("eastern", "utc"),
    [
        ("2025-01-14 13:30:00", dt.datetime(2025, 1, 14, 18, 30, tzinfo=dt.UTC)),
        ("2025-04-14 13:30:00", dt.datetime(2025, 4, 14, 17, 30, tzinfo=dt.UTC)),
        (None, None),
    ],
    ids=["winter", "summer", "unknown"],
)
def test_report_times_are_us_eastern(tmp_path, eastern, utc):
    archive = write(tmp_path, games=games(TUE), injury_reports=injuries({"report_time": eastern}))
    assert archive.fetch("injury_reports", ALWAYS).rows["known_at"].to_pylist() == [utc]


def test_the_leagues_reports_stand_beside_moves_and_name_their_game(tmp_path):
    """Published on Tuesday evening, which is Wednesday in UTC: on Tuesday's game and on Wednesday's."""
    evening = {"report_time": "2025-01-14 23:30:00"}
    reports = statuses({}, evening, evening | {"game_date": WED, "status": "questionable", "reason": None})
    move = {"kind": "il_transaction", "event": "placed", "status": None, "report_date": MON}
    archive = write(tmp_path, games=games(TUE), injury_reports=injuries(move), injury_statuses=reports)
    rows = archive.fetch("injury_reports", ALWAYS).rows
    columns = ["kind", "event", "report_date", "known_at", "game_date", "status"]
    half_past = [dt.datetime(2025, 1, day, hour, 30, tzinfo=dt.UTC) for day, hour in ((14, 18), (15, 4))]
    assert [tuple(row.values()) for row in rows.select(columns).to_pylist()] == [
        ("il_transaction", "placed", MON, None, None, None),
        ("status_report", "status", TUE, half_past[0], TUE, "out"),
        ("status_report", "status", TUE, half_past[1], TUE, "out"),
        ("status_report", "status", TUE, half_past[1], WED, "questionable"),
    ]
    assert rows["note"].to_pylist() == [None, *["Injury/Illness - Left Knee; Soreness"] * 2, None]
    assert archive.fetch("injury_reports", TUESDAY).rows.equals(rows.slice(1))
    assert set(archive.fingerprints("injury_reports")) == {MON, TUE}


def test_a_status_in_the_file_of_moves_may_name_its_game(tmp_path):
    archive = write(tmp_path, games=games(TUE), injury_reports=injuries({"game_date": WED}))
    delivery = archive.fetch("injury_reports", ALWAYS)
    assert (delivery.rows["game_date"].to_pylist(), delivery.notes) == ([WED], {})


def odds_open_close(**changes: Any) -> dict[str, Any]:
    return {
        "home_team": "TOR",
        "away_team": "BOS",
        "spread_home_open": 7.5,
        "spread_home_close": 9.0,
        "total_open": 231.5,
        "total_close": 228.0,
        "ml_home": 320,
        "ml_away": -410,
        "game_date": TUE,
    } | changes


@pytest.mark.parametrize("as_csv", [False, True], ids=["parquet", "csv"])
def test_a_wide_row_of_odds_is_an_open_and_a_close(tmp_path, as_csv):
    unopened = odds_open_close(game_date=WED, spread_home_open=None, total_open=None)
    table = pa.Table.from_pylist([odds_open_close(), unopened])
    archive = write(tmp_path, games=games(TUE), **({} if as_csv else {"game_odds_open_close": table}))
    if as_csv:
        csv.write_csv(table, tmp_path / "game_odds_open_close.csv")
    rows = archive.fetch("game_odds", ALWAYS).rows
    columns = ["game_date", "snapshot_kind", "bookmaker", "spread_home", "total", "ml_home", "ml_away", "snapshot_utc"]
    assert [tuple(row.values()) for row in rows.select(columns).to_pylist()] == [
        (TUE, "close", "unknown", 9.0, 228.0, 320, -410, None),
        (TUE, "open", "unknown", 7.5, 231.5, None, None, None),
        (WED, "close", "unknown", 9.0, 228.0, 320, -410, None),
    ]


def test_odds_snapshots_stand_beside_open_and_close(tmp_path):
    snapshot = dict.fromkeys(["spread_home_price", "spread_away_price", "over_price", "under_price", "total"]) | {
        "home_team": "TOR",
        "away_team": "BOS",
        "bookmaker": "betmgm",
        "spread_home": 8.0,
        "ml_home": None,
        "ml_away": None,
        "commence_time_utc": dt.datetime(2025, 1, 15, 0, 30, tzinfo=dt.UTC),
        "snapshot_utc": dt.datetime(2025, 1, 14, 11, tzinfo=dt.UTC),
        "game_date": TUE,
    }
    archive = write(
        tmp_path,
        games=games(TUE),
        game_odds=pa.Table.from_pylist([snapshot]),
        game_odds_open_close=pa.Table.from_pylist([odds_open_close()]),
    )
    rows = archive.fetch("game_odds", TUESDAY).rows
    assert sorted(rows["snapshot_kind"].to_pylist()) == ["close", "open", "snapshot"]
    assert archive.fetch("game_odds", TUESDAY).notes == {}


@pytest.mark.parametrize("feed", [name for name in FEEDS if name != "schedule"])
def test_an_absent_file_is_an_empty_feed(tmp_path, feed):
    delivery = write(tmp_path, games=games(TUE)).fetch(feed, ALWAYS)
    assert delivery.rows.equals(arrow_schema(FEEDS[feed]).empty_table())


def test_a_column_the_layout_does_not_know_is_ignored_and_counted(tmp_path):
    table = games(MON, TUE).append_column("attendance", pa.array([19000, 18000]))
    assert write(tmp_path, games=table).fetch("schedule", TUESDAY).notes == {"column ignored: attendance": 1}


def test_every_field_of_every_feed_has_a_place_in_the_layout():
    assert set(LAYOUTS) == set(FEEDS)
    for feed, layouts in LAYOUTS.items():
        for layout in layouts:
            assert {*layout.renames, *layout.constants} <= set(FEEDS[feed].fields)
