"""Check that box scores add up, as one that does not spoils every average. Coverage counts games without rows."""

import datetime as dt
from collections import Counter
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from nba_assets.analytics.slate import certain
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.table import Tables
from nba_checks.framework.by_date import DateResult, DateResults, listed
from nba_checks.framework.expected_counts import rows_between
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

_LISTED = 3


def team_rows_agree_with_the_schedule(
    warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date
) -> DateResults:
    """A game has two rows, of the scheduled teams, with the score of the schedule and margins that cancel out."""
    rows = (rows_between(tables[name], dates) for name in ("team_boxscores", "schedule"))
    return _results(warehouse.read(team_faults(*rows)), dates, "team_boxscores", "schedule,team_boxscores+")


def players_add_up_to_their_team(warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date) -> DateResults:
    """In every game with player rows, the points of each team's players are the team's points."""
    rows = (rows_between(tables[name], dates) for name in ("player_boxscores", "team_boxscores"))
    return _results(warehouse.read(player_faults(*rows)), dates, "player_boxscores", "team_boxscores,player_boxscores+")


def team_faults(team_boxscores: ir.Table, schedule: ir.Table) -> ir.Table:
    """Return one row per game with the fault of its team rows, or NULL."""
    scheduled = schedule.select("game_id", "game_date", "status", "home_team", "away_team", "home_pts", "away_pts")
    rows = with_columns_of(team_boxscores, scheduled, ["game_id", "game_date"])
    team = rows.is_home.ifelse(rows.home_team, rows.away_team)
    score = rows.is_home.ifelse(rows.home_pts, rows.away_pts)
    rows = rows.mutate(
        stranger=certain(team == rows.team_abbr).ifelse(0, 1),
        wrong_score=certain((rows.status == "final") & (score != rows.pts)).ifelse(1, 0),
    )
    games: Any = rows.group_by("game_date", "game_id").aggregate(
        rows=rows.count(),
        strangers=rows.stranger.sum(),
        wrong_scores=rows.wrong_score.sum(),
        balance=rows.plus_minus.sum(),
    )
    fault = ibis.cases(
        (games.rows != 2, games.rows.cast("string") + " team rows instead of 2"),
        (games.strangers > 0, "teams other than scheduled"),
        (games.wrong_scores > 0, "a score other than the schedule's"),
        (games.balance != 0, "plus_minus sums to " + games.balance.cast("string")),
        else_=None,
    )
    return games.select("game_date", "game_id", fault=fault)


def player_faults(player_boxscores: ir.Table, team_boxscores: ir.Table) -> ir.Table:
    """Return one row per game with player rows: the team whose players do not add up to it, or NULL."""
    key = ["game_date", "game_id", "team_abbr"]
    players = player_boxscores.group_by(key).aggregate(of_players=player_boxscores.pts.sum())
    whole = team_boxscores.semi_join(player_boxscores, ["game_date", "game_id"]).select(*key, of_team="pts")
    teams: Any = players.outer_join(whole, key)
    texts = [points.isnull().ifelse("no row", points.cast("string")) for points in (teams.of_players, teams.of_team)]
    teams = teams.mutate(
        **{name: teams[name].isnull().ifelse(teams[f"{name}_right"], teams[name]) for name in key},
        agrees=certain(teams.of_players == teams.of_team),
        points=": players " + texts[0] + ", team " + texts[1],
    )
    fault = teams.agrees.ifelse(None, teams.team_abbr + teams.points)
    return teams.group_by("game_date", "game_id").aggregate(fault=fault.max())


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
