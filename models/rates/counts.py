"""Distribution of a count around its mean: negative binomial, corrected by how earlier rows fell into it.

How far counts scatter depends on their mean, on how steady a player's minutes are and on how many he gets. What shape
this misses, such as games cut short, the correction adds: the share of earlier rows that fell below each step of the
chance they were given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from models.inference.odds import Numbers

LEAST_ROWS = 3_000
KNOTS = np.linspace(0, 1, 41)
BANDS = 4  # of the mean, with equal numbers of rows
PRIOR_ROWS = 50  # of a band, that fell as promised: no step is impossible because it was not seen
USUAL_DEVIATION, USUAL_MINUTES = 5.0, 20.0
LEAST_MEAN = 0.01
START = (1.0, 0.5, 0.0, 0.0)  # of the search: counts of NBA players scatter about so
LOG_SIZE = (-2.0, 7.0)  # from the widest to, in practice, a Poisson distribution
BLOCK = 32_768  # rows at a time: they stay in the processor's cache


@dataclass(frozen=True)
class Expectation:
    """Inputs of a distribution, a number for each row.

    These are the mean of the count, the expected minutes, and the deviation of his last ten games' minutes.
    """

    mean: Numbers
    minutes: Numbers
    deviation: Numbers

    def __post_init__(self) -> None:
        if not self.mean.shape == self.minutes.shape == self.deviation.shape:
            raise ValueError(
                f"expected one number of each kind a row, found {self.mean.shape} means, {self.minutes.shape} minutes "
                f"and {self.deviation.shape} deviations"
            )

    def __len__(self) -> int:
        return len(self.mean)

    def __getitem__(self, rows: Any) -> "Expectation":
        return Expectation(self.mean[rows], self.minutes[rows], self.deviation[rows])

    @classmethod
    def join(cls, parts: Sequence["Expectation"]) -> "Expectation":
        """Return the rows of all parts."""
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("mean", "minutes", "deviation")))

    @property
    def known(self) -> Any:
        """True where a distribution can be formed."""
        return np.isfinite(self.mean) & np.isfinite(self.minutes)

    @property
    def size_terms(self) -> Numbers:
        """Terms of the logarithm of the negative binomial's size; an unknown deviation counts as a usual one."""
        deviation = np.nan_to_num(self.deviation, nan=USUAL_DEVIATION)
        size = [np.ones(len(self)), np.log(self.floored), np.log1p(deviation), np.log(self.minutes / USUAL_MINUTES)]
        return np.column_stack(size)

    @property
    def floored(self) -> Numbers:
        """The mean, at least a little above 0."""
        return np.maximum(self.mean, LEAST_MEAN)


