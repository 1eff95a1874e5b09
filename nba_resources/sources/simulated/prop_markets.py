"""The markets of the simulated books besides points: what each sums, how far outcomes spread, and who offers it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nba_resources.sources.simulated.columns import Array
from nba_resources.sources.simulated.market import HARBORLINE, NORTHSIDE, PICKEM, Book

POINTS = "player_points"
STARTER, NEARER = 36, 0.09  # minutes, and how much nearer to them those are who play


def when_he_plays(minutes: Array) -> Array:
    """Return how much more to expect of somebody who plays, as a line on anybody else is void."""
    return 1 + NEARER * (STARTER / minutes - 1)


@dataclass(frozen=True)
class PropMarket:
    """A sum of counts. Its variance is its mean times `spread`, which falls by `slope` for each one of the mean."""

    key: str
    counts: tuple[str, ...]
    spread: float
    slope: float
    offered_from: float
    books: tuple[Book, ...]

    def sum_of(self, counts: Mapping[str, Array]) -> Array:
        """Return the market's value from those of its counts."""
        return np.sum([counts[name] for name in self.counts], axis=0)

    def nearest_line(self, mean: Array) -> tuple[Array, Array]:
        """Return the half line whose over is nearest to an even chance, and that chance.

        Counts are negative binomial, so small ones have lopsided lines: there is none below 0.5.
        """
        ratio = np.maximum(self.spread - self.slope * mean, 1.02)
        size = mean / (ratio - 1)
        exactly = ratio**-size  # the chance of none
        over = 1 - exactly
        line, chance, number = np.full(mean.shape, 0.5), over, 0
        while (over >= 0.5).any():
            number += 1
            exactly = exactly * (number - 1 + size) / number * (1 - 1 / ratio)
            over = over - exactly
            nearer = np.abs(over - 0.5) < np.abs(chance - 0.5)
            line, chance = np.where(nearer, number + 0.5, line), np.where(nearer, over, chance)
        return line, chance


ALL, BOTH, ONE = (NORTHSIDE, HARBORLINE, PICKEM), (NORTHSIDE, HARBORLINE), (HARBORLINE,)
OTHER_MARKETS = (
    PropMarket("player_rebounds", ("reb",), 1.34, 0.004, 2.5, ALL),
    PropMarket("player_assists", ("ast",), 1.21, 0.009, 2.0, ALL),
    PropMarket("player_threes", ("fg3m",), 1.17, 0.039, 0.8, BOTH),
    PropMarket("player_points_rebounds_assists", ("points", "reb", "ast"), 4.12, 0.054, 12, ALL),
    PropMarket("player_points_rebounds", ("points", "reb"), 3.94, 0.055, 10, BOTH),
    PropMarket("player_points_assists", ("points", "ast"), 3.74, 0.046, 10, BOTH),
    PropMarket("player_rebounds_assists", ("reb", "ast"), 1.90, 0.054, 5, BOTH),
    PropMarket("player_steals", ("stl",), 1.22, 0.171, 0.7, ONE),
    PropMarket("player_blocks", ("blk",), 1.13, 0.098, 0.5, ONE),
    PropMarket("player_turnovers", ("tov",), 1.27, 0.107, 1.2, ONE),
    PropMarket("player_blocks_steals", ("blk", "stl"), 1.29, 0.138, 1.2, ONE),
)
