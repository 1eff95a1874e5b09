"""The chance of every count, from what a forecast stores: its spread and its chance at one line.

A page asks about any line, and a forecast stores one. Its distribution has two parameters, so the stored spread and the
stored chance determine it; at the stored line the ladder repeats the stored chance exactly. Without both there is none.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any, Self

from models.system_ids import EVERY_MARKET
from nba_assets.kit.json_values import json_value

SHOWN = 0.01  # counts that are exceeded with a lower chance, or a higher one than 1 minus it, are left out
MOST_COUNTS = 150
HALVINGS = 40
KEPT = 500  # distributions: the card and the page of a player show the same forecasts
NEAR_POISSON = 1e-6  # a variance this little above the mean
COUNTED = frozenset(system.value for system in EVERY_MARKET)  # they forecast counts; the others use a normal curve


@dataclass(frozen=True)
class Ladder:
    """`above[i]` is the chance of more than `first + i`; the first one is the lowest count that is not nearly sure."""

    first: int
    above: tuple[float, ...]

    @classmethod
    def of(cls, forecast: Mapping[Any, Any]) -> Self | None:
        """Return the ladder of a stored forecast; None without a chance at a line and a spread."""
        every = _every_chance(forecast)
        shown = [count for count, chance in enumerate(every) if SHOWN <= chance <= 1 - SHOWN]
        return cls(shown[0], every[shown[0] : shown[-1] + 1]) if shown else None

    def interval(self, share: float = 0.8) -> tuple[int, int] | None:
        """Return the counts between which the result lies with at least this chance."""
        tail = (1 - share) / 2
        low = next((self.first + place for place, chance in enumerate(self.above) if chance < 1 - tail), None)
        high = next((self.first + place for place, chance in enumerate(self.above) if chance <= tail), None)
        return None if low is None or high is None else (low, high)


def chances_at(forecast: Mapping[Any, Any], line: float) -> tuple[float, float] | None:
    """Return the chances of over and of a push at any line, from the same distribution; None if there is no ladder."""
    every = [1.0, *_every_chance(forecast)]  # of more than -1, 0, 1, ...
    if len(every) == 1:
        return None
    over, at_least = (
        every[count + 1] if count < MOST_COUNTS else 0.0 for count in (math.floor(line), math.ceil(line) - 1)
    )
    return over, at_least - over


def _every_chance(forecast: Mapping[Any, Any]) -> tuple[float, ...]:
    """Return the chances of more than 0, 1, 2, ...; none without a chance at a line and a spread."""
    line, over, sd = (json_value(forecast[name]) for name in ("line", "over_probability", "predicted_sd"))
    if line is None or over is None or sd is None or not 0 < over < 1:
        return ()
    return _distribution(forecast["system_id"] in COUNTED, math.floor(line), over, sd)


@lru_cache(maxsize=KEPT)
def _distribution(is_counted: bool, count: int, over: float, sd: float) -> tuple[float, ...]:
    return tuple((_counted if is_counted else _normal)(count, over, sd))


def _normal(count: int, over: float, sd: float) -> Sequence[float]:
    """Return the chances of more than 0, 1, 2, ... of the normal curve that exceeds `count` with this chance.

    As in `models.inference.distribution`, a count is everything within half a unit of it.
    """
    centre = count + 0.5 - sd * NormalDist().inv_cdf(1 - over)
    return [math.erfc((place + 0.5 - centre) / sd / math.sqrt(2)) / 2 for place in range(MOST_COUNTS)]


def _counted(count: int, over: float, sd: float) -> Sequence[float]:
    """Return the same chances of the negative binomial that exceeds `count` with this chance."""
    low, high = 0.0, float(MOST_COUNTS)
    for _ in range(HALVINGS):
        mean = (low + high) / 2
        exceeds = _negative_binomial(mean, sd, count + 1)[-1]
        low, high = (mean, high) if exceeds < over else (low, mean)
    return _negative_binomial((low + high) / 2, sd, MOST_COUNTS)


def _negative_binomial(mean: float, sd: float, most: int) -> Sequence[float]:
    """Return the chances of more than 0, 1, 2, ...; as a Poisson distribution where the spread is no wider."""
    size = mean * mean / max(sd * sd - mean, mean * NEAR_POISSON)
    share = mean / (size + mean)
    chance = math.exp(-size * math.log1p(mean / size)) if mean else 1.0
    above, chances = 1.0, []
    for count in range(most):
        above = above - chance if above > chance else 0.0
        chances.append(above)
        chance *= share * (size + count) / (count + 1)
    return chances
