"""The simulated league: real clubs, invented people, and the irregularities of real data.

It needs no licence, key or network, and its true probabilities are known, so a feature that finds no signal is wrong. A
season is drawn as a whole from (seed, year); `today` decides only how much of it is visible.
"""

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc

from nba_resources.dates import DateRange
from nba_resources.sources.base import SIMULATED_TODAY as TODAY
from nba_resources.sources.base import Delivery, Source
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.simulated.columns import VERSION
from nba_resources.sources.simulated.league import FOUNDED, announced_season
from nba_resources.sources.simulated.season import season


class SimulatedSource(Source):
    """The league on the morning of `today`: earlier games are final, lines and reports of the day are known."""

    name = "simulated"

    def __init__(self, seed: int = 7, today: dt.date | None = None) -> None:
        self.seed, self._today = seed, today or TODAY

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        """Return the facts dated within the range; seasons run from 2018 to the one of `today`."""
        first, last = announced_season(dates.start), announced_season(min(dates.end, self._today))
        years = range(max(FOUNDED, first), last + 1) or [FOUNDED]  # without a season: no rows, but their types
        return Delivery(pa.concat_tables(self._visible_rows(feed, year, dates) for year in years))

    def today(self) -> dt.date:
        """Return the first date from today on with an unfinished game, or else the date of the last game."""
        year = announced_season(self._today)
        games = self._visible_rows("schedule", year, DateRange(dt.date(year, 8, 1), dt.date(year + 1, 7, 31)))
        unfinished = games.filter(pc.field("status") == "scheduled")["game_date"].to_pylist()
        return min(unfinished) if unfinished else max(games["game_date"].to_pylist())

    def _visible_rows(self, feed: str, year: int, dates: DateRange) -> pa.Table:
        date, (shown_from, shown_until) = pc.field(FEEDS[feed].date), map(pc.field, VERSION)
        visible = (shown_from <= self._today) & (shown_until >= self._today)
        within = (date >= dates.start) & (date <= dates.end)
        return season(self.seed, year).table(feed).filter(visible & within).drop_columns(list(VERSION))
