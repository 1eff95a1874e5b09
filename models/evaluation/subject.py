"""The subject of an evaluation: the forecasts of one market in one edition."""

from dataclasses import dataclass

from models.forecast_keys import Edition
from models.markets import MARKETS, POINTS


@dataclass(frozen=True)
class Subject:
    """One market and one edition; nothing is summed or averaged over two of them."""

    market: str = POINTS
    edition: Edition = Edition.AT_TIP

    @property
    def unit(self) -> str:
        """The statistic in words, which is also the unit of its errors."""
        return MARKETS[self.market].label

    @property
    def short(self) -> str:
        """The market's short name."""
        return MARKETS[self.market].short

    @property
    def digits(self) -> int:
        """Decimals that its errors are shown with: an error of half a block needs more than one of five points."""
        return 2 if "points" in MARKETS[self.market].counts else 3

    @property
    def form(self) -> str:
        """The format of its errors."""
        return f".{self.digits}f"

    def __str__(self) -> str:
        return f"{self.unit} {self.edition}"


POINTS_AT_TIP = Subject()
