"""Computes the rows of a table whose function is written in Python: season by season, packed as they are made."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from nba_assets.kit.table import Table, Tables
from nba_assets.kit.table_context import ComputedFrame, TableContext, arrow_rows, parts_of
from nba_resources.dates import DateRange, by_season, eastern_date
from nba_resources.memory import give_back
from nba_resources.warehouse.base import Load
from nba_resources.warehouse.packed_rows import PackedRows


def computed_load(
    table: Table,
    tables: Tables,
    dates: DateRange,
    kept: Collection[dt.date],
    games: Mapping[str, dt.datetime],
    context: TableContext,
) -> Load:
    """Compute the table, but for the dates that are kept, and for rows of `games` that were made before their start."""
    stamps = {"code_version": context.code_version, "computed_at": pd.Timestamp.now("UTC")}
    rows, facts = PackedRows(table.contract.schema.to_pyarrow()), dict[dt.date, Mapping[str, int | float | str]]()
    stays = _made_before(games, context) if games else pd.DataFrame(columns=["game_id"])
    if len(stays):
        rows.add(arrow_rows(table.contract, stays))
    for season in [dates] if table.contract.monthly else by_season(dates):  # the inputs of all would fill the memory
        for part in _computed_parts(table, tables, season, kept, context):
            made = part.rows if stays.empty else _others(part.rows, stays, table.contract.grain)
            rows.add(arrow_rows(table.contract, made.assign(**stamps)))
            facts |= part.facts
        give_back()
    return Load(table.contract, rows, dates, table.appends, facts=facts)


def _computed_parts(
    table: Table, tables: Tables, dates: DateRange, kept: Collection[dt.date], context: TableContext
) -> Iterator[ComputedFrame]:
    """Read each input once, and compute the rows of some dates part by part."""
    assert table.compute_frame is not None
    with context.warehouse.session():
        frames = {
            name: _without(context.warehouse.read(query), table.contract.partition, kept)
            for name, query in table.queries(tables, dates).items()
        }
    yield from parts_of(table.compute_frame(frames, dates, context))


def _made_before(games: Mapping[str, dt.datetime], context: TableContext) -> pd.DataFrame:
    """Return the stored rows of the games that were made before their start, unless some were made later."""
    days = sorted(map(eastern_date, games.values()))
    stored = context.stored(DateRange(days[0], days[-1]))
    stored = stored[stored["game_id"].isin([*games])]
    late = stored["computed_at"] >= pd.to_datetime(stored["game_id"].map(games), utc=True)
    return stored[~stored["game_id"].isin(stored.loc[late, "game_id"])]


def _others(rows: pd.DataFrame, stays: pd.DataFrame, grain: Sequence[str]) -> pd.DataFrame:
    """Return the rows of other games; also none for a key that stays, as of a player who is in two games of a date."""
    keys, taken = (pd.MultiIndex.from_frame(some[[*grain]].astype(str)) for some in (rows, stays))
    return rows[~(rows["game_id"].isin(stays["game_id"]) | keys.isin(taken))]


def _without(rows: pd.DataFrame, partition: str | None, kept: Collection[dt.date]) -> pd.DataFrame:
    """Return the rows of other dates than those that are kept."""
    return rows[~rows[partition].isin(pd.to_datetime([*kept]))] if kept and partition in rows else rows
