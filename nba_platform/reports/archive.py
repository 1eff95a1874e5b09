"""The raw tables written as an archive that others can read, so that history is fetched once."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from nba_assets.kit.table import Table
from nba_platform.errors import NothingToDo
from nba_resources.dates import days_of
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.archive.files import FORMATS
from nba_resources.sources.archive.layout import LAYOUTS, Layout
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.validation.parsers import arrow_schema
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.contract import Contract

_SNAPSHOT, _OPEN_CLOSE = "snapshot", "game_odds_open_close"


@dataclass(frozen=True)
class File:
    """One file of an archive: a kind of fact in a season."""

    path: str
    rows: int


@dataclass(frozen=True)
class Archived:
    """The files of an archive that was written."""

    folder: str
    files: tuple[File, ...]


def write_archive(warehouse: Warehouse, tables: Mapping[str, Table], folder: str) -> Archived:
    """Write all raw rows, a file for each kind of fact and season; an existing season is written again."""
    games = tables["schedule"].contract
    if not warehouse.holds(games):
        raise NothingToDo("nothing was loaded yet, so there is nothing to archive: run `nba ingest` or `nba backfill`.")
    store = ObjectStore(root=folder)
    stems = {layout.stem for layouts in LAYOUTS.values() for layout in layouts}
    if taken := [stem + form for stem in sorted(stems) for form in FORMATS if store.exists(stem + form)]:
        raise NothingToDo(f"{folder} holds an archive of other files ({', '.join(taken)}): name another folder.")
    files = []
    for season in sorted(warehouse.read(games.table().select("season").distinct())["season"]):
        for layout, rows in _kinds(warehouse, tables, season):
            if rows.num_rows:
                path = f"{layout.stem}/{season}.parquet"
                buffer = io.BytesIO()
                parquet.write_table(rows, buffer, compression="zstd")
                store.write(path, buffer.getvalue())
                files.append(File(path, rows.num_rows))
    return Archived(folder, tuple(files))


def _kinds(warehouse: Warehouse, tables: Mapping[str, Table], season: str) -> Iterator[tuple[Layout, pa.Table]]:
    """Return each layout with its rows of a season, under the column names of its reader."""
    for feed, layouts in LAYOUTS.items():
        fed = [table for table in tables.values() if table.feed and table.feed.name == feed]
        contract = tables.get(feed, fed[0]).contract  # the table with the name of the feed holds all of its facts
        if not warehouse.holds(contract):
            continue
        stored = warehouse.read(_of_season(feed, contract, tables, season))
        if feed == "game_odds":
            yield layouts[0], _delivered(feed, layouts[0], stored[stored.snapshot_kind == _SNAPSHOT])
            yield layouts[1], _open_and_close(stored)
        else:
            yield layouts[0], _delivered(feed, layouts[0], stored)


def _of_season(feed: str, contract: Contract, tables: Mapping[str, Table], season: str) -> ir.Table:
    """Return rows as the feed delivered them: odds with the teams of their game, undated news with their date."""
    rows, dates = contract.table(), days_of(season)
    rows = rows.filter(rows[FEEDS[feed].date].between(dates.start, dates.end)).order_by(*contract.grain)
    if contract.name == "game_odds":
        teams = tables["schedule"].contract.table().select("game_id", "home_team", "away_team")
        return rows.inner_join(teams, "game_id")
    if contract.name == "injury_reports":
        report_date = rows.report_key.substr(0, 10).cast("date")
        return rows.mutate(report_date=rows.known_at.isnull().ifelse(report_date, rows.report_date))
    return rows


def _delivered(feed: str, layout: Layout, stored: pd.DataFrame) -> pa.Table:
    names = [name for name in FEEDS[feed].fields if name not in layout.constants]
    columns = {layout.renames.get(name, name): _column(feed, name, stored[name]) for name in names}
    return pa.table(columns)


def _open_and_close(stored: pd.DataFrame) -> pa.Table:
    """Put the opening and the close of a game in one row; an opening has only spread and total."""
    opened = stored[stored.snapshot_kind == "open"].set_index("game_id")
    closed = stored[stored.snapshot_kind == "close"].set_index("game_id")
    games = stored[stored.snapshot_kind != _SNAPSHOT].drop_duplicates("game_id").set_index("game_id")
    columns = {name: _column("game_odds", name, games[name]) for name in ("home_team", "away_team", "game_date")}
    for name in ("spread_home", "total"):
        for moment, rows in (("open", opened), ("close", closed)):
            columns[f"{name}_{moment}"] = _column("game_odds", name, rows[name].reindex(games.index))
    for name in ("ml_home", "ml_away"):
        columns[name] = _column("game_odds", name, closed[name].reindex(games.index))
    return pa.table(columns)


def _column(feed: str, name: str, values: pd.Series) -> pa.Array:
    kind = arrow_schema(FEEDS[feed]).field(name).type
    if pa.types.is_date(kind):
        values = values.map(lambda day: None if pd.isna(day) else pd.Timestamp(day).date())
    return pa.Array.from_pandas(values, type=kind)
