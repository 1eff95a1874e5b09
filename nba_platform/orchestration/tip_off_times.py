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


def last_tip_offs(warehouse: Warehouse, tables: Mapping[str, Table]) -> dict[dt.date, dt.datetime]:
    """Return the last start of each date on which every game has begun."""
    schedule = tables["schedule"].contract
    if not warehouse.holds(schedule):
        return {}
    last = warehouse.read(_last_starts(tables))
    now, begun = current_time(), {}
    for day, start, announced in zip(last["game_date"].dt.date, last["last"], last["all_announced"], strict=True):
        tip_off = start.to_pydatetime() if announced else _midnight_after(day)
        if tip_off <= now:
            begun[day] = tip_off
    return begun


def begun_games(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange) -> dict[str, dt.datetime]:
    """Return the start of each game that has begun on a date on which another has not."""
    games, now = warehouse.read(_starts(tables, dates)), current_time()
    games["has_begun"] = games["start_time_utc"] <= now
    goes_on = ~games.groupby("game_date")["has_begun"].transform("all")
    begun = games[games["has_begun"] & goes_on]
    return dict(zip(begun["game_id"], begun["start_time_utc"], strict=True))


def _midnight_after(day: dt.date) -> dt.datetime:
    """Return when a game has begun at the latest whose start is not known."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), EASTERN)


def current_time() -> dt.datetime:
    """Return the time in New York, or 9:00 of the day pinned by `NBA_TODAY`."""
    pinned = pinned_today()
    return dt.datetime.combine(pinned, dt.time(9), EASTERN) if pinned else dt.datetime.now(EASTERN)


@stored_query
def _starts(tables: Tables, dates: DateRange) -> ir.Table:
    games = counted(tables["schedule"].contract.table())
    return games.filter(games.game_date.between(dates.start, dates.end)).select(
        "game_id", "game_date", "start_time_utc"
    )


@stored_query
def _last_starts(tables: Tables, dates: DateRange) -> ir.Table:
    games = counted(tables["schedule"].contract.table())
    games = games.filter(games.game_date >= FIRST_DAY)
    start = games.start_time_utc
    return games.group_by("game_date").aggregate(last=start.max(), all_announced=start.count() == games.count())
