"""Recommendations of a system, the limits of its picks, and the reasons for which it passes.

This module imports no numpy and no pandas: commands that print stored forecasts use it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from models.system_ids import SystemId

OVER, UNDER, PASS, NO_LINE = "OVER", "UNDER", "PASS", "NO_LINE"
PICKS = (OVER, UNDER)
SIDES = {OVER: "over_price", UNDER: "under_price"}
LOW_CONFIDENCE, SMALL_EDGE, NO_MAJORITY, REFERENCE = "LOW_CONFIDENCE", "SMALL_EDGE", "NO_MAJORITY", "REFERENCE"
UNTIMED_PRICE, LATE_FACTS = "UNTIMED_PRICE", "LATE_FACTS"
FORECAST_ONLY, SMALL_VALUE = "FORECAST_ONLY", "SMALL_VALUE"
MIN_VALUE = 0.02  # the least expected value of a pick that is chosen by value


class PickLimits(NamedTuple):
    """The least confidence and the least edge of a pick."""

    min_confidence: float
    min_edge: float


PICK_LIMITS: Mapping[SystemId, PickLimits] = {
    SystemId.MOVING_AVERAGE: PickLimits(45, 2.0),
    SystemId.ZONE_MATCHUP: PickLimits(45, 2.0),
    SystemId.SIMILARITY: PickLimits(55, 2.0),
    SystemId.XGBOOST: PickLimits(60, 1.5),
    SystemId.CATBOOST: PickLimits(60, 1.0),
    SystemId.ENSEMBLE: PickLimits(65, 1.5),
    SystemId.CATBOOST_EXTENDED: PickLimits(60, 1.0),
    SystemId.MARKET_ANCHORED: PickLimits(60, 1.0),
    SystemId.SEASON_AVERAGE: PickLimits(45, 2.0),
    SystemId.MARKET_LINE: PickLimits(0, 0),
}


def price_of(row: Mapping[Any, Any]) -> Any:
    """Return the price of the recommended side of a forecast."""
    side = SIDES.get(row["recommendation"])
    return row[side] if side else None
