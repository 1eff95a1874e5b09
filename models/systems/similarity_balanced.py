"""What he scored on evenings like this one.

The similar games are found and scored in the warehouse (`prediction_evidence`), from what was known before each.
"""

from operator import ge, lt

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
from models.systems.rules import added_up, known_sum, ladder, venue

NEEDED = 5  # similar games; a mean of fewer is a rumour
REQUIRED = ("similar_games", "similar_points", "similar_score")
SIMILAR = (*REQUIRED, "similar_points_std")
TONIGHT = ("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score", "home_away")


def forecast(evenings: pd.DataFrame, _learner: Learner | None, _before: Forecasts) -> pd.DataFrame:
    """The similar evenings' mean, weighted by likeness, and what tonight changes."""
    terms = {
        "similar_games": evenings.similar_points,
        "fatigue": 0.015 * (evenings.fatigue_score - 70),
        "shot_zones": 0.4 * evenings.shot_zone_mismatch_score,
        "pace": 0.8 * evenings.pace_score,
        "usage": 0.8 * evenings.usage_spike_score,
        "venue": venue(evenings.home_away, home=0.8, away=-0.5),
    }
    reasons = {
        Abstained.THIN_HISTORY: ~(evenings.similar_games >= NEEDED),
        Abstained.MISSING_INPUT: is_missing(evenings, REQUIRED),
    }
    abstained = first_reason(evenings.index, reasons)
    return added_up(evenings, terms, _confidence(evenings), abstained, SIMILAR + TONIGHT)


def _confidence(evenings: pd.DataFrame) -> pd.Series:
    """Many alike evenings that ended alike."""
    parts = {
        "games": ladder(evenings.similar_games, ge, {15: 12, 10: 9, 7: 6}, -10),
        "likeness": ladder(evenings.similar_score, ge, {85: 12, 75: 9}, 6),
        "spread": ladder(evenings.similar_points_std, lt, {4: 10, 6: 6, 8: 2}, -5),
    }
    return 35 + known_sum(parts)


SIMILARITY = System(SystemId.SIMILARITY, Family.RULES, least_confidence=55, least_edge=2.0, forecast=forecast)
