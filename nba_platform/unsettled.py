"""Dates that must be made although they were made before: where the stored tables contradict the records.

A date whose games are not over is never settled, as its facts still move. A date that lacks rows is, if making it again
could give no more: the table holds what was stored then, and the source, asked again, has nothing to add. Otherwise one
cup final without player rows would have five seasons computed again with every backfill.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import dagster as dg
import ibis

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import State, counted
from nba_assets.kit.record import Record
from nba_assets.kit.table import Table
from nba_checks.coverage import DateState, coverage, is_judged_by_date
from nba_checks.slates import rows_between
from nba_resources.dates import DateRange
from nba_resources.sources.base import BadInput, Source, SourceUnavailable
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.io_manager import ROWS

ONE_DAY = dt.timedelta(days=1)
Dates = Mapping[dg.AssetKey, Collection[str]]


@dataclass(frozen=True)
class Stock:
    """What can be asked about the stored tables."""

    warehouse: Warehouse
    tables: Mapping[str, Table]
    source: Source
    today: dt.date


def unsettled(stock: Stock, record: Record, asked: Dates) -> Dates:
    """Of what was asked and is on record, what the stored tables contradict."""
    tables = {asset_key(table.contract): table for table in stock.tables.values() if asset_key(table.contract) in asked}
    held = stock.warehouse.held(table.contract for table in stock.tables.values())
    lost = {key: asked[key] for key, table in tables.items() if table.contract.key not in held}
    base = [stock.tables[name].contract.key for name in ("schedule", "seasons")]
    kept = {key: table for key, table in tables.items() if key not in lost and is_judged_by_date(table)}
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
    stock: Stock, record: Record, table: Table, states: Sequence[DateState], moving: Collection[dt.date]
) -> set[str]:
    open_dates = {
        state.date for state in states if state.state is State.NOT_DUE or (table.feed and state.date in moving)
    }
    gaps = {state.date: state.rows for state in states if state.wants_work and state.date not in open_dates}
    then = record.rows(asset_key(table.contract), {str(day) for day in gaps}, ROWS)
    found = open_dates | {day for day, rows in gaps.items() if then.get(str(day)) != rows}
    if table.feed:
        found |= _more_published(stock, table, {day: rows for day, rows in gaps.items() if day not in found})
    return {str(day) for day in found}


def _moving(stock: Stock, dates: DateRange) -> set[dt.date]:
    """Dates with games that are not over, and those to come."""
    games = counted(rows_between(stock.tables["schedule"], dates))
    pending = games.filter((games.status != "final") | (games.game_date >= stock.today))
    return set(stock.warehouse.read(pending.select("game_date").distinct())["game_date"].dt.date)


def _more_published(stock: Stock, table: Table, gaps: Mapping[dt.date, int]) -> set[dt.date]:
    """The dates of which the source, asked now, would give more rows than are stored."""
    day = table.contract.partition or ""
    assert table.feed is not None
    found: set[dt.date] = set()
    for stretch in _stretches(sorted(gaps)):
        try:
            published = ibis.memtable(stock.source.fetch(table.feed.name, stretch).rows)
        except (SourceUnavailable, BadInput):
            return {*gaps}
        rows = table.build(stock.tables, stretch, published)
        counts = stock.warehouse.read(rows.group_by(day).aggregate(n=rows.count()))
        for date, n in zip(counts[day].dt.date, counts["n"], strict=True):
            if n > gaps.get(date, n):
                found.add(date)
    return found


def _stretches(days: Sequence[dt.date]) -> Iterator[DateRange]:
    """Days that follow one another, together."""
    start = None
    for day, following in zip_longest(days, days[1:]):
        start = start or day
        if following != day + ONE_DAY:
            yield DateRange(start, day)
            start = None
