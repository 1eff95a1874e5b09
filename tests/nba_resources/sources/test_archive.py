import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import csv, parquet

from nba_resources.dates import DateRange
from nba_resources.sources.archive import ArchiveSource
from nba_resources.sources.archive_layout import LAYOUTS
from nba_resources.sources.base import ALWAYS, BadInput, SourceUnavailable
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.readings import arrow_schema

MON, TUE, WED = (dt.date(2025, 1, day) for day in (13, 14, 15))
TUESDAY = DateRange(TUE, TUE)


def games(*days: dt.date, **changes: Any) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "game_id": f"00224005{n:02}",
                "season": "2024-25",
                "season_type": "regular",
                "game_date": day,
                "start_time_utc": dt.datetime(2025, 1, 15, 0, 30, tzinfo=dt.UTC),
                "home_team": "TOR",
                "away_team": "BOS",
                "home_team_id": 1610612761,
                "away_team_id": 1610612738,
                "home_pts": 110,
                "away_pts": 97,
                "status": "final",
                "neutral_site": None,
                "arena": 'The "Dome", Toronto',
            }
            | changes
            for n, day in enumerate(days, start=60)
        ]
    )


def props(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "source": "a_feed",
                "market": "player_points",
                "game_date": TUE,
                "commence_time_utc": None,
                "snapshot_utc": None,
                "home_team": "TOR",
                "away_team": "BOS",
                "bookmaker": "fanduel",
                "player_name": "Jayson Tatum",
                "line": 27.5,
                "over_price": -110,
                "under_price": -110,
            }
            | row
            for row in rows
        ]
    )


def injuries(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "kind": "status_report",
                "report_date": TUE,
                "report_time": None,
                "team": "BOS",
                "player_name": "Jayson Tatum",
                "event": "status",
                "status": "out",
                "note": None,
            }
            | row
            for row in rows
        ]
    )


def write(folder: Path, **tables: pa.Table) -> ArchiveSource:
    """One Parquet file a stem."""
    folder.mkdir(exist_ok=True)
    for stem, table in tables.items():
        parquet.write_table(table, folder / f"{stem}.parquet")
    return ArchiveSource(str(folder))


@pytest.fixture
def bucket() -> Iterator[str]:
    system = fsspec.filesystem("memory")
    system.makedirs("/an-archive")
    yield "memory://an-archive"
    system.rm("/an-archive", recursive=True)


def test_csv_parquet_a_folder_of_files_and_a_bucket_tell_the_same(tmp_path, bucket):
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


def test_only_the_points_market_is_read_and_the_rest_is_no_note(tmp_path):
    archive = write(
        tmp_path, games=games(TUE), player_points_props=props({}, {"market": "player_rebounds", "line": 8.5})
    )
    delivery = archive.fetch("player_points_props", ALWAYS)
    assert delivery.rows["line"].to_pylist() == [27.5]
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


