"""Scores of forecasts, probabilities and picks, each with its number of rows and each share with its interval."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

Z = 1.96  # 95 %
BIN_WIDTH = 0.05  # probabilities on points lines lie close to one half: wider bins would hold them all in two
MIN_CHANCE = 1e-6  # a probability of exactly 0 or 1 that fails would have an infinite log loss


@dataclass(frozen=True)
class Rate:
    """A share of n with its Wilson interval, which stays within 0 and 1 and is accurate for small n."""

    hits: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.n:
            raise ValueError(f"{self.hits} of {self.n} is not a share: hits must lie between 0 and n")

    @property
    def value(self) -> float | None:
        """The share."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson interval."""
        if not self.n:
            return None
        p, n = self.hits / self.n, self.n
        centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return max(0.0, centre - half), min(1.0, centre + half)

    def __str__(self) -> str:
        if self.interval is None or self.value is None:
            return "-"
        low, high = self.interval
        return f"{self.value:.1%} [{low:.1%}, {high:.1%}]"

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the rate for JSON."""
        low, high = self.interval or (None, None)
        return {"hits": self.hits, "n": self.n, "value": self.value, "low": low, "high": high}


@dataclass(frozen=True)
class ErrorScores:
    """Errors of forecasts. Bias is forecast minus points: a positive bias predicts too much.

    `bias_to_line` is forecast minus line over the `n_with_line` rows that have one: a model that leans far from the
    market on average picks one side only, however small its error.
    """

    n: int
    mae: float | None
    bias: float | None
    within_3: float | None
    within_5: float | None
    n_with_line: int
    bias_to_line: float | None

    @classmethod
    def of(cls, predicted: Numbers, actual: Numbers, line: Numbers) -> "ErrorScores":
        """Score rows that all have a forecast and points; a line may be unknown."""
        gap, line_gap = predicted - actual, (predicted - line)[~np.isnan(line)]
        error = np.abs(gap)
        within_3, within_5 = mean(error <= 3), mean(error <= 5)
        return cls(len(gap), mean(error), mean(gap), within_3, within_5, len(line_gap), mean(line_gap))


@dataclass(frozen=True)
class Difference:
    """Mean paired difference of two systems' losses on the same rows, with its 95 % interval.

    Below 0 favours the first. Rows of one game share its surprises, so games are treated as independent and not rows;
    the mean is treated as normal, and one game has no interval.
    """

    n: int
    mean: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, ours: Numbers, theirs: Numbers, games: NDArray[Any]) -> "Difference":
        """Compare two losses row by row; `games` names the game of each row."""
        return cls.of_values(ours - theirs, games)

    @classmethod
    def of_values(cls, gap: Numbers, games: NDArray[Any]) -> "Difference":
        """Return the mean of values, of which 0 is neutral, and its interval."""
        if not len(gap):
            return cls(0, None, None, None)
        centre = float(gap.mean())
        by_game = np.bincount(np.unique(games, return_inverse=True)[1], gap - centre)
        if (n := len(by_game)) < 2:
            return cls(len(gap), centre, None, None)
        half = Z * sqrt(n / (n - 1) * float((by_game**2).sum())) / len(gap)
        return cls(len(gap), centre, centre - half, centre + half)

    @property
    def better(self) -> bool:
        """True if the whole interval is below zero: the first loses less."""
        return self.high is not None and self.high < 0

    @property
    def worse(self) -> bool:
        """True if the whole interval is above zero: the first loses more."""
        return self.low is not None and self.low > 0


@dataclass(frozen=True)
class CalibrationBin:
    """Probabilities between two bounds (low included): their mean, and how often the event happened."""

    low: float
    high: float
    promised: float
    happened: Rate


@dataclass(frozen=True)
class ProbabilityScores:
    """Scores of the probabilities of going over the line.

    The expected calibration error (ECE) is the mean over bins of 0.05 width, weighted by their rows, of the distance
    between the mean probability and the share that happened.
    """

    n: int
    brier: float | None
    log_loss: float | None
    ece: float | None
    bins: tuple[CalibrationBin, ...]

    @classmethod
    def of(cls, promised: Numbers, went_over: Flags) -> "ProbabilityScores":
        """Score rows that went over or under; a push is neither."""
        bins = calibration(promised, went_over)
        distances = [abs(b.promised - b.happened.hits / b.happened.n) * b.happened.n for b in bins]
        brier, log_loss = (mean(losses(promised, went_over)) for losses in (squared_losses, log_losses))
        ece = sum(distances) / len(promised) if len(promised) else None
        return cls(len(promised), brier, log_loss, ece, bins)


def mean(values: NDArray[np.float64] | Flags) -> float | None:
    """Return the mean; None over no rows, because it is not zero."""
    return float(values.mean()) if len(values) else None


def squared_losses(promised: Numbers, happened: Flags) -> Numbers:
    """Return each row's part of the Brier score; a probability of one half loses 0.25."""
    loss: Numbers = (promised - happened) ** 2
    return loss


def log_losses(promised: Numbers, happened: Flags) -> Numbers:
    """Return minus the logarithm of the probability of what happened; a probability of one half loses 0.693."""
    chance = np.where(happened, promised, 1 - promised)
    loss: Numbers = -np.log(np.clip(chance, MIN_CHANCE, 1 - MIN_CHANCE))
    return loss


LOSSES = {"squared": squared_losses, "log": log_losses}


def calibration(promised: Numbers, happened: Flags) -> tuple[CalibrationBin, ...]:
    """Return the calibration in bins of equal width, without bins that have no rows."""
    count = round(1 / BIN_WIDTH)
    nth = np.clip(np.floor(np.round(promised / BIN_WIDTH, 9)), 0, count - 1).astype("int64")
    rows = np.bincount(nth, minlength=count)
    total = np.bincount(nth, promised, minlength=count)
    hits = np.bincount(nth, happened, minlength=count)
    return tuple(
        CalibrationBin(k / count, (k + 1) / count, float(total[k] / rows[k]), Rate(int(hits[k]), int(rows[k])))
        for k in np.flatnonzero(rows).tolist()
    )
