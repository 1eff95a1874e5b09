"""Contradictions within a game's box scores, as text: one such game spoils every average, so it is set aside whole."""

from functools import reduce
from operator import add
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.expressions.joins import with_columns_of
from nba_resources.warehouse.contract import CONTRADICTION

SUMMED = ("pts", "reb", "ast", "stl", "blk", "fgm", "fga", "fg3m", "ftm")  # a team's turnovers include its own
STARTERS = 5
HEAVES, SINCE = 8, 2025  # since 2025-26 a missed heave at the end of a period is an attempt of the team alone


def with_contradiction(rows: ir.Table, faults: ir.Table) -> ir.Table:
    """Add the fault of its game to each row."""
    return with_columns_of(rows, faults.select("game_id", **{CONTRADICTION: "fault"}), ["game_id"])


def team_faults(team_boxscores: ir.Table, schedule: ir.Table) -> ir.Table:
    """Return one row per game with the fault of its team rows, or NULL."""
    scheduled = schedule.select("game_id", "game_date", "status", "home_team", "away_team", "home_pts", "away_pts")
    rows = with_columns_of(team_boxscores, scheduled, ["game_id", "game_date"])
    team = rows.is_home.ifelse(rows.home_team, rows.away_team)
    score = rows.is_home.ifelse(rows.home_pts, rows.away_pts)
    games: Any = rows.group_by("game_date", "game_id").aggregate(
        found=rows.count(),
        strangers=(team == rows.team_abbr).ifelse(0, 1).sum(),
        wrong_scores=((rows.status == "final") & (score != rows.pts)).ifelse(1, 0).sum(),
        wrong_points=_points_differ(rows).ifelse(1, 0).sum(),
        balance=rows.plus_minus.sum(),
    )
    fault = ibis.cases(
        (games.found != 2, games.found.cast("string") + " team rows instead of 2"),
        (games.strangers > 0, "teams other than scheduled"),
        (games.wrong_scores > 0, "a score other than the schedule's"),
        (games.wrong_points > 0, "points that are not those of the shots made"),
        (games.balance != 0, "plus_minus sums to " + games.balance.cast("string")),
        else_=None,
    )
    return games.select("game_date", "game_id", fault=fault)


def player_faults(player_boxscores: ir.Table, team_boxscores: ir.Table, schedule: ir.Table) -> ir.Table:
    """Return one row per game with player rows: the fault of one of its teams, or NULL.

    A total is compared where every player's number and the team's are known.
    """
    key = ["game_date", "game_id", "team_abbr"]
    rows = player_boxscores.mutate(odd=_points_differ(player_boxscores).ifelse(1, 0))
    sums = {
        f"of_players_{name}": (rows[name].count() == rows.count()).ifelse(rows[name].sum(), None) for name in SUMMED
    }
    starters = (rows.starter.count() > 0).ifelse(rows.starter.ifelse(1, 0).sum(), None)
    players = rows.group_by(key).aggregate(odd=rows.odd.sum(), starters=starters, **sums)
    playing = schedule.select("game_id", "home_team", "away_team", "season_year")
    players = with_columns_of(players, playing, ["game_id"])
    totals = {f"of_team_{name}": name for name in SUMMED}
    teams: Any = with_columns_of(players, team_boxscores.select(*key, **totals), key)
    differences: Any = reduce(add, [_difference(teams, name) for name in SUMMED])
    fault = ibis.cases(
        ((teams.team_abbr != teams.home_team) & (teams.team_abbr != teams.away_team), "a team that does not play"),
        (teams.odd > 0, "points that are not those of the shots made"),
        ((teams.starters > 0) & (teams.starters != STARTERS), teams.starters.cast("string") + " starters"),
        (differences != "", differences.substr(2)),
        else_=None,
    )
    teams = teams.mutate(fault=teams.team_abbr + ": " + fault)
    games = teams.group_by("game_date", "game_id").aggregate(fault=teams.fault.max(), teams=teams.count())
    recorded = team_boxscores.group_by("game_id").aggregate(recorded=team_boxscores.count())
    games = with_columns_of(games, recorded, ["game_id"])
    one_sided: Any = (games.recorded == 2) & (games.teams < 2)
    return games.select("game_date", "game_id", fault=one_sided.ifelse("players of one team only", games.fault))


def _points_differ(rows: ir.Table) -> ir.BooleanValue:
    """Return whether the points are not those of the shots made; false where a number is unknown."""
    made: Any = 2 * (rows.fgm - rows.fg3m) + 3 * rows.fg3m + rows.ftm
    return ibis.cases((rows.pts != made, True), else_=False)


def _difference(teams: Any, name: str) -> Any:
    """Return how the players' total differs from the team's; empty text if it does not."""
    ours, theirs = teams[f"of_players_{name}"], teams[f"of_team_{name}"]
    text = f"; {name} of players " + ours.cast("string") + ", of the team " + theirs.cast("string")
    heaves = (teams.season_year >= SINCE) & (theirs > ours) & (theirs <= ours + HEAVES)
    return ibis.cases((heaves, "") if name == "fga" else (ours == theirs, ""), (ours != theirs, text), else_="")
