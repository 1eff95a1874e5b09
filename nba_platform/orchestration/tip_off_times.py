"""Start times of games from the stored schedule."""

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from nba_assets.kit.calendar import FIRST_DAY, counted, pinned_today
from nba_assets.kit.table import Table
from nba_resources.dates import EASTERN
from nba_resources.warehouse.base import Warehouse


def tip_offs(warehouse: Warehouse, tables: Mapping[str, Table], day: dt.date) -> list[dt.datetime | None]:
    """Return the start of each game of a day; None where the league has not announced it."""
    schedule = tables["schedule"].contract
    if not warehouse.holds(schedule):
        return []
    games = counted(schedule.table())
    starts = warehouse.read(games.filter(games.game_date == day).select("start_time_utc"))["start_time_utc"]
    return [None if pd.isna(start) else start.to_pydatetime() for start in starts]


def first_tip_offs(warehouse: Warehouse, tables: Mapping[str, Table]) -> dict[dt.date, dt.datetime]:
    """Return the first start of each date on which a game has begun; midnight after it if no start is known."""
    schedule = tables["schedule"].contract
    if not warehouse.holds(schedule):
        return {}
    games = counted(schedule.table())
    games = games.filter(games.game_date >= FIRST_DAY)
    first = warehouse.read(games.group_by("game_date").aggregate(first=games.start_time_utc.min()))
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
