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
    RATES = "rates_v1"
    MARKET_BLEND = "market_blend_v1"
    SEASON_AVERAGE = "season_average_v1"
    PLAIN_AVERAGE = "plain_average_v1"
    MARKET_LINE = "market_line"


EVERY_MARKET = (SystemId.RATES, SystemId.MARKET_BLEND, SystemId.PLAIN_AVERAGE)  # made by one recipe, points included
POINT_SYSTEMS = tuple(system for system in SystemId if system not in EVERY_MARKET)
REFERENCES = (SystemId.SEASON_AVERAGE, SystemId.PLAIN_AVERAGE, SystemId.MARKET_LINE)  # others are compared with them
DEFAULT_SYSTEM = SystemId.ENSEMBLE  # used where one forecast of points is wanted


class AbstainReason(StrEnum):
    """Reasons why a system makes no forecast."""

    MISSING_INPUT = "MISSING_INPUT"
    NO_ZONE_DATA = "NO_ZONE_DATA"
    THIN_HISTORY = "THIN_HISTORY"
    NO_MODEL = "NO_MODEL"
    NO_LINE = "NO_LINE"
    TOO_FEW_SYSTEMS = "TOO_FEW_SYSTEMS"
