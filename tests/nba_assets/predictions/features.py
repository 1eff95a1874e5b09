"""Hand-written upstream rows for the features of one BOS player at home to NYK."""

from typing import Any

from ..analytics.league import League, Row, day, moment
from ..upstream import READY, TONIGHT, context, days_before, defence, season, team_context, zones

TABLE = "ml_feature_store_v2"
PAST = days_before(TONIGHT, *range(20, 0, -2))
BY_ZONE = {"pct_paint": "paint_rate", "pct_mid_range": "mid_range_rate", "pct_three": "three_rate"}


def sound_evening(league: League) -> Row:
    """Add upstream rows with every feature known and ready."""
    season(league)
    game = league.game(TONIGHT, "BOS", "NYK", status="scheduled")
    context(league, game)
    team_context(league, game)
    zones(league)
    defence(league)
    known = {"fatigue_score": 85.0, "shot_zone_mismatch_score": 0.94, "pace_score": 1.4, "usage_spike_score": 1.06}
    his = {"player_lookup": "player1", "player_id": 1, "game_id": game["game_id"]}
    league.add("player_composite_factors", game_date=day(TONIGHT), opponent_team_abbr="NYK", **his, **known, **READY)
    form = {"points_avg_last_5": 24.2, "points_avg_last_10": 22.8, "points_avg_season": 21.5}
    form |= {"points_std_last_10": 5.1, "minutes_avg_last_10": 34.0, "minutes_avg_season": 33.0}
    form |= {"ppm_avg_last_10": 0.67, "free_throw_points_share_last_10": 0.2, "games_played_season": 20}
    form |= {"team_pace_last_10": 99.0, "team_off_rating_last_10": 113.0, "games_last_7_days": 2, "early_season": False}
    league.add("player_daily_cache", cache_date=day(TONIGHT), player_lookup="player1", player_id=1, **form, **READY)
    numbers = {
        "market": "player_points",
        "line": 19.5,
        "opening_line": 20.5,
        "line_move": -1.0,
        "n_books": 1,
        "n_books_at_line": 1,
    }
    league.add("player_prop_lines", game_date=day(TONIGHT), **his, **numbers, line_known_at=moment(f"{TONIGHT} 20:00"))
    scores(league, 20, 20, 20, 20, 20)
    return game


def scores(league: League, *points: int, opponent: str = "NYK") -> None:
    """Replace his last games, oldest first."""
    league.facts["player_game_summary"].clear()
    for date, scored in zip(PAST[-len(points) :], points, strict=True):
        league.line(league.game(date, "BOS", opponent), "BOS", 1, points=scored)


def change(league: League, table: str, **facts: Any) -> None:
    assert set(facts) <= set(league.facts[table][0])
    league.facts[table][0].update(facts)


def his(league: League) -> Row:
    return league.one(TABLE, TONIGHT, player_lookup="player1")
