"""Weighted recent form with small corrections: the plain average every learner has to beat."""

import pandas as pd

from models.systems.base import (
    Abstained,
    Family,
    Forecasts,
    Learner,
    System,
    SystemId,
    first_reason,
    is_missing,
)
from models.systems.rules import FORM, added_up, confidence_in_form, tired, venue

REQUIRED = ("points_avg_last_5", "points_avg_last_10", "points_avg_season", "fatigue_score")
OPTIONAL = ("shot_zone_mismatch_score", "back_to_back", "pace_score", "home_away", "usage_spike_score", *FORM)


def forecast(evenings: pd.DataFrame, _learner: Learner | None, _before: Forecasts) -> pd.DataFrame:
    """Half of the last five games, a third of the last ten, the rest of the season; then what tonight changes."""
    recent, longer, season = (evenings[name] for name in REQUIRED[:3])
    terms = {
        "form": 0.5 * recent + 0.3 * longer + 0.2 * season,
        "fatigue": tired(evenings.fatigue_score, -2.5, -1.0),
        "shot_zones": 0.1 * evenings.shot_zone_mismatch_score,
        "back_to_back": -0.5 * evenings.back_to_back,
        "pace": 0.3 * evenings.pace_score,
        "venue": venue(evenings.home_away, home=0.5, away=-0.5),
        "usage": 0.4 * evenings.usage_spike_score,
    }
    abstained = first_reason(evenings.index, {Abstained.MISSING_INPUT: is_missing(evenings, REQUIRED)})
    return added_up(evenings, terms, confidence_in_form(evenings), abstained, REQUIRED + OPTIONAL)


MOVING_AVERAGE = System(SystemId.MOVING_AVERAGE, Family.RULES, least_confidence=45, least_edge=2.0, forecast=forecast)
