"""Lines on player points: main and alternate, opening and pre-tip, a few in play, with bookmakers' spellings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from nba_resources.sources.simulated.columns import Array, Rng, chance, facts, texts
from nba_resources.sources.simulated.games import Stage, points
from nba_resources.sources.simulated.league import League
from nba_resources.sources.simulated.market import HARBORLINE, IN_PLAY, PICKEM, SPORTSBOOKS, Book, View, prices, views

POINTS = "player_points"  # the only market of the simulated books
SPORTSBOOK_SOURCE, PICKEM_SOURCE, PICKEM_PRICE = "sim_books", "pickem_sim", -137
OFFERED_FROM = 15  # expected minutes
COMMON_ERROR, EARLY_ERROR, OWN_ERROR = 0.05, 0.03, 0.02
MEAN_ABOVE_MEDIAN = 0.2
ALTERNATES = np.array([-6, -4, -2, 2, 4, 6])
WITH_ALTERNATES, EACH_ALTERNATE = 0.35, 0.75
SWAPPED = 0.005  # share of games whose clubs one book confuses


class Offer(NamedTuple):
    """Lines on players: their positions in the stage, their expected medians, and the lines next to those."""

    at: tuple[Array, ...]
    median: Array
    line: Array


@dataclass(frozen=True)
class PropBoard:
    """The player lines of one stage; `spelled` holds the players' names by book."""

    league: League
    stage: Stage
    spelled: dict[str, list[str]]
    rng: Rng

    def rows(self) -> pa.Table:
        """Return the lines of all books; the books share most of their error."""
        opening, late = views(self.league, self.stage)
        error = self._error(COMMON_ERROR, late.points.shape)
        views_with_error = (
            (opening, opening.points * error * self._error(EARLY_ERROR, error.shape)),
            (late, late.points * error),
        )
        swapped = self.rng.random(len(self.stage.fixtures.day)) < SWAPPED
        tables = [table for book in SPORTSBOOKS for table in self._sportsbook(book, views_with_error, swapped)]
        tables.append(self._in_play(late, swapped))
        main = self._main(PICKEM, late.minutes >= OFFERED_FROM, late.points * error)
        pickem = {"source": PICKEM_SOURCE, "over_price": PICKEM_PRICE, "under_price": PICKEM_PRICE}
        return pa.concat_tables([*tables, self._rows(PICKEM, main, pickem)])  # without teams and times

    def _error(self, size: float, shape: tuple[int, ...]) -> Array:
        return np.exp(self.rng.normal(0, size, shape))

    def _sportsbook(
        self, book: Book, views_with_error: tuple[tuple[View, Array], ...], swapped: Array
    ) -> Iterator[pa.Table]:
        careless = swapped & (book is HARBORLINE)
        for view, expected in views_with_error:
            main = self._main(book, view.minutes >= OFFERED_FROM, expected)
            snapshot = view.moments(self.stage, self.rng)
            yield self._two_sided(book, main, snapshot, careless)
            if book is HARBORLINE:
                yield self._two_sided(book, self._alternates(main), snapshot, careless)

    def _in_play(self, late: View, swapped: Array) -> pa.Table:
        """Return lines offered after tip-off: they know part of the outcome, so using them is leakage."""
        live = self.rng.random(len(swapped)) < IN_PLAY
        gone = self.rng.uniform(0.2, 0.8, len(swapped))
        done = gone[:, None, None]
        expected = points(self.stage.played.box) * done + late.points * (1 - done)
        main = self._main(HARBORLINE, (late.minutes >= OFFERED_FROM) & live[:, None, None], expected)
        snapshot = self.stage.fixtures.tip + (gone * 140 * 60).astype("timedelta64[s]")
        return self._two_sided(HARBORLINE, main, snapshot, swapped, shown_after=1)

    def _main(self, book: Book, offered: Array, expected: Array) -> Offer:
        """Return the main lines on the players of a mask."""
        at = np.nonzero(offered)
        median = np.maximum(expected[at] * self._error(OWN_ERROR, at[0].shape) - MEAN_ABOVE_MEDIAN, 1)
        whole = self.rng.random(len(median)) < book.whole_lines
        return Offer(at, median, np.where(whole, np.rint(median), np.floor(median) + 0.5))

    def _alternates(self, main: Offer) -> Offer:
        """Draw alternates to some main lines."""
        has_alternates = (self.rng.random(len(main.line)) < WITH_ALTERNATES)[:, None]
        offered = has_alternates & (self.rng.random((len(main.line), len(ALTERNATES))) < EACH_ALTERNATE)
        which, step = np.nonzero(offered & (main.line[:, None] + ALTERNATES > 0))
        at = tuple(axis[which] for axis in main.at)
        return Offer(at, main.median[which], main.line[which] + ALTERNATES[step])

    def _two_sided(self, book: Book, offer: Offer, snapshot: Array, swapped: Array, shown_after: int = 0) -> pa.Table:
        games, game = self.stage.fixtures, offer.at[0]
        chance_of_over = chance((offer.median - offer.line) / (1.2 + 1.35 * np.sqrt(offer.median)))
        over, under = prices(chance_of_over, book.margin)
        values = {
            "source": SPORTSBOOK_SOURCE,
            "home_team": np.where(swapped, games.away, games.home)[game],
            "away_team": np.where(swapped, games.home, games.away)[game],
            "snapshot_utc": snapshot[game],
            "start_time_utc": games.tip[game],
            "over_price": over,
            "under_price": under,
        }
        return self._rows(book, offer, values, shown_after)

    def _rows(self, book: Book, offer: Offer, values: dict[str, Any], shown_after: int = 0) -> pa.Table:
        day = self.stage.fixtures.day[offer.at[0]]
        names = texts(self.spelled[book.name], self.stage.played.roster[offer.at])
        common = {
            "market": POINTS,
            "bookmaker": book.name,
            "player_name_raw": names,
            "game_date": day,
            "line": offer.line,
        }
        return facts("player_props", common | values, shown_from=day + shown_after)
