"""How far points fall from a prediction, and what that makes of a line.

Confidence is a ranking; only what is made here may be called a chance, and only beside its calibration.
"""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

EDGES = (0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 25.0)  # where bands of prediction may begin
ENOUGH = 200  # rows of a band: its deviation is then known to about 5 %
DOUBTED = 500
LEAST_SD, MOST_SD = 0.5, 20.0
_erfc = np.frompyfunc(math.erfc, 1, 1)


class ImplausibleSpread(ValueError):
    """Points that fall this close to a prediction, or this far, are no forecast's."""


@dataclass(frozen=True)
class Band:
    """Predictions from `low` up to the next band: how far points fell from them, in how many rows."""

    low: float
    sd: float
    rows: int
    shift: float = 0.0

    def __post_init__(self) -> None:
        if not LEAST_SD <= self.sd <= MOST_SD:
            raise ImplausibleSpread(
                f"predictions from {self.low:g} points: expected a residual deviation of {LEAST_SD:g} to {MOST_SD:g} "
                f"points, found {self.sd:g} in {self.rows} rows; look for the result among the features"
            )


@dataclass(frozen=True)
class Spread:
    """A system's residuals by band of prediction, as of its month; no band where too few rows were seen.

    A prediction is not the middle of an evening: points are skewed to the right, and a line asks about the middle.
    `shift` is the residuals' median, drawn to 0 where few rows speak; chances are taken around points + shift. And
    where there is a line, it is better informed than any system: of its edge over the market a system keeps the share
    that the rows with a line have borne out, its `trust`. Of few rows little is kept, of none nothing.
    """

    bands: tuple[Band, ...] = ()
    trust: float = 1.0

    def __post_init__(self) -> None:
        lows = [band.low for band in self.bands]
        if lows != sorted(set(lows)):
            raise ValueError(f"expected bands that begin ever higher, found {lows}")
        if not 0 <= self.trust <= 1:
            raise ImplausibleSpread(f"trust in an edge: expected a share of 0 to 1, found {self.trust:g}")

    @classmethod
    def fit(cls, predicted: Any, actual: Any, line: Any = None) -> Self:
        """A band with fewer than `ENOUGH` rows joins the next; too few in all, and nothing is known.

        The deviation is the sample's, about the residuals' own mean. Without lines every edge is believed.
        """
        points, scored = np.asarray(predicted, dtype="float64"), np.asarray(actual, dtype="float64")
        known = np.isfinite(points) & np.isfinite(scored)
        kept, residuals = points[known], (scored - points)[known]
        lows = _with_enough(np.histogram(kept, bins=[*EDGES, np.inf])[0])
        place = np.searchsorted(lows, kept, side="right") - 1
        spread = cls(tuple(_band(low, residuals[place == n]) for n, low in enumerate(lows)))
        return spread if line is None else replace(spread, trust=_borne_out(spread.centre(points), scored, line))

    def sd(self, points: Any) -> Numbers:
        """The deviation to expect of each prediction; unknown for an unknown prediction or without bands."""
        return self._of_band(points, [band.sd for band in self.bands])

    def centre(self, points: Any, market: Any = None) -> Numbers:
        """Around what the chances are taken; `market` is the line on offer, not a number where there is none."""
        own = np.asarray(points, dtype="float64") + self._of_band(points, [band.shift for band in self.bands])
        if market is None:
            return own
        line = np.asarray(market, dtype="float64")
        return np.where(np.isnan(line), own, line + self.trust * (own - line))

    def plain(self) -> dict[str, Any]:
        """For a model card."""
        return asdict(self)

    @classmethod
    def of_plain(cls, told: dict[str, Any]) -> Self:
        """What `plain` gave."""
        return cls(tuple(Band(**band) for band in told["bands"]), told["trust"])

    def _of_band(self, points: Any, values: list[float]) -> Numbers:
        known = np.asarray(points, dtype="float64")
        if not self.bands:
            return np.full(known.shape, np.nan)
        place = np.searchsorted([band.low for band in self.bands], known, side="right") - 1
        return np.where(np.isnan(known), np.nan, np.array(values)[np.maximum(place, 0)])


def probabilities(points: Any, sd: Any, line: Any) -> tuple[Numbers, Numbers, Numbers]:
    """The chances of over, push and under, which make 1; NaN where anything is unknown.

    Points are whole, so a whole line is pushed by what falls within half a point of it, and a half line never is.
    """
    mean, spread, asked = (np.asarray(given, dtype="float64") for given in (points, sd, line))
    reach = np.where(asked == np.floor(asked), 0.5, 0.0)
    low, high = (asked - reach - mean) / spread, (asked + reach - mean) / spread
    flip = np.where(low + high < 0, -1, 1)  # the difference of two tails, never of two numbers near 1
    push = np.abs(_beyond(flip * low) - _beyond(flip * high))
    return _beyond(high), push, _beyond(-low)


def _beyond(z: Numbers) -> Numbers:
    """The upper tail of the normal distribution, exact far out too."""
    return np.asarray(_erfc(z / math.sqrt(2)), dtype="float64") / 2


def _with_enough(rows: NDArray[np.int64]) -> list[float]:
    """Where bands begin once each holds enough rows; what is left at the top joins the band below it."""
    lows, gathered, begins = [], 0, EDGES[0]
    for count, following in zip(rows, [*EDGES[1:], np.inf], strict=True):
        gathered += int(count)
        if gathered >= ENOUGH:
            lows.append(begins)
            gathered, begins = 0, following
    return lows


def _band(low: float, residuals: Numbers) -> Band:
    shift = float(np.median(residuals)) * residuals.size / (residuals.size + ENOUGH)
    return Band(low, float(residuals.std(ddof=1)), residuals.size, shift)


def _borne_out(centre: Numbers, scored: Numbers, line: Any) -> float:
    """The share of their edges by which the points, too, lay beside the line, as if `DOUBTED` rows had shown none."""
    offered = np.asarray(line, dtype="float64")
    known = np.isfinite(centre) & np.isfinite(scored) & np.isfinite(offered)
    edge, beyond = (centre - offered)[known], (scored - offered)[known]
    if not edge.any():
        return 0.0
    share = float(edge @ beyond) / float(edge @ edge)
    return float(np.clip(share * edge.size / (edge.size + DOUBTED), 0.0, 1.0))
