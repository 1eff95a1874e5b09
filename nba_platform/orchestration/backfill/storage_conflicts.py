"""Dates that must be made although they were made before: where the stored tables contradict the records.

A date that lacks rows, or whose games are not over, is settled if making it again could give nothing else: the table
holds what was stored then, and the source, asked again, has no news. Otherwise one cup final without player rows would
have five seasons computed again with every backfill.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import dagster as dg

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import State, counted
from nba_assets.kit.table import Table
from nba_checks.completeness.coverage import DateState, coverage, is_checked_by_date
from nba_checks.framework.expected_counts import rows_between
from nba_platform.orchestration.backfill.source_changes import Stock, dates_with_news
from nba_platform.orchestration.event_log_reader import EventLogReader
from nba_resources.dates import DateRange

Dates = Mapping[dg.AssetKey, Collection[str]]


def unsettled(stock: Stock, record: EventLogReader, asked: Dates) -> Dates:
    """Of what was asked and is on record, what the stored tables contradict."""
    tables = {asset_key(table.contract): table for table in stock.tables.values() if asset_key(table.contract) in asked}
    held = stock.warehouse.stored_keys(table.contract for table in stock.tables.values())
    lost = {key: asked[key] for key, table in tables.items() if table.contract.key not in held}
    base = [stock.tables[name].contract.key for name in ("schedule", "seasons")]
    kept = {key: table for key, table in tables.items() if key not in lost and is_checked_by_date(table)}
    kept = {key: table for key, table in kept.items() if record.stored(key).any()}
    if not kept or not held.issuperset(base):
        return {**lost, **{key: asked[key] for key in kept}}
    days = sorted(dt.date.fromisoformat(day) for key in kept for day in asked[key])
    dates = DateRange(days[0], days[-1])
    moving = _moving(stock, dates)
    by_table: dict[str, list[DateState]] = {}
    for state in coverage(stock.warehouse, stock.tables, dates, stock.today, of=[*kept.values()]):
        by_table.setdefault(state.table, []).append(state)
    return {
        **lost,
        **{key: _of_table(stock, record, table, by_table[table.contract.key], moving) for key, table in kept.items()},
    }


def _of_table(
    stock: Stock, record: EventLogReader, table: Table, states: Sequence[DateState], moving: Collection[dt.date]
) -> set[str]:
    open_to_change = {
        state.date: state.rows
        for state in states
        if state.needs_work or state.state is State.NOT_DUE or state.date in moving
    }
    if table.feed:
        return {str(day) for day in dates_with_news(stock, table, open_to_change)}
    then = record.rows(asset_key(table.contract), {str(day) for day in open_to_change})
    return {str(day) for day, rows in open_to_change.items() if then.get(str(day)) != rows}


def _moving(stock: Stock, dates: DateRange) -> set[dt.date]:
    """Dates with games that are not over, and those to come."""
    games = counted(rows_between(stock.tables["schedule"], dates))
    pending = games.filter((games.status != "final") | (games.game_date >= stock.today))
    return set(stock.warehouse.read(pending.select("game_date").distinct())["game_date"].dt.date)
