"""Damaged, missing and duplicate data in an archive is refused with its file, row and column."""

import datetime as dt
from collections.abc import Callable

import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.base import ALWAYS, BadInput, SourceUnavailable

from .archives import MON, TUE, TUESDAY, WED, games, injuries, props, write


def test_an_unreadable_report_time_is_named_by_its_own_column(tmp_path):
    archive = write(tmp_path, games=games(TUE), injury_reports=injuries({"report_time": "noon"}))
    (rejected,) = archive.fetch("injury_reports", ALWAYS).rejected
    assert "injury_reports.parquet: row 1, column report_time: found 'noon'" in rejected.reason


def test_an_archive_without_games_is_refused(tmp_path, bucket):
    with_props = write(tmp_path / "props", player_props=props({}))
    for root in (str(tmp_path / "nowhere"), str(tmp_path), with_props.root, bucket + "/nothing", "", "nosuch://x"):
        with pytest.raises(SourceUnavailable, match="set NBA_ARCHIVE_DIR") as refusal:
            ArchiveSource(root).fetch("schedule", ALWAYS)
        assert root in str(refusal.value)
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
@pytest.mark.parametrize("damage", ["cut", "emptied", "garbled"])
def test_a_damaged_file_is_refused_in_one_line_that_names_it(tmp_path, suffix, damage):
    write(tmp_path, games=games(MON, TUE, WED))
    archive = write(tmp_path, player_props=props(*({"line": n + 0.5} for n in range(40))))
    whole = tmp_path / "player_props.parquet"
    file = tmp_path / f"player_props.{suffix}"
    if suffix == "csv":
        csv.write_csv(parquet.read_table(whole), file)
        whole.unlink()
    content = file.read_bytes()
    middle = len(content) // 2
    file.write_bytes({"cut": content[:middle], "emptied": b"", "garbled": b"\x00\xff\xfe" * 50}[damage])
    with pytest.raises(BadInput) as refusal:
        archive.fetch("player_props", ALWAYS)
    assert str(refusal.value).startswith(str(file))
    assert "\n" not in str(refusal.value)


def test_a_csv_cut_within_quotes_is_refused(tmp_path):
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
    archive = write(tmp_path, games=games(TUE), player_props=props({}).drop_columns(["player_name", "market"]))
    with pytest.raises(BadInput, match=r"player_props\.parquet: missing column market, player_name; it has source"):
        archive.fetch("player_props", ALWAYS)


def test_an_unreadable_date_is_refused_not_filtered_out(tmp_path):
    csv.write_csv(games(MON, TUE), tmp_path / "games.csv")
    content = (tmp_path / "games.csv").read_text()
    (tmp_path / "games.csv").write_text(content.replace("2025-01-13", "13.01.2025"))
    with pytest.raises(BadInput, match=r"games\.csv: row 1, column game_date: found '13\.01\.2025', expected a day"):
        ArchiveSource(str(tmp_path)).fetch("schedule", TUESDAY)


@pytest.mark.parametrize("date", ["inf", "-infinity", "12345-01-01", "0000-01-01", "9999-12-31"])
def test_a_date_beyond_known_years_is_refused_not_filtered_out(tmp_path, date):
    """DuckDB knows infinite dates and years beyond 9999: their row was left out, and fingerprints ended in a trace."""
    rows = props({}, {"bookmaker": "draftkings"})
    rows = rows.set_column(rows.column_names.index("game_date"), "game_date", pa.array([str(TUE), date]))
    archive = write(tmp_path, games=games(TUE), player_props=rows)
    delivery = archive.fetch("player_props", TUESDAY)
    assert [one["bookmaker"] for one in delivery.rows.to_pylist()] == ["fanduel"]
    (rejected,) = delivery.rejected
    assert f"player_props.parquet: row 2, column game_date: found '{date}'" in rejected.reason
    assert archive.fingerprints("player_props").keys() == {TUE, dt.date.min}


@pytest.mark.parametrize(("suffix", "name"), [("csv", "no\0te"), ("parquet", "no\0te"), ("csv", "")])
def test_a_column_with_a_name_that_sql_cannot_write_is_refused(tmp_path, suffix, name):
    """A zero byte ended the statement in which the column was named; DuckDB names a column of Parquet without one."""
    rows = games(TUE).append_column(name, pa.array(["word"]))
    writer: Callable[..., None] = parquet.write_table if suffix == "parquet" else csv.write_csv
    writer(rows, tmp_path / f"games.{suffix}")
    archive = ArchiveSource(str(tmp_path))
    for ask in (lambda: archive.fetch("schedule", ALWAYS), lambda: archive.fingerprints("schedule")):
        with pytest.raises(BadInput) as refusal:
            ask()
        assert f"games.{suffix}: expected names of columns that can be printed, found {name!r}" in str(refusal.value)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_mistake_is_named_by_its_row_in_the_file_even_if_rows_are_filtered(tmp_path, suffix):
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
