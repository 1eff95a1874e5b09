"""Which forecasts are made: for each system its markets and editions.

This module imports no numpy and no pandas: commands that count or print stored forecasts use it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from models.markets import MARKETS, POINTS
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
    """One forecast of a player who may be bet on."""

    market: str
    system_id: SystemId
    edition: Edition


class LaterThanPrice(ValueError):
    """A system that would read facts published after the price it is bet at; raised where it is declared."""


@dataclass(frozen=True)
class MarketSystem:
    """A system that forecasts every market: its editions, whether it reads prices, whether it needs a line."""

    id: SystemId
    editions: tuple[Edition, ...]
    reads_prices: bool = False
    needs_line: bool = False

    def __post_init__(self) -> None:
        later = [edition.value for edition in self.editions if edition is not Edition.AT_LINE]
        if self.reads_prices and later:
            raise LaterThanPrice(
                f"{self.id} reads prices and facts of {', '.join(later)}: a system that reads prices may have the "
                f"edition {Edition.AT_LINE.value} only, whose facts were published before the price"
            )

    def forecasts(self) -> Iterator[ForecastKey]:
        """Yield a key for each market and edition, except references on points, which the ten systems have."""
        for market in MARKETS:
            if market != POINTS or self.id not in POINT_SYSTEMS:
                yield from (ForecastKey(market, self.id, edition) for edition in self.editions)


MARKET_SYSTEMS = (
    MarketSystem(SystemId.RATES, (Edition.AT_LINE, Edition.AT_TIP)),
    MarketSystem(SystemId.MARKET_BLEND, (Edition.AT_LINE,), reads_prices=True, needs_line=True),
    MarketSystem(SystemId.SEASON_AVERAGE, (Edition.AT_LINE,)),  # no fact of the day: it stands beside both editions
    MarketSystem(SystemId.PLAIN_AVERAGE, (Edition.AT_LINE,)),
    MarketSystem(SystemId.MARKET_LINE, (Edition.AT_LINE,), needs_line=True),
)
POINT_KEYS = tuple(ForecastKey(POINTS, system, Edition.AT_TIP) for system in POINT_SYSTEMS)
EVERY_PLAYER = (*POINT_KEYS, *(key for system in MARKET_SYSTEMS if not system.needs_line for key in system.forecasts()))
WITH_LINE = tuple(key for system in MARKET_SYSTEMS if system.needs_line for key in system.forecasts())
FORECAST_KEYS = (*EVERY_PLAYER, *WITH_LINE)


def house_key(market: str) -> ForecastKey:
    """Return the forecast whose picks are shown and published: of points the ensemble, of others what reads prices."""
    if market == POINTS:
        return ForecastKey(market, DEFAULT_SYSTEM, Edition.AT_TIP)
    return ForecastKey(market, SystemId.MARKET_BLEND, Edition.AT_LINE)
