"""Mean points of the player's similar games (from `prediction_evidence`), with corrections for this game."""

from operator import ge, lt

import pandas as pd

from models.systems.base import AbstainReason, Family, Forecasts, Learner, System, SystemId, is_missing
from models.systems.rules import forecast_from_terms, step, sum_known, venue_points

MIN_SIMILAR_GAMES = 5  # a mean of fewer games is mostly chance
REQUIRED = ("similar_games", "similar_points", "similar_score")
SIMILAR_GAME_COLUMNS = (*REQUIRED, "similar_points_std")
THIS_GAME = ("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score", "home_away")


def forecast(rows: pd.DataFrame, _learner: Learner | None, _before: Forecasts) -> pd.DataFrame:
    """Add the mean of similar games, weighted by similarity, and corrections for this game."""
    terms = {
        "similar_games": rows.similar_points,
        "fatigue": 0.015 * (rows.fatigue_score - 70),
        "shot_zones": 0.4 * rows.shot_zone_mismatch_score,
        "pace": 0.8 * rows.pace_score,
        "usage": 0.8 * rows.usage_spike_score,
        "venue": venue_points(rows.home_away, home=0.8, away=-0.5),
    }
    reasons = {
        AbstainReason.THIN_HISTORY: ~(rows.similar_games >= MIN_SIMILAR_GAMES),
        AbstainReason.MISSING_INPUT: is_missing(rows, REQUIRED),
    }
    return forecast_from_terms(rows, terms, _confidence(rows), reasons, SIMILAR_GAME_COLUMNS + THIS_GAME)


def _confidence(rows: pd.DataFrame) -> pd.Series:
    """Return a confidence that grows with number, similarity and agreement of the similar games."""
    parts = {
        "games": step(rows.similar_games, ge, {15: 12, 10: 9, 7: 6}, -10),
        "likeness": step(rows.similar_score, ge, {85: 12, 75: 9}, 6),
        "spread": step(rows.similar_points_std, lt, {4: 10, 6: 6, 8: 2}, -5),
    }
    return 35 + sum_known(parts)


SIMILARITY = System(SystemId.SIMILARITY, Family.RULES, forecast)
