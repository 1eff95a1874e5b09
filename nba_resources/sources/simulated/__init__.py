"""The simulated league: real clubs, invented people, and everything a data platform has to cope with.

Nothing here is measured, so nothing needs a licence, a key or a network; and because the truth is known, a feature that
finds no signal is wrong. A season is drawn as a whole from (seed, year); `today` decides only how much of it is seen.
"""

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc

from nba_resources.dates import DateRange
from nba_resources.sources.base import Delivery, Source
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.simulated.columns import VERSION
from nba_resources.sources.simulated.league import FOUNDED, season_year
from nba_resources.sources.simulated.season import season

TODAY = dt.date(2025, 2, 12)  # nine games, shortly before the All-Star break: trained models, and a third less to fill


class SimulatedSource(Source):
    """The league as seen on the morning of `today`: games before it are final, its lines and reports are out."""

    name = "simulated"

    def __init__(self, seed: int = 7, today: dt.date | None = None) -> None:
        self.seed, self._today = seed, today or TODAY

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        """The facts dated within the range. The league was founded in 2018 and plans one season at a time."""
        first, last = max(FOUNDED, season_year(dates.start)), min(season_year(dates.end), season_year(self._today))
        years = range(first, last + 1) or [FOUNDED]  # no season at all: the typed emptiness of any one of them
        return Delivery(pa.concat_tables(self._seen(feed, year, dates) for year in years))

    def today(self) -> dt.date:
        """The first date from today on with an unfinished game; after a season's end, the date of its last game."""
        year = season_year(self._today)
        games = self._seen("schedule", year, DateRange(dt.date(year, 8, 1), dt.date(year + 1, 7, 31)))
        waiting = games.filter(pc.field("status") == "scheduled")["game_date"].to_pylist()
        return min(waiting) if waiting else max(games["game_date"].to_pylist())

    def _seen(self, feed: str, year: int, dates: DateRange) -> pa.Table:
        """The versions shown today, without the days that say so."""
        date, (shown_from, shown_until) = FEEDS[feed].date, VERSION
        shown = (pc.field(shown_from) <= self._today) & (pc.field(shown_until) >= self._today)
        within = (pc.field(date) >= dates.start) & (pc.field(date) <= dates.end)
        return season(self.seed, year).table(feed).filter(shown & within).drop_columns(list(VERSION))
