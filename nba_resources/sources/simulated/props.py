"""Lines on player points: main and alternate, opening and pre-tip, a few in play, under the names bookmakers use."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from nba_resources.sources.simulated.columns import chance, facts, texts
from nba_resources.sources.simulated.games import points
from nba_resources.sources.simulated.league import League
from nba_resources.sources.simulated.market import HARBORLINE, IN_PLAY, PICKEM, SPORTSBOOKS, Book, View, prices, views
from nba_resources.sources.simulated.stage import Stage
from nba_resources.sources.teams import TEAMS

SPORTSBOOK_SOURCE, PICKEM_SOURCE, PICKEM_PRICE = "sim_books", "pickem_sim", -137
OFFERED_FROM = 15  # expected minutes
COMMON_ERROR, EARLY_ERROR, OWN_ERROR = 0.05, 0.03, 0.02
MEAN_ABOVE_MEDIAN = 0.2
ALTERNATES = np.array([-6, -4, -2, 2, 4, 6])
WITH_ALTERNATES, EACH_ALTERNATE = 0.35, 0.75
SWAPPED = 0.005  # share of games whose two clubs the careless book confuses


@dataclass(frozen=True)
class PropBoard:
    """The player lines of one stage; `spelled` holds every player's name as each book writes it."""

    league: League
    stage: Stage
    spelled: dict[str, list[str]]
    rng: np.random.Generator

    def rows(self) -> pa.Table:
        """All quotes of all books. They share most of their errors: a market is one opinion, many times."""
        opening, late = views(self.league, self.stage)
        error = self._error(COMMON_ERROR, late.points.shape)
        believed = (
            (opening, opening.points * error * self._error(EARLY_ERROR, error.shape)),
            (late, late.points * error),
        )
        swapped = self.rng.random(len(self.stage.fixtures.day)) < SWAPPED
        quotes = [quote for book in SPORTSBOOKS for quote in self._sportsbook(book, believed, swapped)]
        quotes += [self._in_play(late, swapped), self._pickem(late, late.points * error)]
        return pa.concat_tables(quotes)

    def _error(self, size: float, shape: tuple[int, ...]) -> np.ndarray:
        return np.exp(self.rng.normal(0, size, shape))

    def _sportsbook(
        self, book: Book, believed: tuple[tuple[View, np.ndarray], ...], swapped: np.ndarray
    ) -> Iterator[pa.Table]:
        careless = swapped & (book is HARBORLINE)
        for view, expected in believed:
            at, belief, line = self._main(book, view.minutes >= OFFERED_FROM, expected)
            snapshot = view.moments(self.stage, self.rng)
            yield self._two_sided(book, at, belief, line, snapshot, careless)
            if book is HARBORLINE:
                which, beyond = self._alternates(line)
                yield self._two_sided(
                    book, tuple(axis[which] for axis in at), belief[which], beyond, snapshot, careless
                )

    def _in_play(self, late: View, swapped: np.ndarray) -> pa.Table:
        """Lines after tip-off know part of the outcome: whoever uses them is cheating himself."""
        live = self.rng.random(len(swapped)) < IN_PLAY
        gone = self.rng.uniform(0.2, 0.8, len(swapped))
        done = gone[:, None, None]
        expected = points(self.stage.played.box) * done + late.points * (1 - done)
        at, belief, line = self._main(HARBORLINE, (late.minutes >= OFFERED_FROM) & live[:, None, None], expected)
        snapshot = self.stage.fixtures.tip + (gone * 140 * 60).astype("timedelta64[s]")
        return self._two_sided(HARBORLINE, at, belief, line, snapshot, swapped, shown_after=1)

    def _pickem(self, late: View, expected: np.ndarray) -> pa.Table:
        """A date, a name, a number and one price for everything."""
        at, _, line = self._main(PICKEM, late.minutes >= OFFERED_FROM, expected)
        price = np.full(len(line), PICKEM_PRICE)
        unknown = {name: pa.nulls(len(line), pa.string()) for name in ("home_team", "away_team")}
        never = np.full(len(line), np.datetime64("NaT", "us"))
        values = unknown | {"snapshot_utc": never, "start_time_utc": never, "over_price": price, "under_price": price}
        return self._rows(PICKEM, PICKEM_SOURCE, at, line, values)

    def _main(
        self, book: Book, offered: np.ndarray, expected: np.ndarray
    ) -> tuple[tuple[np.ndarray, ...], np.ndarray, np.ndarray]:
        """Whom the book offers, the median it believes in, and the half or, now and then, whole number next to it."""
        at = np.nonzero(offered)
        belief = np.maximum(expected[at] * self._error(OWN_ERROR, at[0].shape) - MEAN_ABOVE_MEDIAN, 1)
        whole = self.rng.random(len(belief)) < book.whole_lines
        return at, belief, np.where(whole, np.rint(belief), np.floor(belief) + 0.5)

    def _alternates(self, line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which lines get further ones, and these."""
        wanted = (self.rng.random(len(line)) < WITH_ALTERNATES)[:, None]
        wanted = wanted & (self.rng.random((len(line), len(ALTERNATES))) < EACH_ALTERNATE)
        which, step = np.nonzero(wanted & (line[:, None] + ALTERNATES > 0))
        return which, line[which] + ALTERNATES[step]

    def _two_sided(
        self,
        book: Book,
        at: tuple[np.ndarray, ...],
        belief: np.ndarray,
        line: np.ndarray,
        snapshot: np.ndarray,
        swapped: np.ndarray,
        shown_after: int = 0,
    ) -> pa.Table:
        games, game = self.stage.fixtures, at[0]
        over, under = prices(chance((belief - line) / (1.2 + 1.35 * np.sqrt(belief))), book.margin)
        values = {
            "home_team": texts(TEAMS, np.where(swapped, games.away, games.home)[game]),
            "away_team": texts(TEAMS, np.where(swapped, games.home, games.away)[game]),
            "snapshot_utc": snapshot[game],
            "start_time_utc": games.tip[game],
            "over_price": over,
            "under_price": under,
        }
        return self._rows(book, SPORTSBOOK_SOURCE, at, line, values, shown_after)

    def _rows(
        self,
        book: Book,
        source: str,
        at: tuple[np.ndarray, ...],
        line: np.ndarray,
        values: dict[str, Any],
        shown_after: int = 0,
    ) -> pa.Table:
        day, everywhere = self.stage.fixtures.day[at[0]], np.zeros(len(line), dtype=int)
        common = {
            "source": texts([source], everywhere),
            "bookmaker": texts([book.name], everywhere),
            "player_name_raw": texts(self.spelled[book.name], self.stage.played.roster[at]),
            "game_date": day,
            "line": line,
        }
        return facts("player_points_props", common | values, shown_from=day + shown_after)
