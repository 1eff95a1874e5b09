"""Where he shoots against where tonight's opponent is weak."""

from operator import ge

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
from models.systems.rules import FORM, added_up, confidence_in_form, ladder, tired, venue

WORTH = {"paint": 1.2, "mid_range": 1.0, "three": 1.1}  # how much a point of percentage moves the score, by zone
REQUIRED = ("points_avg_season", "fatigue_score")
VS_LEAGUE = tuple(f"{zone}_vs_league" for zone in WORTH)
SHOTS = (*(f"pct_{zone}" for zone in WORTH), *VS_LEAGUE)
OPTIONAL = ("pace_score", "home_away", *FORM)


def forecast(evenings: pd.DataFrame, _learner: Learner | None, _before: Forecasts) -> pd.DataFrame:
    """The season's mean moved by the opponent's zones: `z_vs_league` is positive where a defence is weak: it adds."""
    terms = {
        "season": evenings.points_avg_season,
        **{zone: _matchup(evenings, zone) for zone in WORTH},
        "pace": 0.4 * evenings.pace_score,
        "venue": venue(evenings.home_away, home=0.8, away=-0.8),
        "fatigue": tired(evenings.fatigue_score, -1.5, -0.8),
    }
    reasons = {
        Abstained.MISSING_INPUT: is_missing(evenings, REQUIRED),
        Abstained.NO_ZONE_DATA: is_missing(evenings, SHOTS),
    }
    abstained = first_reason(evenings.index, reasons)
    return added_up(evenings, terms, confidence_in_form(evenings), abstained, REQUIRED + SHOTS + OPTIONAL)


def _matchup(evenings: pd.DataFrame, zone: str) -> pd.Series:
    weight = ladder(evenings[f"pct_{zone}"], ge, {0.40: 1.0, 0.20: 0.7}, 0.4)
    return weight * (0.3 * 100 * evenings[f"{zone}_vs_league"] * WORTH[zone]).clip(-3, 3)


ZONE_MATCHUP = System(SystemId.ZONE_MATCHUP, Family.RULES, least_confidence=45, least_edge=2.0, forecast=forecast)
