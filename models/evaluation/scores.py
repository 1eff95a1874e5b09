"""How good forecasts, chances and picks were: each measure with its number of rows, each share with its interval.

What cannot be said is None: a mean over no rows is not zero.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

Z = 1.96  # 95 %
BIN = 0.05  # chances on points lines crowd around one half: wider bins would hold them all in two
NEVER_CERTAIN = 1e-6  # a chance of exactly 0 or 1 that fails would cost an infinite log loss


@dataclass(frozen=True)
class Rate:
    """A share of n with its Wilson interval, which stays inside 0-1 and honest for small n."""

    hits: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.n:
            raise ValueError(f"{self.hits} of {self.n} is not a share: hits must lie between 0 and n")

    @property
    def value(self) -> float | None:
        """The share itself."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson, 95 %."""
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

    def plain(self) -> dict[str, float | int | None]:
        """As values JSON knows."""
        low, high = self.interval or (None, None)
        return {"hits": self.hits, "n": self.n, "value": self.value, "low": low, "high": high}


@dataclass(frozen=True)
class Errors:
    """How far forecasts lay from the points. Bias is forecast minus points: + promises too much.

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
    def of(cls, predicted: Numbers, actual: Numbers, line: Numbers) -> "Errors":
        """Over rows where all have a forecast and points; a line may be unknown."""
        gap, off_line = predicted - actual, (predicted - line)[~np.isnan(line)]
        far = np.abs(gap)
        return cls(
            n=len(gap),
            mae=mean(far),
            bias=mean(gap),
            within_3=mean(far <= 3),
            within_5=mean(far <= 5),
            n_with_line=len(off_line),
            bias_to_line=mean(off_line),
        )


@dataclass(frozen=True)
class Difference:
    """Mean paired difference of two systems' losses on the same rows, with its 95 % interval.

    Below 0 favours the first. Rows are treated as independent and the mean as normal; one row gives no interval.
    """

    n: int
    mean: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, ours: Numbers, theirs: Numbers) -> "Difference":
        """Of two losses, row by row."""
        gap = ours - theirs
        if len(gap) < 2:
            return cls(len(gap), mean(gap), None, None)
        centre, half = float(gap.mean()), Z * float(gap.std(ddof=1)) / sqrt(len(gap))
        return cls(len(gap), centre, centre - half, centre + half)

    @property
    def better(self) -> bool:
        """The first is shown to lose less: the whole interval lies below zero."""
        return self.high is not None and self.high < 0

    @property
    def worse(self) -> bool:
        """The first is shown to lose more."""
        return self.low is not None and self.low > 0


@dataclass(frozen=True)
class Bin:
    """Chances between two bounds (low included): what was promised on average, and how often it happened."""

    low: float
    high: float
    promised: float
    happened: Rate


@dataclass(frozen=True)
class Chances:
    """How good the chances of going over the line were.

    The expected calibration error (ECE) is the mean over bins of 0.05 width, weighted by their rows, of the distance
    between the mean promised chance and the share that happened.
    """

    n: int
    brier: float | None
    log_loss: float | None
    ece: float | None
    bins: tuple[Bin, ...]

    @classmethod
    def of(cls, promised: Numbers, went_over: Flags) -> "Chances":
        """Over rows that went over or under: a push is neither."""
        bins = calibration(promised, went_over)
        distances = [abs(b.promised - b.happened.hits / b.happened.n) * b.happened.n for b in bins]
        return cls(
            n=len(promised),
            brier=mean(squared_losses(promised, went_over)),
            log_loss=mean(log_losses(promised, went_over)),
            ece=sum(distances) / len(promised) if len(promised) else None,
            bins=bins,
        )


def mean(values: NDArray[np.float64] | Flags) -> float | None:
    """Their mean, None over no rows."""
    return float(values.mean()) if len(values) else None


def squared_losses(promised: Numbers, happened: Flags) -> Numbers:
    """What the Brier score is the mean of: a coin loses 0.25 on each row."""
    loss: Numbers = (promised - happened) ** 2
    return loss


def log_losses(promised: Numbers, happened: Flags) -> Numbers:
    """Minus the logarithm of the chance given to what happened: a coin loses 0.693."""
    given = np.where(happened, promised, 1 - promised)
    loss: Numbers = -np.log(np.clip(given, NEVER_CERTAIN, 1 - NEVER_CERTAIN))
    return loss


def calibration(promised: Numbers, happened: Flags) -> tuple[Bin, ...]:
    """Reliability in bins of equal width; bins without rows are left out."""
    count = round(1 / BIN)
    nth = np.clip(np.floor(np.round(promised / BIN, 9)), 0, count - 1).astype("int64")
    rows = np.bincount(nth, minlength=count)
    total = np.bincount(nth, promised, minlength=count)
    hits = np.bincount(nth, happened, minlength=count)
    return tuple(
        Bin(k / count, (k + 1) / count, float(total[k] / rows[k]), Rate(int(hits[k]), int(rows[k])))
        for k in np.flatnonzero(rows).tolist()
    )
