"""The simulated league with lines in two markets: those of twelve take most of the time of a season's tables."""

import pyarrow.compute as pc

from models.markets import POINTS
from nba_resources.dates import DateRange
from nba_resources.sources.base import Delivery
from nba_resources.sources.simulated import SimulatedSource

MARKETS = (POINTS, "player_assists")  # lines of every market are computed alike


class FewMarkets(SimulatedSource):
    """The simulated league, whose bookmakers offer two markets."""

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        delivery = super().fetch(feed, dates)
        return Delivery(delivery.rows.filter(pc.field("market").isin(MARKETS))) if feed == "player_props" else delivery
