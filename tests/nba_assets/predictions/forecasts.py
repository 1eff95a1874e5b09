"""Hand-written forecasts and results of their players."""

import datetime as dt
from typing import Any

from nba_assets.predictions.prediction_columns import PREDICTION_COLUMNS

from ..analytics.league import TABLES, League, Row
from ..upstream import TONIGHT, season

RULES, MARKET = "moving_average_baseline_v1", "market_line"
assert set(PREDICTION_COLUMNS) <= set(TABLES["player_prop_predictions"].contract.columns)


def evening(league: League, date: str = TONIGHT, **facts: Any) -> Row:
    """Add a game, BOS at home to NYK, in the middle of a season."""
    if not league.facts["seasons"]:
        season(league)
    return league.game(date, "BOS", "NYK", **facts)


def forecast(
    league: League, game: Row, points: float | None = 24.6, player: int = 1, system: str = RULES, **facts: Any
) -> Row:
    """Add a forecast for a BOS player; its edge decides the pick. Line 22.5 at -115 on both sides."""
    known: Row = {"line": 22.5, "over_price": -115, "under_price": -115, "confidence_score": 52.0, "team_abbr": "BOS"}
    known |= {"market": "player_points", "edition": "at_tip"}
    known |= {"opponent_team_abbr": "NYK", "features_snapshot": "{}", "player_status": "available"} | facts
    line = known["line"]
    known["edge"] = None if line is None or points is None else points - line
    known["recommendation"] = "NO_LINE" if line is None else "PASS"
    if known["edge"]:
        known["recommendation"] = "OVER" if known["edge"] > 0 else "UNDER"
    named = {"game_id": game["game_id"], "game_date": game["game_date"], "player_id": player, "system_id": system}
    named |= {
        "player_lookup": f"player{player}",
        "prediction_id": f"{game['game_date']} {player} {known['market']} {system}",
    }
    return league.add("player_prop_predictions", **named | {"predicted_value": points} | known | facts)


def known_player(league: League, game: Row, player: int = 1, average: float | None = 12.0, **facts: Any) -> None:
    """Add the features of his that populations use."""
    named = {"game_id": game["game_id"], "game_date": game["game_date"], "player_id": player}
    known = {"player_lookup": f"player{player}", "points_avg_season": average, "early_season": False}
    league.add("ml_feature_store_v2", **named | known | {"quality_tier": "gold"} | facts)


def look(
    league: League,
    game: Row,
    book: str,
    minutes: float | None,
    over: float | None = 0.5,
    line: float = 22.5,
    player: int = 1,
) -> None:
    """Add a book's line some minutes before tip-off, with its chance of going over; without minutes it has no time."""
    seen = None if minutes is None else game["start_time_utc"] - dt.timedelta(minutes=minutes)
    known = {"game_date": game["game_date"], "game_id": game["game_id"], "player_lookup": f"player{player}"}
    known |= {
        "market": "player_points",
        "player_id": player,
        "bookmaker": book,
        "snapshot_key": str(seen or "date_only"),
    }
    shown = {"book_kind": "sportsbook", "snapshot_utc": seen, "minutes_before_tip": minutes, "line": line}
    league.add("prop_line_path", **known, **shown, over_prob=over)
