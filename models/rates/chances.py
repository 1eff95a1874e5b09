"""Chances of a player's markets, which agree with each other.

Each market has a distribution of its own, and two of them can contradict: more points + rebounds than 40 cannot be less
likely than more points than 40. A sum is therefore given at least the chance of each of its parts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.inference.odds import Numbers
from models.markets import Market
from models.rates.counts import CountDistribution, Expectation


@dataclass(frozen=True)
class PlayerChances:
    """Distributions and expectations of several markets on the same rows, by the market's key."""

    distributions: Mapping[str, CountDistribution]
    expected: Mapping[str, Expectation]
    markets: Mapping[str, Market]

    def __getitem__(self, rows: Any) -> "PlayerChances":
        """Return the chances of some rows; a row chosen several times can be asked about several lines."""
        return replace(self, expected={key: expected[rows] for key, expected in self.expected.items()})

    def over(self, market: str, line: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Return the chances of over, push and under of each row's line; only a whole line is ever pushed."""
        over, at_least = self.above(market, np.floor(line)), self.above(market, np.ceil(line) - 1)
        return over, np.maximum(at_least - over, 0), 1 - at_least

    def above(self, market: str, count: Numbers) -> Numbers:
        """Return the chance of more than each row's count."""
        chances = [1 - self.distributions[key].at_most(count, self.expected[key]) for key in self._within(market)]
        return np.maximum.reduce(chances)

    def median(self, market: str) -> Numbers:
        """Return the count that is exceeded with a chance of one half at most."""
        medians = [self.distributions[key].median(self.expected[key]) for key in self._within(market)]
        return np.maximum.reduce(medians)

    def _within(self, market: str) -> list[str]:
        """Return the market and those whose counts are all among its own."""
        counts = set(self.markets[market].counts)
        return [key for key in self.distributions if key == market or counts > set(self.markets[key].counts)]
