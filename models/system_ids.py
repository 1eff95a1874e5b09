"""Ids of all systems, and why one makes no forecast.

This module imports no numpy and no pandas: commands that print stored forecasts use it.
"""

from enum import StrEnum


class SystemId(StrEnum):
    """Ids of all systems; no other id is ever stored."""

    MOVING_AVERAGE = "moving_average_baseline_v1"
    ZONE_MATCHUP = "zone_matchup_v1"
    SIMILARITY = "similarity_balanced_v1"
    XGBOOST = "xgboost_v1"
    CATBOOST = "catboost_v8"
    ENSEMBLE = "ensemble_v1"
    CATBOOST_EXTENDED = "catboost_v9"
    MARKET_ANCHORED = "market_anchored_v1"
    SEASON_AVERAGE = "season_average_v1"
    MARKET_LINE = "market_line"


DEFAULT_SYSTEM = SystemId.ENSEMBLE  # used where one forecast is wanted


class AbstainReason(StrEnum):
    """Reasons why a system makes no forecast."""

    MISSING_INPUT = "MISSING_INPUT"
    NO_ZONE_DATA = "NO_ZONE_DATA"
    THIN_HISTORY = "THIN_HISTORY"
    NO_MODEL = "NO_MODEL"
    NO_LINE = "NO_LINE"
    TOO_FEW_SYSTEMS = "TOO_FEW_SYSTEMS"
