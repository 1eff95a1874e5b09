"""Small archives for tests."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from nba_resources.dates import DateRange
from nba_resources.sources.archive.source import ArchiveSource

MON, TUE, WED = (dt.date(2025, 1, day) for day in (13, 14, 15))
TUESDAY = DateRange(TUE, TUE)


GAME = {
    "season": "2024-25",
    "season_type": "regular",
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
PROP = {
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
INJURY = {
    "kind": "status_report",
    "report_date": TUE,
    "report_time": None,
    "team": "BOS",
    "player_name": "Jayson Tatum",
    "event": "status",
    "status": "out",
    "note": None,
}
STATUS = {
    "report_time": "2025-01-14 13:30:00",
    "game_date": TUE,
    "team": "BOS",
    "player_name": "Jayson Tatum",
    "status": "out",
    "reason": "Injury/Illness - Left Knee; Soreness",
}


def games(*days: dt.date, **changes: Any) -> pa.Table:
    ids = (f"00224005{n:02}" for n in range(60, 60 + len(days)))
    rows = [{"game_id": game_id, "game_date": day} for game_id, day in zip(ids, days, strict=True)]
    return pa.Table.from_pylist([GAME | row | changes for row in rows])


def props(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([PROP | row for row in rows])


def injuries(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([INJURY | row for row in rows])


def statuses(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([STATUS | row for row in rows])


def write(folder: Path, **tables: pa.Table) -> ArchiveSource:
    """Write each table to a Parquet file named after its stem."""
    folder.mkdir(exist_ok=True)
    for stem, table in tables.items():
        parquet.write_table(table, folder / f"{stem}.parquet")
    return ArchiveSource(str(folder))