@dataclass(frozen=True)
class CountDistribution:
    """A month's distribution of one market: coefficients of the size, and the correction by band of the mean."""

    coefficients: tuple[float, ...]
    band_starts: tuple[float, ...]
    corrections: tuple[tuple[float, ...], ...]
    rows: int

    @classmethod
    def fit(cls, expected: Expectation, actual: Numbers) -> Self | None:
        """Fit to earlier rows, forecast out of sample, with what happened; None if there are too few."""
        known = expected.known & np.isfinite(actual)
        if known.sum() < LEAST_ROWS:
            return None
        expected, actual = expected[known], actual[known]
        coefficients = _most_likely(expected, actual)
        plain = cls(coefficients, (0.0,), (tuple(KNOTS),), len(actual))
        starts = (0.0, *np.quantile(expected.mean, np.arange(1, BANDS) / BANDS))
        below, up_to = (plain.at_most(actual - step, expected) for step in (1, 0))
        band = _band(starts, expected.mean)
        corrections = tuple(_shares(below[band == n], up_to[band == n]) for n in range(BANDS))
        return cls(coefficients, tuple(map(float, starts)), corrections, len(actual))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read what `to_dict` returned."""
        corrections = tuple(tuple(band) for band in values["corrections"])
        return cls(tuple(values["coefficients"]), tuple(values["band_starts"]), corrections, values["rows"])

    def to_dict(self) -> dict[str, Any]:
        """Return the distribution for JSON."""
        return asdict(self)

    def at_most(self, counts: Any, expected: Expectation) -> Numbers:
        """Return the chance of each row's count or fewer; NaN where the mean or the count is not known."""
        asked = np.broadcast_to(np.asarray(counts, dtype="float64"), expected.mean.shape)
        chance = np.full(expected.mean.shape, np.nan)
        for rows in _blocks(expected.known & np.isfinite(asked)):
            part = expected[rows]
            chance[rows] = self._corrected(self._cumulated(asked[rows], part), part)
        return chance

    def median(self, expected: Expectation) -> Numbers:
        """Return the least count that is not exceeded with a chance of one half: the point forecast.

        A median has the least absolute error, which on small counts is much of what can be won.
        """
        middle = np.array([np.interp(0.5, band, KNOTS) for band in self.corrections])
        median = np.full(expected.mean.shape, np.nan)
        for rows in _blocks(expected.known):
            part = expected[rows]
            median[rows] = self._first_above(middle[_band(self.band_starts, part.mean)], part)
        return median

    def deviation(self, expected: Expectation) -> Numbers:
        """Return the deviation of the count around its mean, without the correction."""
        mean = expected.floored
        return np.where(expected.known, np.sqrt(mean + mean**2 / self._size(expected)), np.nan)

    def _corrected(self, chance: Numbers, expected: Expectation) -> Numbers:
        """Return the share of earlier rows, at about this mean, that fell at or below this chance."""
        band, corrected = _band(self.band_starts, expected.mean), chance.copy()
        for n, shares in enumerate(self.corrections):
            corrected[band == n] = np.interp(chance[band == n], KNOTS, shares)
        return corrected

    def _cumulated(self, counts: Numbers, expected: Expectation) -> Numbers:
        """Return the negative binomial's chance of the counts or fewer."""
        cumulated = np.zeros(len(expected))
        last = counts.max(initial=-1)
        for count, chance in enumerate(self._steps(expected)):
            if count > last:
                break
            cumulated += np.where(counts >= count, chance, 0.0)
        return np.minimum(cumulated, 1.0)

    def _first_above(self, least: Numbers, expected: Expectation) -> Numbers:
        """Return the first count up to which the negative binomial has at least this chance."""
        cumulated, median = np.zeros(len(expected)), np.zeros(len(expected))
        for chance in self._steps(expected):
            cumulated += chance
            short = cumulated < least
            if not short.any():
                break
            median += short
        return median

    def _steps(self, expected: Expectation) -> Iterator[Numbers]:
        """Yield the negative binomial's chances of 0, 1, 2, ...: each follows from the one before."""
        size = self._size(expected)
        share = expected.floored / (size + expected.floored)
        chance = np.exp(-size * np.log1p(expected.floored / size))
        count = 0
        while True:
            yield chance
            chance = chance * share * (size + count) / (count + 1)
            count += 1

    def _size(self, expected: Expectation) -> Numbers:
        return np.exp(np.clip(expected.size_terms @ np.array(self.coefficients), *LOG_SIZE))


def _most_likely(expected: Expectation, actual: Numbers) -> tuple[float, ...]:
    """Return the coefficients of the size with the highest likelihood."""
    from scipy.optimize import minimize
    from scipy.special import digamma, gammaln

    uneven, mean = expected.size_terms, expected.floored
    terms, back = np.linalg.qr(uneven)  # independent columns of equal size, in which the search is short
    terms, back = terms * np.sqrt(len(mean)), back / np.sqrt(len(mean))

    def loss(coefficients: Numbers) -> tuple[float, Numbers]:
        """Return minus the log-likelihood of a row, and its slope in the coefficients."""
        log_size = terms @ coefficients
        size = np.exp(np.clip(log_size, *LOG_SIZE))
        share = np.log(size / (size + mean))
        likelihood = gammaln(actual + size) - gammaln(size) + size * share + actual * np.log(mean / (size + mean))
        slope = digamma(actual + size) - digamma(size) + share + 1 - (actual + size) / (size + mean)
        free = (log_size > LOG_SIZE[0]) & (log_size < LOG_SIZE[1])
        return -float(likelihood.mean()), -(terms.T @ (slope * size * free)) / len(actual)

    found = minimize(loss, back @ np.array(START), jac=True, method="BFGS", options={"gtol": 1e-4})
    return tuple(map(float, np.linalg.lstsq(back, found.x, rcond=1e-9)[0]))  # a term may be the same in all rows


def _band(starts: tuple[float, ...], mean: Numbers) -> Any:
    return np.maximum(np.searchsorted(starts, mean, side="right") - 1, 0)


def _shares(below: Numbers, up_to: Numbers) -> tuple[float, ...]:
    """Return the share of rows under each knot; a row is spread evenly from the chance of less to that of as much."""
    width = np.maximum(up_to - below, 1e-12)
    under = [float(np.clip((knot - below) / width, 0, 1).sum()) for knot in KNOTS[1:-1]]
    return (0.0, *((np.array(under) + KNOTS[1:-1] * PRIOR_ROWS) / (len(below) + PRIOR_ROWS)).tolist(), 1.0)


def _blocks(chosen: Any) -> Iterator[Any]:
    rows = np.flatnonzero(chosen)
    for start in range(0, len(rows), BLOCK):
        yield rows[start : start + BLOCK]
