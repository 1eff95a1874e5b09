"""Hand-written rows of the tables that phases 4 and 5 read: complete rows, changed by each test."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from .analytics.league import League, Row, day

READY = {
    "expected_count": 10,
    "actual_count": 10,
    "completeness": 1.0,
    "is_production_ready": True,
    "readiness_reasons": [],
}
UNREADY = {"completeness": 0.6, "actual_count": 6, "is_production_ready": False, "readiness_reasons": ["own:0.60"]}
OPENING, TONIGHT = "2024-10-22", "2024-12-10"
ZONES = ("paint", "mid_range", "three")
EVEN = {"paint_rate": 0.30, "mid_range_rate": 0.20, "three_rate": 0.50, "primary_zone": "three"}
NEUTRAL = {"paint_vs_league": 0.01, "mid_range_vs_league": 0.02, "three_vs_league": 0.009429}


def season(league: League, opening: str = OPENING) -> None:
    first = int(opening[:4])
    league.add("seasons", season=f"{first}-{(first + 1) % 100}", season_year=first, start_date=day(opening), games=1)


def days_before(date: str, *days: int) -> list[str]:
    return [str(day(date) - dt.timedelta(days=n)) for n in days]


def _of(game: Row, team: str) -> Row:
    at_home = team == game["home_team"]
    known = {"game_id": game["game_id"], "game_date": game["game_date"], "season_type": game["season_type"]}
    other = game["away_team" if at_home else "home_team"]
    return known | {"team_abbr": team, "opponent_team_abbr": other, "is_home": at_home}


def context(league: League, game: Row, team: str = "BOS", player: int = 1, **facts: Any) -> Row:
    """Add an upcoming_player_game_context: one day of rest, two games in the week, nobody missing, 25 years old."""
    known: Row = {"player_id": player, "player_lookup": f"player{player}", "universe_source": "recent_games"}
    known |= {"games_played_season": 20, "days_rest": 1, "back_to_back": False, "opponent_days_rest": 1}
    known |= {"games_last_7_days": 2, "games_last_14_days": 5, "minutes_last_7_days": 60.0}
    known |= {"minutes_last_14_days": 150.0, "avg_minutes_last_7_days": 30.0, "back_to_backs_last_14_days": 0}
    known |= {"avg_usage_rate_last_10": 0.26, "projected_usage_rate": 0.26, "star_teammates_out": 0}
    known |= {"injury_info_available": True, "player_status": "available", "pace_differential": 0.0, "player_age": 25.0}
    return league.add("upcoming_player_game_context", **_of(game, team) | known | READY | facts)


def team_context(league: League, game: Row, team: str = "BOS", **facts: Any) -> Row:
    known = {"neutral_site": False, "win_pct_season": 0.6, "pace_differential": 0.0}
    return league.add("upcoming_team_game_context", **_of(game, team) | known | READY | facts)


def zones(league: League, date: str = TONIGHT, player: int = 1, **facts: Any) -> Row:
    """Add a player_shot_zone_analysis: half of his shots are threes."""
    known = {"analysis_date": day(date), "player_lookup": f"player{player}", "player_id": player, "team_abbr": "BOS"}
    known |= {"games_in_sample": 10, "shot_games_in_sample": 10, "shot_zone_data_available": True}
    return league.add("player_shot_zone_analysis", **known | EVEN | READY | facts)


def defence(league: League, date: str = TONIGHT, team: str = "NYK", **facts: Any) -> Row:
    """Add a team_defense_zone_analysis: a little weaker than the league everywhere."""
    known = {"analysis_date": day(date), "team_abbr": team, "games_in_sample": 15, "shot_games_in_sample": 15}
    known |= {"defensive_rating": 112.0, "opponent_pace": 99.0, "quality_tier": "high"}
    return league.add("team_defense_zone_analysis", **known | NEUTRAL | READY | facts)


def conceded(
    league: League, game: Row, team: str, shots: Mapping[str, tuple[int, int]] | None = None, **facts: Any
) -> Row:
    """Add a team_defense_game_summary; `shots` holds the opponent's (makes, attempts) by zone."""
    side = _of(game, team)
    known = {name: game[name] for name in ("game_code", "season")} | {"points_allowed": 110, "defensive_rating": 110.0}
    known |= {"defending_team_abbr": side.pop("team_abbr"), "opponent_pace": 100.0, "has_shot_zones": bool(shots)}
    for zone in ZONES:
        made, tried = shots.get(zone, (0, 0)) if shots else (None, None)
        known |= {f"opp_{zone}_makes": made, f"opp_{zone}_attempts": tried}
    return league.add("team_defense_game_summary", **side | known | facts)


def shot(**attempts: int) -> Row:
    """Return the zone columns of a player's game: `paint=5` are five attempts, `paint_makes=3` three makes."""
    counts = {f"{zone}_attempts": attempts.get(zone, 0) for zone in ZONES}
    return {**counts, **{f"{zone}_makes": attempts.get(f"{zone}_makes", 0) for zone in ZONES}, "has_shot_zones": True}