def test_an_unreadable_report_time_is_named_by_its_own_column(tmp_path):
    archive = write(tmp_path, games=games(TUE), injury_reports=injuries({"report_time": "noon"}))
    with pytest.raises(BadInput, match=r"injury_reports\.parquet: row 1, column report_time: found 'noon'"):
        archive.fetch("injury_reports", ALWAYS)


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
    told = ["game_date", "snapshot_kind", "bookmaker", "spread_home", "total", "ml_home", "ml_away", "snapshot_utc"]
    assert [tuple(row.values()) for row in rows.select(told).to_pylist()] == [
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


def test_a_root_without_games_is_no_archive(tmp_path, bucket):
    with_props = write(tmp_path / "props", player_points_props=props({}))
    for root in (str(tmp_path / "nowhere"), str(tmp_path), with_props.root, bucket + "/nothing", "", "nosuch://x"):
        with pytest.raises(SourceUnavailable, match="set NBA_ARCHIVE_DIR") as refusal:
            ArchiveSource(root).fetch("schedule", ALWAYS)
        assert root in str(refusal.value)
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
@pytest.mark.parametrize("damage", ["cut", "emptied", "garbled"])
def test_a_damaged_file_is_refused_in_one_line_that_names_it(tmp_path, suffix, damage):
    write(tmp_path, games=games(MON, TUE, WED))
    archive = write(tmp_path, player_points_props=props(*({"line": n + 0.5} for n in range(40))))
    whole = tmp_path / "player_points_props.parquet"
    file = tmp_path / f"player_points_props.{suffix}"
    if suffix == "csv":
        csv.write_csv(parquet.read_table(whole), file)
        whole.unlink()
    content = file.read_bytes()
    middle = len(content) // 2
    file.write_bytes({"cut": content[:middle], "emptied": b"", "garbled": b"\x00\xff\xfe" * 50}[damage])
    with pytest.raises(BadInput) as refusal:
        archive.fetch("player_points_props", ALWAYS)
    assert str(refusal.value).startswith(str(file))
    assert "\n" not in str(refusal.value)


def test_a_csv_cut_within_quotes_loses_no_row_in_silence(tmp_path):
    csv.write_csv(games(*([TUE] * 30)), tmp_path / "games.csv")
    content = (tmp_path / "games.csv").read_text()
    (tmp_path / "games.csv").write_text(content[: content.rindex("Dome")])
    with pytest.raises(BadInput, match=r"games\.csv: cannot be read as CSV"):
        ArchiveSource(str(tmp_path)).fetch("schedule", ALWAYS)


def test_a_column_named_twice_is_refused(tmp_path):
    csv.write_csv(games(TUE), tmp_path / "games.csv")
    content = (tmp_path / "games.csv").read_text()
    (tmp_path / "games.csv").write_text(content.replace('"away_pts"', '"home_pts"'))
    with pytest.raises(BadInput, match=r"games\.csv: expected a first line of different column names"):
        ArchiveSource(str(tmp_path)).fetch("schedule", ALWAYS)


def test_a_missing_column_is_named_with_its_file(tmp_path):
    archive = write(tmp_path, games=games(TUE), player_points_props=props({}).drop_columns(["player_name", "market"]))
    with pytest.raises(
        BadInput, match=r"player_points_props\.parquet: missing column player_name, market; it has source"
    ):
        archive.fetch("player_points_props", ALWAYS)


def test_a_column_the_layout_does_not_know_is_ignored_and_counted(tmp_path):
    table = games(MON, TUE).append_column("attendance", pa.array([19000, 18000]))
    assert write(tmp_path, games=table).fetch("schedule", TUESDAY).notes == {"column ignored: attendance": 1}


def test_a_date_that_cannot_be_read_is_refused_not_filtered_away(tmp_path):
    csv.write_csv(games(MON, TUE), tmp_path / "games.csv")
    content = (tmp_path / "games.csv").read_text()
    (tmp_path / "games.csv").write_text(content.replace("2025-01-13", "13.01.2025"))
    with pytest.raises(BadInput, match=r"games\.csv: row 1, column game_date: found '13\.01\.2025', expected a day"):
        ArchiveSource(str(tmp_path)).fetch("schedule", TUESDAY)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_mistake_is_named_by_its_row_in_the_file_also_when_others_are_filtered(tmp_path, suffix):
    table = pa.concat_tables([games(MON, MON, MON), games(TUE, home_team="SEA", game_id="0022400999")])
    writer: Callable[..., None] = parquet.write_table if suffix == "parquet" else csv.write_csv
    writer(table, tmp_path / f"games.{suffix}")
    with pytest.raises(BadInput, match=rf"games\.{suffix}: row 4, column home_team: unknown team 'SEA'"):
        ArchiveSource(str(tmp_path)).fetch("schedule", TUESDAY)


def test_two_files_for_one_stem_are_refused(tmp_path):
    archive = write(tmp_path, games=games(TUE))
    csv.write_csv(games(TUE), tmp_path / "games.csv")
    with pytest.raises(BadInput, match=r"games\.csv and games\.parquet both hold games; keep one"):
        archive.fetch("schedule", ALWAYS)


def test_every_field_of_every_feed_has_a_place_in_the_layout():
    assert set(LAYOUTS) == set(FEEDS)
    for feed, layouts in LAYOUTS.items():
        for layout in layouts:
            assert {*layout.renames, *layout.constants} <= set(FEEDS[feed].fields)


@pytest.mark.parametrize(
    ("feed", "rows", "notes"),
    [
        ("schedule", 6514, {}),
        ("player_boxscores", 122902, {}),
        ("team_boxscores", 11590, {}),
        ("shots", 655448, {}),
        (
            "player_points_props",
            138911 - 918,
            {"prices out of range": 14, "exact duplicates collapsed": 894, "duplicates merged": 24},
        ),
        ("injury_reports", 4609, {"duplicates merged": 2}),
        ("game_odds", 45383 + 2556 + 1319, {}),
    ],
)
def test_the_real_archive_is_delivered_whole(archive_dir, feed, rows, notes):
    delivery = ArchiveSource(archive_dir).fetch(feed, ALWAYS)
    assert delivery.rows.num_rows == rows
    assert delivery.notes == notes


@pytest.mark.parametrize(
    ("feed", "day"),
    [(feed, dt.date(2022, 12, 2)) for feed in FEEDS] + [("player_points_props", dt.date(2024, 3, 8))],
)
def test_one_date_of_the_real_archive_is_that_part_of_the_whole(archive_dir, feed, day):
    archive = ArchiveSource(archive_dir)
    whole = archive.fetch(feed, ALWAYS).rows
    part = whole.filter(pc.field(FEEDS[feed].date) == pa.scalar(day))
    assert archive.fetch(feed, DateRange(day, day)).rows.equals(part)


def test_the_real_archive_ends_on_the_eve_of_its_tonight(archive_dir):
    assert ArchiveSource(archive_dir).today() == dt.date(2026, 1, 3)
