"""When the games of a date begin, as the stored schedule says."""

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from nba_assets.kit.calendar import FIRST_DAY, counted, pinned_today
from nba_assets.kit.table import Table
from nba_resources.dates import EASTERN
from nba_resources.warehouse.base import Warehouse


def tip_offs(warehouse: Warehouse, tables: Mapping[str, Table], day: dt.date) -> list[dt.datetime | None]:
    """When each game of a day begins; None where the league has not said."""
    schedule = tables["schedule"].contract
    if not warehouse.holds(schedule):
        return []
    games = counted(schedule.table())
    tonight = games.filter(games.game_date == day).select("start_time_utc")
    return [_moment(at) for at in warehouse.read(tonight)["start_time_utc"]]


def begun(warehouse: Warehouse, tables: Mapping[str, Table]) -> dict[dt.date, dt.datetime]:
    """When the first game of each date began, of dates on which one has; at its end where the league did not say."""
    schedule = tables["schedule"].contract
    if not warehouse.holds(schedule):
        return {}
    games = counted(schedule.table())
    games = games.filter(games.game_date >= FIRST_DAY)
    found = warehouse.read(games.group_by("game_date").aggregate(first=games.start_time_utc.min()))
    now = morning_or_now()
    starts = {
        day: _moment(first) or dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), EASTERN)
        for day, first in zip(found["game_date"].dt.date, found["first"], strict=True)
    }
    return {day: start for day, start in starts.items() if start <= now}


def morning_or_now() -> dt.datetime:
    """The clock on the wall, or the morning of the day that was pinned."""
    pinned = pinned_today()
    return dt.datetime.combine(pinned, dt.time(9), EASTERN) if pinned else dt.datetime.now(EASTERN)


def _moment(at: pd.Timestamp) -> dt.datetime | None:
    return None if pd.isna(at) else at.to_pydatetime()
