"""Which forecasts are made: for each system its markets and editions.

This module imports no numpy and no pandas: commands that count or print stored forecasts use it.
"""

from enum import StrEnum
from typing import NamedTuple

from models.markets import POINTS
from models.system_ids import DEFAULT_SYSTEM, POINT_SYSTEMS, SystemId


class Edition(StrEnum):
    """Up to when the facts of a forecast were published.

    A fact may not be later than the price it is bet against. So `at_line` ends with the earliest price used in the
    game, and only its forecasts are bet; `at_tip` ends with the tip-off, and shows how near a forecast can come.
    """

    AT_LINE = "at_line"
    AT_TIP = "at_tip"


class Variant(StrEnum):
    """Which rows a model learned from and may forecast; serving it others cost a third of a point of bias."""

    AT_LINE = Edition.AT_LINE.value
    AT_TIP = Edition.AT_TIP.value
    NO_REPORT = "no_report"  # games of which no injury report speaks


class ForecastKey(NamedTuple):
    """One forecast that every player who may be bet on has."""

    market: str
    system_id: SystemId
    edition: Edition


FORECAST_KEYS = tuple(ForecastKey(POINTS, system, Edition.AT_TIP) for system in POINT_SYSTEMS)


def house_key(market: str) -> ForecastKey:
    """Return the forecast whose picks are shown and published: of points the ensemble, of others what reads prices."""
    if market == POINTS:
        return ForecastKey(market, DEFAULT_SYSTEM, Edition.AT_TIP)
    return ForecastKey(market, SystemId.MARKET_BLEND, Edition.AT_LINE)
