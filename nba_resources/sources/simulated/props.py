"""Lines on players: main ones in every market; on points also alternates and a few in play, with odd spellings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from nba_resources.sources.simulated.columns import Array, Rng, chance, facts, texts
from nba_resources.sources.simulated.games import Stage, points
from nba_resources.sources.simulated.league import League
from nba_resources.sources.simulated.market import (
    HARBORLINE,
    IN_PLAY,
    LATE_TIME,
    NORTHSIDE,
    OPENING_TIME,
    PICKEM,
    SPORTSBOOKS,
    Book,
    View,
    moments,
    prices,
    views,
)
from nba_resources.sources.simulated.prop_markets import OTHER_MARKETS, POINTS, PropMarket, when_he_plays

SPORTSBOOK_SOURCE, PICKEM_SOURCE, PICKEM_PRICE = "sim_books", "pickem_sim", -137
OFFERED_FROM, MOVED_FROM = 15, 20  # expected minutes: for a line, and for one that moves during the day
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


class Look(NamedTuple):
    """A time at which books show lines: minutes before tip-off, the share of the morning's error that is left.

    `settled` looks know the last report. Until then, lines on players of the morning's report are taken down.
    """

    before_tip: tuple[int, int]
    early_error: float
    settled: bool
    others_at: tuple[Book, ...]  # with lines in markets besides points


OPENING = Look(OPENING_TIME, 1, settled=False, others_at=(NORTHSIDE,))
AFTERNOON = Look((290, 330), 2 / 3, settled=False, others_at=())
TWO_HOURS = Look((105, 120), 1 / 3, settled=False, others_at=SPORTSBOOKS)
LATE = Look(LATE_TIME, 0, settled=True, others_at=())
CLOSE = Look((5, 25), 0, settled=True, others_at=SPORTSBOOKS)
IN_BETWEEN = (AFTERNOON, TWO_HOURS)


class Estimate(NamedTuple):
    """Expectations of all books at a look: the view, its counts with the error they share, the most so far."""

    view: View
    counts: dict[str, Array]
    most: dict[str, Array]


@dataclass(frozen=True)
class PropBoard:
    """The player lines of one stage; `spelled` holds the players' names by book.

    Opening, late and live lines on points draw from `rng`, all others from `others`: they must not move the former.
    """

    league: League
    stage: Stage
    spelled: dict[str, list[str]]
    rng: Rng
    others: Rng

    def rows(self) -> pa.Table:
        """Return the lines of all books; the books share most of their error."""
        opening, late = views(self.league, self.stage)
        shape = late.points.shape
        errors = {"points": (_error(self.rng, COMMON_ERROR, shape), _error(self.rng, EARLY_ERROR, shape))}
        for name in late.counts():
            errors[name] = (_error(self.others, COMMON_ERROR, shape), _error(self.others, EARLY_ERROR, shape))
        estimates = self._estimates(opening, late, errors)
        swapped = self.rng.random(len(self.stage.fixtures.day)) < SWAPPED
        tables = [table for book in SPORTSBOOKS for table in self._on_points(book, estimates, swapped)]
        tables.append(self._in_play(late, swapped))
        tables += self._pickem(estimates[LATE])
        tables += [table for book in SPORTSBOOKS for table in self._on_the_way(book, estimates, swapped)]
        return pa.concat_tables(tables)

    def _estimates(self, opening: View, late: View, errors: dict[str, tuple[Array, Array]]) -> dict[Look, Estimate]:
        """Return what books expect at each look, ever nearer to what they expect in the end."""
        estimates: dict[Look, Estimate] = {}
        most: dict[str, Array] = {}
        early_means, late_means = ({"points": view.points} | view.counts() for view in (opening, late))
        for look in (OPENING, *IN_BETWEEN, LATE, CLOSE):
            view, means = (late, late_means) if look.settled else (opening, early_means)
            counts = {name: means[name] * common * early**look.early_error for name, (common, early) in errors.items()}
            most = {name: np.maximum(counts[name], most.get(name, 0)) for name in counts}
            estimates[look] = Estimate(view, counts, most)
        return estimates

    def _on_points(self, book: Book, estimates: dict[Look, Estimate], swapped: Array) -> Iterator[pa.Table]:
        """Return the first and the last lines on points, with alternates at one book."""
        careless = swapped & (book is HARBORLINE)
        for look in (OPENING, LATE):
            view, counts, _ = estimates[look]
            main = self._main(book, view.minutes >= OFFERED_FROM, counts["points"], self.rng)
            snapshot = moments(look.before_tip, self.stage, self.rng)
            yield self._two_sided(book, main.priced(), snapshot, careless)
            if book is HARBORLINE:
                yield self._two_sided(book, self._alternates(main).priced(), snapshot, careless)

    def _on_the_way(self, book: Book, estimates: dict[Look, Estimate], swapped: Array) -> Iterator[pa.Table]:
        """Return the lines on points in between, and those in other markets."""
        careless = swapped & (book is HARBORLINE)
        for look, estimate in estimates.items():
            snapshot = moments(look.before_tip, self.stage, self.others)
            shown = (self.stage.known.morning == 0) | (look not in IN_BETWEEN)
            if look in IN_BETWEEN:
                offered = shown & (estimate.view.minutes >= MOVED_FROM)
                main = self._main(book, offered, estimate.counts["points"], self.others)
                yield self._two_sided(book, main.priced(), snapshot, careless)
            for market in OTHER_MARKETS if book in look.others_at else ():
                if book in market.books:
                    yield self._two_sided(book, self._in_market(market, estimate, shown), snapshot, careless)

    def _in_play(self, late: View, swapped: Array) -> pa.Table:
        """Return lines offered after tip-off: they know part of the outcome, so using them is leakage."""
        live = self.rng.random(len(swapped)) < IN_PLAY
        gone = self.rng.uniform(0.2, 0.8, len(swapped))
        done = gone[:, None, None]
        expected = points(self.stage.played.box) * done + late.points * (1 - done)
        main = self._main(HARBORLINE, (late.minutes >= OFFERED_FROM) & live[:, None, None], expected, self.rng)
        snapshot = self.stage.fixtures.tip + (gone * 140 * 60).astype("timedelta64[s]")
        return self._two_sided(HARBORLINE, main.priced(), snapshot, swapped, shown_after=1)

    def _pickem(self, late: Estimate) -> Iterator[pa.Table]:
        """Return the pick'em book's lines, without teams and times."""
        values = {"source": PICKEM_SOURCE, "over_price": PICKEM_PRICE, "under_price": PICKEM_PRICE}
        offered = late.view.minutes >= OFFERED_FROM
        main = self._main(PICKEM, offered, late.counts["points"], self.rng)
        in_others = [self._in_market(market, late, offered) for market in OTHER_MARKETS if PICKEM in market.books]
        for offer in (main.priced(), *in_others):
            yield self._rows(PICKEM, offer, values)

    def _main(self, book: Book, offered: Array, expected: Array, rng: Rng) -> PointsOffer:
        """Return the main lines on points of the players of a mask."""
        at = np.nonzero(offered)
        median = np.maximum(expected[at] * _error(rng, OWN_ERROR, at[0].shape) - MEAN_ABOVE_MEDIAN, 1)
        whole = rng.random(len(median)) < book.whole_lines
        return PointsOffer(at, median, np.where(whole, np.rint(median), np.floor(median) + 0.5))

    def _alternates(self, main: PointsOffer) -> PointsOffer:
        """Draw alternates to some main lines."""
        has_alternates = (self.rng.random(len(main.line)) < WITH_ALTERNATES)[:, None]
        offered = has_alternates & (self.rng.random((len(main.line), len(ALTERNATES))) < EACH_ALTERNATE)
        which, step = np.nonzero(offered & (main.line[:, None] + ALTERNATES > 0))
        at = tuple(axis[which] for axis in main.at)
        return PointsOffer(at, main.median[which], main.line[which] + ALTERNATES[step])

    def _in_market(self, market: PropMarket, estimate: Estimate, shown: Array) -> Offer:
        """Return the main lines of a market where enough is expected; a line once offered stays until he is out."""
        minutes = estimate.view.minutes
        at = np.nonzero(shown & (minutes >= OFFERED_FROM) & (market.sum_of(estimate.most) >= market.offered_from))
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
