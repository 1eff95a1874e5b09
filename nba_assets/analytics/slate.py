"""Columns and expressions shared by tables of games: team games, rest days, true shooting."""

from typing import Any

import ibis.expr.types as ir

from nba_assets.kit.calendar import COUNTED, counted
from nba_assets.raw.schedule import schedule
from nba_resources.warehouse.contract import Column, integer, text

GAME: dict[str, Column] = {
    **schedule.columns("game_id", "game_code", "game_date", "season"),
    "season_type": text("Only games that count", *COUNTED),
}

PLAYER_GAME: dict[str, Column] = {
    **schedule.columns("game_date"),
    "player_lookup": text("The player's key"),
    **schedule.columns("game_id"),
    "player_id": integer("NBA id"),
}
MATCHUP = (*PLAYER_GAME, "team_abbr", "opponent_team_abbr")


def team_games(games: ir.Table) -> ir.Table:
    """Return two rows per counted game, one for each side.

    An unknown tip-off becomes the start of the day, so that no news of the day counts as known before it.
    """
    games = counted(games)
    games = games.mutate(tipoff=games.start_time_utc.coalesce(games.game_date.cast("timestamp('UTC')")))
    facts = ("game_id", "game_code", "game_date", "season", "season_type", "status", "neutral_site", "tipoff")
    home = games.select(*facts, team_abbr="home_team", opponent_team_abbr="away_team", is_home=True)
    away = games.select(*facts, team_abbr="away_team", opponent_team_abbr="home_team", is_home=False)
    return home.union(away)


def full_rest_days(day: Any, last_game: Any) -> ir.IntegerValue:
    """Return the full days off between two games; 0 is a back-to-back."""
    return day.delta(last_game, unit="day") - 1


def true_shooting(points: ir.NumericValue, fga: ir.NumericValue, fta: ir.NumericValue) -> ir.FloatingValue:
    """Return points per shooting possession, halved; NULL without attempts."""
    return points / (2 * (fga + 0.44 * fta)).nullif(0)


def certain(condition: Any) -> ir.BooleanValue:
    """Return TRUE where the condition holds, FALSE where it does not or is unknown."""
    return condition.ifelse(True, False)
