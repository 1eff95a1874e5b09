"""How far points fall from a prediction, and what that makes of a line.

Confidence is a ranking; only what is made here may be called a chance, and only beside its calibration.
"""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

EDGES = (0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 25.0)  # where bands of prediction may begin
ENOUGH = 200  # rows of a band: its deviation is then known to about 5 %
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

    A prediction is a mean, and points are skewed to the right: an evening of forty pulls the mean up, so fewer than
    half of the evenings reach it. A line is a question about the middle, not about the mean. `shift` is the
    residuals' median minus their mean: chances are taken around points + shift. It is 0 unless it was fitted. Measured
    for the plain average on two later seasons (44,601 rows): 46.5 % went over a line at the forecast; 50.0 % were
    expected without the shift and 46.4 % with it.
    """

    bands: tuple[Band, ...] = ()

    def __post_init__(self) -> None:
        lows = [band.low for band in self.bands]
        if lows != sorted(set(lows)):
            raise ValueError(f"expected bands that begin ever higher, found {lows}")

    @classmethod
    def fit(cls, predicted: Any, actual: Any, shifted: bool = False) -> Self:
        """A band with fewer than `ENOUGH` rows joins the next; too few in all, and nothing is known.

        The deviation is the sample's, about the residuals' own mean.
        """
        points, scored = np.asarray(predicted, dtype="float64"), np.asarray(actual, dtype="float64")
        known = np.isfinite(points) & np.isfinite(scored)
        points, residuals = points[known], (scored - points)[known]
        lows = _with_enough(np.histogram(points, bins=[*EDGES, np.inf])[0])
        place = np.searchsorted(lows, points, side="right") - 1
        return cls(tuple(_band(low, residuals[place == n], shifted) for n, low in enumerate(lows)))

    def sd(self, points: Any) -> Numbers:
        """The deviation to expect of each prediction; unknown for an unknown prediction or without bands."""
        return self._of_band(points, [band.sd for band in self.bands])

    def centre(self, points: Any) -> Numbers:
        """Around what the chances are taken."""
        return np.asarray(points, dtype="float64") + self._of_band(points, [band.shift for band in self.bands])

    def plain(self) -> list[dict[str, float]]:
        """For a model card."""
        return [asdict(band) for band in self.bands]

    @classmethod
    def of_plain(cls, bands: Iterable[dict[str, Any]]) -> Self:
        """What `plain` gave."""
        return cls(tuple(Band(**band) for band in bands))

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


def _band(low: float, residuals: Numbers, shifted: bool) -> Band:
    shift = float(np.median(residuals) - residuals.mean()) if shifted else 0.0
    return Band(low, float(residuals.std(ddof=1)), residuals.size, shift)
