"""When the games of a date begin, as the stored schedule says."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from nba_assets.kit.calendar import DAILY, FIRST_DAY, counted, pinned_today
from nba_assets.kit.table import Table
from nba_resources.warehouse.base import Warehouse

EASTERN = ZoneInfo(DAILY.timezone)


@dataclass(frozen=True)
class Slate:
    """The first and the last tip-off of a date; None where the league has not said."""

    first: dt.datetime | None
    last: dt.datetime | None


def slates(warehouse: Warehouse, tables: Mapping[str, Table], since: dt.date) -> dict[dt.date, Slate]:
    """Every stored date with games from a day on."""
    schedule = tables["schedule"].contract
    if not warehouse.holds(schedule):
        return {}
    games = counted(schedule.table())
    games = games.filter(games.game_date >= since)
    found = warehouse.read(
        games.group_by("game_date").aggregate(first=games.start_time_utc.min(), last=games.start_time_utc.max())
    )
    return {
        pd.Timestamp(day).date(): Slate(*(None if pd.isna(at) else pd.Timestamp(at).to_pydatetime() for at in tips))
        for day, *tips in found[["game_date", "first", "last"]].itertuples(index=False)
    }


def tip_offs(warehouse: Warehouse, tables: Mapping[str, Table], day: dt.date) -> list[dt.datetime | None]:
    """When each game of a day begins; None where the league has not said."""
    schedule = tables["schedule"].contract
    if not warehouse.holds(schedule):
        return []
    games = counted(schedule.table())
    found = warehouse.read(games.filter(games.game_date == day).select("start_time_utc"))["start_time_utc"]
    return [None if pd.isna(at) else pd.Timestamp(at).to_pydatetime() for at in found]


def begun(warehouse: Warehouse, tables: Mapping[str, Table]) -> dict[dt.date, dt.datetime]:
    """When the first game of each date began, of dates on which one has; at its end where the league did not say."""
    now = morning_or_now()
    starts = {
        day: slate.first or dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), EASTERN)
        for day, slate in slates(warehouse, tables, FIRST_DAY).items()
    }
    return {day: start for day, start in starts.items() if start <= now}


def morning_or_now() -> dt.datetime:
    """The clock on the wall, or the morning of the day that was pinned."""
    pinned = pinned_today()
    return dt.datetime.combine(pinned, dt.time(9), EASTERN) if pinned else dt.datetime.now(EASTERN)
