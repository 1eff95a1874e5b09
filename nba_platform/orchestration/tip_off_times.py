"""Start times of games from the stored schedule."""

import datetime as dt
from collections.abc import Mapping

import ibis.expr.types as ir
import pandas as pd

from nba_assets.kit.calendar import FIRST_DAY, counted, pinned_today
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Table, Tables
from nba_resources.dates import EASTERN, DateRange
from nba_resources.warehouse.base import Warehouse


def tip_offs(warehouse: Warehouse, tables: Mapping[str, Table], day: dt.date) -> list[dt.datetime | None]:
    """Return the start of each game of a day; None where the league has not announced it."""
    schedule = tables["schedule"].contract
    if not warehouse.holds(schedule):
        return []
    starts = warehouse.read(_starts(tables, DateRange(day, day)))["start_time_utc"]
    return [None if pd.isna(start) else start.to_pydatetime() for start in starts]


def first_tip_offs(warehouse: Warehouse, tables: Mapping[str, Table]) -> dict[dt.date, dt.datetime]:
    """Return the first start of each date on which a game has begun; midnight after it if no start is known."""
    schedule = tables["schedule"].contract
    if not warehouse.holds(schedule):
        return {}
    first = warehouse.read(_first_starts(tables))
    now, begun = current_time(), {}
    for day, start in zip(first["game_date"].dt.date, first["first"], strict=True):
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), EASTERN)
        tip_off = midnight if pd.isna(start) else start.to_pydatetime()
        if tip_off <= now:
            begun[day] = tip_off
    return begun


def current_time() -> dt.datetime:
    """Return the time in New York, or 9:00 of the day pinned by `NBA_TODAY`."""
    pinned = pinned_today()
    return dt.datetime.combine(pinned, dt.time(9), EASTERN) if pinned else dt.datetime.now(EASTERN)


@stored_query
def _starts(tables: Tables, dates: DateRange) -> ir.Table:
    games = counted(tables["schedule"].contract.table())
    return games.filter(games.game_date == dates.start).select("start_time_utc")


@stored_query
def _first_starts(tables: Tables, dates: DateRange) -> ir.Table:
    games = counted(tables["schedule"].contract.table())
    games = games.filter(games.game_date >= FIRST_DAY)
    return games.group_by("game_date").aggregate(first=games.start_time_utc.min())
