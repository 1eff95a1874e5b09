"""Season average moved by the player's shot zones against the opponent's weak zones."""

from operator import ge

import pandas as pd

from models.systems.base import AbstainReason, Family, Forecasts, Learner, System, SystemId, is_missing
from models.systems.rules import FORM, fatigue_points, forecast_from_terms, form_confidence, step, venue_points

ZONE_WEIGHTS = {"paint": 1.2, "mid_range": 1.0, "three": 1.1}  # effect of one percentage point, by zone
REQUIRED = ("points_avg_season", "fatigue_score")
VS_LEAGUE = tuple(f"{zone}_vs_league" for zone in ZONE_WEIGHTS)
SHOTS = (*(f"pct_{zone}" for zone in ZONE_WEIGHTS), *VS_LEAGUE)
OPTIONAL = ("pace_score", "home_away", *FORM)


def forecast(rows: pd.DataFrame, _learner: Learner | None, _before: Forecasts) -> pd.DataFrame:
    """Add corrections by zone to the season average; `<zone>_vs_league` is positive where the defence is weak."""
    terms = {
        "season": rows.points_avg_season,
        **{zone: _zone_points(rows, zone) for zone in ZONE_WEIGHTS},
        "pace": 0.4 * rows.pace_score,
        "venue": venue_points(rows.home_away, home=0.8, away=-0.8),
        "fatigue": fatigue_points(rows.fatigue_score, -1.5, -0.8),
    }
    reasons = {
        AbstainReason.MISSING_INPUT: is_missing(rows, REQUIRED),
        AbstainReason.NO_ZONE_DATA: is_missing(rows, SHOTS),
    }
    return forecast_from_terms(rows, terms, form_confidence(rows), reasons, REQUIRED + SHOTS + OPTIONAL)


def _zone_points(rows: pd.DataFrame, zone: str) -> pd.Series:
    weight = step(rows[f"pct_{zone}"], ge, {0.40: 1.0, 0.20: 0.7}, 0.4)
    return weight * (0.3 * 100 * rows[f"{zone}_vs_league"] * ZONE_WEIGHTS[zone]).clip(-3, 3)


ZONE_MATCHUP = System(SystemId.ZONE_MATCHUP, Family.RULES, forecast)
