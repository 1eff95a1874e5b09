"""Weighted recent averages with small corrections: the simple forecast that every trained model has to beat."""

import pandas as pd

from models.systems.base import AbstainReason, Family, Forecasts, Learner, System, SystemId, is_missing
from models.systems.rules import FORM, fatigue_points, forecast_from_terms, form_confidence, venue_points

REQUIRED = ("points_avg_last_5", "points_avg_last_10", "points_avg_season", "fatigue_score")
OPTIONAL = ("shot_zone_mismatch_score", "back_to_back", "pace_score", "home_away", "usage_spike_score", *FORM)


def forecast(rows: pd.DataFrame, _learner: Learner | None, _before: Forecasts) -> pd.DataFrame:
    """Add half of the last five games, 0.3 of the last ten, 0.2 of the season, and corrections for this game."""
    last_5, last_10, season = (rows[name] for name in REQUIRED[:3])
    terms = {
        "form": 0.5 * last_5 + 0.3 * last_10 + 0.2 * season,
        "fatigue": fatigue_points(rows.fatigue_score, -2.5, -1.0),
        "shot_zones": 0.1 * rows.shot_zone_mismatch_score,
        "back_to_back": -0.5 * rows.back_to_back,
        "pace": 0.3 * rows.pace_score,
        "venue": venue_points(rows.home_away, home=0.5, away=-0.5),
        "usage": 0.4 * rows.usage_spike_score,
    }
    reasons = {AbstainReason.MISSING_INPUT: is_missing(rows, REQUIRED)}
    return forecast_from_terms(rows, terms, form_confidence(rows), reasons, REQUIRED + OPTIONAL)


MOVING_AVERAGE = System(SystemId.MOVING_AVERAGE, Family.RULES, forecast)
