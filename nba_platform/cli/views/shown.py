"""The forecasts that a command shows: which market, which edition, and by which systems."""

from dataclasses import dataclass

from models.forecast_keys import FORECAST_KEYS, Edition, house_key
from models.markets import MARKETS, POINTS
from models.system_ids import SystemId

BLENDED = (SystemId.MARKET_BLEND, SystemId.RATES)  # a player without a line has no forecast of the blend


@dataclass(frozen=True)
class Shown:
    """The forecasts of a market and edition by the first of the systems that has one; without systems, by all."""

    market: str
    edition: Edition
    systems: tuple[SystemId, ...] = ()

    @classmethod
    def of(
        cls,
        market: str = POINTS,
        edition: Edition | None = None,
        system: SystemId | None = None,
        all_systems: bool = False,
    ) -> "Shown":
        """Return what is shown where only some of it is named: by default the house's forecasts.

        The edition is the house's too, unless the system named forecasts another one only.
        """
        house = house_key(market)
        made = [key.edition for key in FORECAST_KEYS if (key.market, key.system_id) == (market, system)]
        edition = edition or (made[0] if made and house.edition not in made else house.edition)
        if all_systems:
            return cls(market, edition)
        if system:
            return cls(market, edition, (system,))
        return cls(market, edition, (house.system_id,) if (market, edition) == (POINTS, house.edition) else BLENDED)

    @property
    def place(self) -> str:
        """The market and edition in words; nothing for those shown by default."""
        usual = house_key(POINTS)
        is_usual = (self.market, self.edition) == (usual.market, usual.edition)
        return "" if is_usual else f"{MARKETS[self.market].label} {self.edition}, "

    @property
    def by(self) -> str:
        """The systems in words."""
        return " or ".join(self.systems) or "every system"

    @property
    def unit(self) -> str:
        """The heading of the forecasts: the statistic, or its short name if it is a sum."""
        market = MARKETS[self.market]
        return market.label if len(market.counts) == 1 else market.short
