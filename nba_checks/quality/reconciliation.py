"""Check that box scores add up, as one that does not spoils every average. Coverage counts games without rows."""

import datetime as dt
from collections import Counter

import ibis.expr.types as ir
import pandas as pd

from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Tables
from nba_assets.raw.contradictions import player_faults, team_faults
from nba_checks.framework.by_date import DateResult, DateResults, listed
from nba_checks.framework.stored_rows import rows_between
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

_LISTED = 3


def team_rows_agree_with_the_schedule(
    warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date
) -> DateResults:
    """A game has two rows, of the scheduled teams, with the score of the schedule and margins that cancel out."""
    return _results(warehouse.read(_team_faults(tables, dates)), dates, "team_boxscores", "schedule,team_boxscores+")


def players_add_up_to_their_team(warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date) -> DateResults:
    """In every game with player rows, the totals of each team's players are the team's."""
    return _results(
        warehouse.read(_player_faults(tables, dates)), dates, "player_boxscores", "team_boxscores,player_boxscores+"
    )


@stored_query
def _team_faults(tables: Tables, dates: DateRange) -> ir.Table:
    return team_faults(*(rows_between(tables[name], dates) for name in ("team_boxscores", "schedule")))


@stored_query
def _player_faults(tables: Tables, dates: DateRange) -> ir.Table:
    names = ("player_boxscores", "team_boxscores", "schedule")
    return player_faults(*(rows_between(tables[name], dates) for name in names))


def _results(games: pd.DataFrame, dates: DateRange, table: str, selection: str) -> DateResults:
    days = pd.to_datetime(games["game_date"]).dt.date
    counts, faulty = Counter(days), games[games["fault"].notna()]
    faults: dict[dt.date, list[str]] = {}
    for day, game, fault in zip(days[faulty.index], faulty["game_id"], faulty["fault"], strict=True):
        faults.setdefault(day, []).append(f"{game} ({fault})")
    results = {}
    for date in dates:
        games, of_date = counts[date], sorted(faults.get(date, []))
        message = f"all {games} games with rows in {table} agree"
        if of_date:
            shown = listed(of_date, _LISTED, ", ")
            message = f"{len(of_date)} of {games} games in {table} disagree, expected 0: {shown}; "
            message += f"run `nba backfill {date} --select {selection}`"
        results[date] = DateResult(not of_date, message, {"games": games, "faulty": len(of_date)})
    return results
