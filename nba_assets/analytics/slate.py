"""The schedule seen from each side, and the shares of a game that several tables compute alike."""

from typing import Any

import ibis.expr.types as ir

from nba_assets.kit.calendar import COUNTED, counted
from nba_resources.warehouse.contract import Column, day, integer, text

GAME: dict[str, Column] = {
    "game_id": text("NBA's ten-digit id"),
    "game_code": text("YYYYMMDD_AWAY_HOME"),
    "game_date": day("US Eastern date"),
    "season": text("For instance 2024-25"),
    "season_type": text("Only games that count", *COUNTED),
}

PLAYER_GAME: dict[str, Column] = {
    "game_date": day("US Eastern date"),
    "player_lookup": text("The player's key"),
    "game_id": text("NBA's ten-digit id"),
    "player_id": integer("NBA id"),
}
MATCHUP = (*PLAYER_GAME, "team_abbr", "opponent_team_abbr")


def team_games(games: ir.Table) -> ir.Table:
    """Two rows a game, one from each side; only games that count.

    An unknown tip-off counts as the start of the day, so that no news of the day itself is believed to precede it.
    """
    games = counted(games)
    games = games.mutate(tipoff=games.start_time_utc.coalesce(games.game_date.cast("timestamp('UTC')")))
    facts = ("game_id", "game_code", "game_date", "season", "season_type", "status", "neutral_site", "tipoff")
    home = games.select(*facts, team_abbr="home_team", opponent_team_abbr="away_team", is_home=True)
    away = games.select(*facts, team_abbr="away_team", opponent_team_abbr="home_team", is_home=False)
    return home.union(away)


def full_rest_days(day: Any, last_game: Any) -> ir.IntegerValue:
    """Days off between two games: 0 is a back-to-back. Counting calendar differences shifts every rule by one."""
    return day.delta(last_game, unit="day") - 1


def true_shooting(points: ir.NumericValue, fga: ir.NumericValue, fta: ir.NumericValue) -> ir.FloatingValue:
    """Points for each shooting possession used, halved; NULL without attempts."""
    return points / (2 * (fga + 0.44 * fta)).nullif(0)


def certain(condition: Any) -> ir.BooleanValue:
    """True only where the condition is known to hold."""
    return condition.ifelse(True, False)
