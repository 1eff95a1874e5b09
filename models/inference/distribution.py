"""Distribution of actual points around a prediction, and the probabilities of over, push and under.

A system's confidence is only a ranking; the numbers computed here are probabilities, shown beside their calibration.
"""

import math
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.inference.odds import Numbers

BAND_STARTS = (0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 25.0)  # possible lower ends of bands of predictions
MIN_BAND_ROWS = 200  # its deviation is then known to about 5 %
TRUST_PRIOR_ROWS = 500
MIN_SD, MAX_SD = 0.5, 20.0
_erfc = np.frompyfunc(math.erfc, 1, 1)


class ImplausibleSpread(ValueError):
    """Residuals are smaller or larger than those of any honest forecast."""


@dataclass(frozen=True)
class Band:
    """Residuals of the predictions from `low` up to the next band: deviation, number of rows and median shift."""

    low: float
    sd: float
    rows: int
    shift: float = 0.0

    def __post_init__(self) -> None:
        if not MIN_SD <= self.sd <= MAX_SD:
            raise ImplausibleSpread(
                f"predictions from {self.low:g} points: expected a residual deviation of {MIN_SD:g} to {MAX_SD:g} "
                f"points, found {self.sd:g} in {self.rows} rows; look for the result among the features"
            )


@dataclass(frozen=True)
class ResidualSpread:
    """A system's residuals by band of prediction for one month; no bands if there were too few rows.

    Points are skewed to the right, so a prediction is not their median, and a line asks about the median. `shift` is
    the median of the residuals, shrunk to 0 for few rows; probabilities are computed around prediction + shift. Where
    there is a line, it is better informed than any system: `trust` is the share of a system's edge over the line that
    past rows with a line have confirmed, shrunk to 0 for few rows.
    """

    bands: tuple[Band, ...] = ()
    trust: float = 1.0

    def __post_init__(self) -> None:
        lows = [band.low for band in self.bands]
        if lows != sorted(set(lows)):
            raise ValueError(f"expected bands with increasing lower ends, found {lows}")
        if not 0 <= self.trust <= 1:
            raise ImplausibleSpread(f"trust in an edge: expected a share of 0 to 1, found {self.trust:g}")

    @classmethod
    def fit(cls, predicted: Any, actual: Any, line: Any = None) -> Self:
        """Fit bands of at least `MIN_BAND_ROWS` rows, and the trust in edges if lines are given.

        The deviation is the sample's, about the residuals' own mean. Without lines, trust is 1.
        """
        points, scored = np.asarray(predicted, dtype="float64"), np.asarray(actual, dtype="float64")
        known = np.isfinite(points) & np.isfinite(scored)
        predictions, residuals = points[known], (scored - points)[known]
        lows = _band_starts(np.histogram(predictions, bins=[*BAND_STARTS, np.inf])[0])
        place = np.searchsorted(lows, predictions, side="right") - 1
        spread = cls(tuple(_band(low, residuals[place == n]) for n, low in enumerate(lows)))
        return spread if line is None else replace(spread, trust=_trust(spread.centre(points), scored, line))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read what `dataclasses.asdict` returned."""
        return cls(tuple(Band(**band) for band in values["bands"]), values["trust"])

    def sd(self, points: Any) -> Numbers:
        """Return the expected deviation of each prediction; NaN if the prediction or the bands are unknown."""
        return self._by_band(points, [band.sd for band in self.bands])

    def centre(self, points: Any, market: Any = None) -> Numbers:
        """Return the centre of the distribution of each prediction; `market` is the line on offer or NaN."""
        own = np.asarray(points, dtype="float64") + self._by_band(points, [band.shift for band in self.bands])
        if market is None:
            return own
        line = np.asarray(market, dtype="float64")
        return np.where(np.isnan(line), own, line + self.trust * (own - line))

    def _by_band(self, points: Any, values: list[float]) -> Numbers:
        known = np.asarray(points, dtype="float64")
        if not self.bands:
            return np.full(known.shape, np.nan)
        place = np.searchsorted([band.low for band in self.bands], known, side="right") - 1
        return np.where(np.isnan(known), np.nan, np.array(values)[np.maximum(place, 0)])


def probabilities(points: Any, sd: Any, line: Any) -> tuple[Numbers, Numbers, Numbers]:
    """Return the probabilities of over, push and under, which sum to 1; NaN where anything is unknown.

    Points are whole: a whole line is pushed by everything within half a point of it, a half line is never pushed.
    """
    mean, spread, lines = (np.asarray(values, dtype="float64") for values in (points, sd, line))
    reach = np.where(lines == np.floor(lines), 0.5, 0.0)
    low, high = (lines - reach - mean) / spread, (lines + reach - mean) / spread
    flip = np.where(low + high < 0, -1, 1)  # subtract two tails: two numbers near 1 would lose digits
    push = np.abs(_upper_tail(flip * low) - _upper_tail(flip * high))
    return _upper_tail(high), push, _upper_tail(-low)


def _upper_tail(z: Numbers) -> Numbers:
    """Return the upper tail of the normal distribution, exact also for large z."""
    return np.asarray(_erfc(z / math.sqrt(2)), dtype="float64") / 2


def _band_starts(rows: NDArray[np.int64]) -> list[float]:
    """Return the lower ends of bands with enough rows; the rows left at the top join the band below."""
    lows, gathered, start = [], 0, BAND_STARTS[0]
    for count, following in zip(rows, [*BAND_STARTS[1:], np.inf], strict=True):
        gathered += int(count)
        if gathered >= MIN_BAND_ROWS:
            lows.append(start)
            gathered, start = 0, following
    return lows


def _band(low: float, residuals: Numbers) -> Band:
    shift = float(np.median(residuals)) * residuals.size / (residuals.size + MIN_BAND_ROWS)
    return Band(low, float(residuals.std(ddof=1)), residuals.size, shift)


def _trust(centre: Numbers, scored: Numbers, line: Any) -> float:
    """Return the share of edges that the points confirmed, as if `TRUST_PRIOR_ROWS` more rows had confirmed none."""
    offered = np.asarray(line, dtype="float64")
    known = np.isfinite(centre) & np.isfinite(scored) & np.isfinite(offered)
    edge, gap = (centre - offered)[known], (scored - offered)[known]
    if not edge.any():
        return 0.0
    share = float(edge @ gap) / float(edge @ edge)
    return float(np.clip(share * edge.size / (edge.size + TRUST_PRIOR_ROWS), 0.0, 1.0))
