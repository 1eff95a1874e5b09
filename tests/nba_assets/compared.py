"""Spans of real seasons, stored table by table, to compare with an independent computation."""

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest

from nba_resources.dates import DateRange
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.base import ALWAYS
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ..shared import filled_once, warehouse_at
from .analytics.brute_force import Row
from .analytics.league import TABLES

SPANS = (  # seven weeks to a cup final, with odds; the next autumn, to a month late enough for every window to be full
    (dt.date(2023, 10, 24), dt.date(2023, 12, 10)),
    (dt.date(2024, 10, 22), dt.date(2024, 12, 31)),
)
SEASONS = DateRange(dt.date(2021, 10, 1), SPANS[-1][1])
RAW = (
    *("schedule", "team_boxscores", "player_boxscores", "shots"),
    *("player_props", "game_odds", "injury_reports"),
)
COMPUTED = (
    *("player_game_summary", "team_offense_game_summary", "team_defense_game_summary"),
    *("upcoming_team_game_context", "player_prop_lines", "upcoming_player_game_context"),
    *("team_defense_zone_analysis", "player_shot_zone_analysis", "player_composite_factors"),
    *("player_daily_cache", "ml_feature_store_v2", "prediction_evidence"),
    *("player_minutes_form", "player_market_form"),
    *("game_editions", "player_statuses", "player_presence"),
)
NOT_COMPARED = {"code_version", "computed_at"}
PLACES: dict[int, tuple[pd.DataFrame, dict[tuple[str, ...], dict[Any, Any]]]] = {}  # by frame and columns


def load_and_compute(archive_dir: str, warehouse: DuckDBWarehouse) -> None:
    """Load the spans from the archive and compute every table, as a backfill does."""
    source = ArchiveSource(archive_dir)
    raw_stamps = {"source": ibis.literal("archive"), "ingested_at": ibis.now()}
    for name, feed, dates in (("seasons", "schedule", SEASONS), ("birth_dates", "rosters", ALWAYS)):
        whole = TABLES[name].build(TABLES, dates, ibis.memtable(source.fetch(feed, dates).rows))
        warehouse.replace(TABLES[name].contract, None, whole.mutate(**raw_stamps))
    for dates in (DateRange(*span) for span in SPANS):
        for name in RAW:
            table = TABLES[name]
            rows = table.build(TABLES, dates, ibis.memtable(source.fetch(name, dates).rows))
            loaded = {column: value for column, value in raw_stamps.items() if column not in rows.columns}
            warehouse.replace(table.contract, dates, rows.mutate(**loaded))
    span = DateRange(SPANS[0][0], SPANS[-1][1])
    for name in ("players", *COMPUTED):
        table = TABLES[name]
        (query,) = table.queries(TABLES, span).values()
        stamped = replace(query, stamps={"computed_at": dt.datetime.now(dt.UTC), "code_version": "test"})
        warehouse.replace(table.contract, span if table.contract.partition else None, stamped)


def computed(archive_dir: str) -> dict[str, pd.DataFrame]:
    """Return every computed table of the spans, which one process computes for all."""

    def fill(folder: Path) -> None:
        load_and_compute(archive_dir, warehouse_at(folder / "nba.duckdb"))

    warehouse = DuckDBWarehouse(path=str(filled_once("archive", fill) / "nba.duckdb"))
    return {name: warehouse.read(TABLES[name].contract.table()) for name in COMPUTED}


def rows(stored: dict[str, pd.DataFrame], table: str, **which: Any) -> list[Row]:
    """Return stored rows as plain values, NULL as None."""
    found = stored[table]
    if which:
        values = [pd.Timestamp(value) if isinstance(value, dt.date) else value for value in which.values()]
        places = _places(found, tuple(which)).get(tuple(values) if len(values) > 1 else values[0], [])
        found = found.take(places)
    return [{name: _value(value) for name, value in row.items()} for row in found.to_dict("records")]


def _places(found: pd.DataFrame, names: tuple[str, ...]) -> dict[Any, Any]:
    """Return the places of a frame's rows by their values in some columns."""
    of_frame, by_names = PLACES.setdefault(id(found), (found, {}))
    if names not in by_names:
        by_names[names] = of_frame.groupby([*names] if len(names) > 1 else names[0], sort=False).indices
    return by_names[names]


def _value(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.date()
    if not isinstance(value, str) and hasattr(value, "__len__"):
        return list(value)
    return None if pd.isna(value) else value


def assert_same(table: str, found: Row, expected: Row) -> None:
    columns = set(TABLES[table].contract.columns) - NOT_COMPARED
    assert set(expected) == columns, f"the independent computation lacks {columns ^ set(expected)}"
    different = {
        name: (found[name], value)
        for name, value in expected.items()
        if found[name] != (pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value)
    }
    assert not different, f"{table} {found}: found and expected differ in {different}"


def sample(values: Any, size: int) -> list[Any]:
    return random.Random(7).sample(sorted(set(values)), size)
