"""Lines on players: main ones in every market; on points also alternates and a few in play, with odd spellings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from nba_resources.sources.simulated.columns import Array, Rng, chance, facts, texts
from nba_resources.sources.simulated.games import Stage, points
from nba_resources.sources.simulated.league import League
from nba_resources.sources.simulated.market import HARBORLINE, IN_PLAY, PICKEM, SPORTSBOOKS, Book, View, prices, views
from nba_resources.sources.simulated.prop_markets import OTHER_MARKETS, POINTS, PropMarket, when_he_plays

SPORTSBOOK_SOURCE, PICKEM_SOURCE, PICKEM_PRICE = "sim_books", "pickem_sim", -137
OFFERED_FROM = 15  # expected minutes
COMMON_ERROR, EARLY_ERROR, OWN_ERROR = 0.05, 0.03, 0.02
MEAN_ABOVE_MEDIAN = 0.2
ALTERNATES = np.array([-6, -4, -2, 2, 4, 6])
WITH_ALTERNATES, EACH_ALTERNATE = 0.35, 0.75
SWAPPED = 0.005  # share of games whose clubs one book confuses


class PointsOffer(NamedTuple):
    """Lines on points: their positions in the stage, their expected medians, and the lines next to those."""

    at: tuple[Array, ...]
    median: Array
    line: Array

    def priced(self) -> "Offer":
        """Return the lines with the chances of their overs."""
        return Offer(
            POINTS, self.at, self.line, chance((self.median - self.line) / (1.2 + 1.35 * np.sqrt(self.median)))
        )


class Offer(NamedTuple):
    """Lines on players in a market: their positions in the stage, and the chances of their overs."""

    market: str
    at: tuple[Array, ...]
    line: Array
    over: Array


class Estimate(NamedTuple):
    """What all books expect at one time of day: the view, its counts with the error they share, the most so far."""

    view: View
    counts: dict[str, Array]
    most: dict[str, Array]


@dataclass(frozen=True)
class PropBoard:
    """The player lines of one stage; `spelled` holds the players' names by book.

    Markets besides points draw from `others`: a change to them must not move the lines on points.
    """

    league: League
    stage: Stage
    spelled: dict[str, list[str]]
    rng: Rng
    others: Rng

    def rows(self) -> pa.Table:
        """Return the lines of all books; the books share most of their error."""
        opening, late = views(self.league, self.stage)
        error = _error(self.rng, COMMON_ERROR, late.points.shape)
        early = opening.points * error * _error(self.rng, EARLY_ERROR, error.shape)
        estimates = self._estimates((opening, early), (late, late.points * error))
        swapped = self.rng.random(len(self.stage.fixtures.day)) < SWAPPED
        tables = [table for book in SPORTSBOOKS for table in self._sportsbook(book, estimates, swapped)]
        tables.append(self._in_play(late, swapped))
        return pa.concat_tables([*tables, *self._pickem(estimates[-1])])

    def _estimates(self, *of_points: tuple[View, Array]) -> list[Estimate]:
        """Add the other counts, whose error the books share from morning to tip-off."""
        estimates: list[Estimate] = []
        errors: dict[str, Array] = {}
        for view, expected in of_points:
            means = view.counts()
            errors = errors or {name: _error(self.others, COMMON_ERROR, expected.shape) for name in means}
            counts = {"points": expected} | {name: mean * errors[name] for name, mean in means.items()}
            before = estimates[-1].most if estimates else counts
            estimates.append(Estimate(view, counts, {name: np.maximum(counts[name], before[name]) for name in counts}))
        return estimates

    def _sportsbook(self, book: Book, estimates: list[Estimate], swapped: Array) -> Iterator[pa.Table]:
        careless = swapped & (book is HARBORLINE)
        for estimate in estimates:
            main = self._main(book, estimate.view.minutes >= OFFERED_FROM, estimate.counts["points"])
            snapshot = estimate.view.moments(self.stage, self.rng)
            offers = [main.priced()]
            if book is HARBORLINE:
                offers.append(self._alternates(main).priced())
            for offer in (*offers, *self._in_other_markets(book, estimate)):
                yield self._two_sided(book, offer, snapshot, careless)

    def _in_play(self, late: View, swapped: Array) -> pa.Table:
        """Return lines offered after tip-off: they know part of the outcome, so using them is leakage."""
        live = self.rng.random(len(swapped)) < IN_PLAY
        gone = self.rng.uniform(0.2, 0.8, len(swapped))
        done = gone[:, None, None]
        expected = points(self.stage.played.box) * done + late.points * (1 - done)
        main = self._main(HARBORLINE, (late.minutes >= OFFERED_FROM) & live[:, None, None], expected)
        snapshot = self.stage.fixtures.tip + (gone * 140 * 60).astype("timedelta64[s]")
        return self._two_sided(HARBORLINE, main.priced(), snapshot, swapped, shown_after=1)

    def _pickem(self, late: Estimate) -> Iterator[pa.Table]:
        """Return the pick'em book's lines, without teams and times."""
        values = {"source": PICKEM_SOURCE, "over_price": PICKEM_PRICE, "under_price": PICKEM_PRICE}
        main = self._main(PICKEM, late.view.minutes >= OFFERED_FROM, late.counts["points"])
        for offer in (main.priced(), *self._in_other_markets(PICKEM, late)):
            yield self._rows(PICKEM, offer, values)

    def _main(self, book: Book, offered: Array, expected: Array) -> PointsOffer:
        """Return the main lines on points of the players of a mask."""
        at = np.nonzero(offered)
        median = np.maximum(expected[at] * _error(self.rng, OWN_ERROR, at[0].shape) - MEAN_ABOVE_MEDIAN, 1)
        whole = self.rng.random(len(median)) < book.whole_lines
        return PointsOffer(at, median, np.where(whole, np.rint(median), np.floor(median) + 0.5))

    def _alternates(self, main: PointsOffer) -> PointsOffer:
        """Draw alternates to some main lines."""
        has_alternates = (self.rng.random(len(main.line)) < WITH_ALTERNATES)[:, None]
        offered = has_alternates & (self.rng.random((len(main.line), len(ALTERNATES))) < EACH_ALTERNATE)
        which, step = np.nonzero(offered & (main.line[:, None] + ALTERNATES > 0))
        at = tuple(axis[which] for axis in main.at)
        return PointsOffer(at, main.median[which], main.line[which] + ALTERNATES[step])

    def _in_other_markets(self, book: Book, estimate: Estimate) -> Iterator[Offer]:
        for market in OTHER_MARKETS:
            if book in market.books:
                yield self._in_market(market, estimate)

    def _in_market(self, market: PropMarket, estimate: Estimate) -> Offer:
        """Return the main lines of a market where enough is expected; a line once offered stays until he is out."""
        minutes = estimate.view.minutes
        at = np.nonzero((minutes >= OFFERED_FROM) & (market.sum_of(estimate.most) >= market.offered_from))
        mean = (
            market.sum_of(estimate.counts)[at]
            * when_he_plays(minutes[at])
            * _error(self.others, OWN_ERROR, at[0].shape)
        )
        return Offer(market.key, at, *market.nearest_line(mean))

    def _two_sided(self, book: Book, offer: Offer, snapshot: Array, swapped: Array, shown_after: int = 0) -> pa.Table:
        games, game = self.stage.fixtures, offer.at[0]
        over, under = prices(offer.over, book.margin)
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
            "market": offer.market,
            "bookmaker": book.name,
            "player_name_raw": names,
            "game_date": day,
            "line": offer.line,
        }
        return facts("player_props", common | values, shown_from=day + shown_after)


def _error(rng: Rng, size: float, shape: tuple[int, ...]) -> Array:
    return np.exp(rng.normal(0, size, shape))
