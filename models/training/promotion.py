"""Who speaks for each family of systems, and what a challenger must show before it may take over.

A model is promoted on identical rows or not at all: a predecessor's challenger had won on a population of its own.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from models.evaluation.graded import Graded
from models.evaluation.scores import Chances, Difference
from models.systems.base import Family, SystemId

HOUSE = SystemId.ENSEMBLE  # who speaks where one forecast is wanted
CHAMPIONS: Mapping[Family, SystemId] = {
    Family.RULES: SystemId.MOVING_AVERAGE,
    Family.TREES: SystemId.CATBOOST,
    Family.MARKET: SystemId.MARKET_ANCHORED,
    Family.ENSEMBLE: SystemId.ENSEMBLE,
}
LEAST_SHARED = 2_000  # rows; below it a difference of 0.02 points is noise
WORSE_AT_MOST = 0.02  # points of mean absolute error, for a replacement wanted for other reasons
MOST_ECE = 0.03
LEAST_CHANCES = 500  # rows with a line; below it the calibration error is mostly its own noise


class Verdict(StrEnum):
    """What a comparison with the champion allows."""

    WINS = "wins against"
    MAY_REPLACE = "may replace"
    STAYS = "stays a challenger"


@dataclass(frozen=True)
class Calibration:
    """Expected calibration errors on the same rows with a line, and how many these are."""

    n: int
    challenger: float | None
    champion: float | None

    @property
    def judged(self) -> bool:
        """Whether there are rows enough to say anything."""
        return self.n >= LEAST_CHANCES and self.challenger is not None and self.champion is not None

    @property
    def good_enough(self) -> bool:
        """Below the limit, or no worse than what is there already; what cannot be judged does not stand in the way."""
        if self.challenger is None or self.champion is None or not self.judged:
            return True
        return self.challenger <= max(MOST_ECE, self.champion)


@dataclass(frozen=True)
class Duel:
    """A challenger and the champion on the same evenings; differences of absolute errors below 0 favour the first."""

    challenger: str
    champion: str
    errors: Difference
    calibration: Calibration

    @property
    def against(self) -> tuple[str, ...]:
        """Everything that forbids a promotion."""
        found = []
        if self.errors.n < LEAST_SHARED:
            found.append(f"{self.errors.n:,} shared rows, {LEAST_SHARED:,} are needed")
        if self.errors.mean is not None and self.errors.mean > WORSE_AT_MOST:
            found.append(
                f"its errors are {self.errors.mean:+.3f} points larger, {WORSE_AT_MOST:+.2f} at most is allowed"
            )
        if not self.calibration.good_enough:
            found.append(
                f"calibration error {self.calibration.challenger:.3f}: more than {MOST_ECE} and than the champion's "
                f"{self.calibration.champion:.3f}"
            )
        return tuple(found)

    @property
    def verdict(self) -> Verdict:
        """To win it must be better; to replace for another reason, at most a little worse."""
        if self.against or self.errors.mean is None:
            return Verdict.STAYS
        return Verdict.WINS if self.errors.mean < 0 else Verdict.MAY_REPLACE

    @property
    def sentence(self) -> str:
        """The verdict with the numbers it rests on."""
        if self.verdict is Verdict.STAYS:
            return f"{self.challenger} {self.verdict} to {self.champion}: {'; '.join(self.against)}."
        return f"{self.challenger} {self.verdict} {self.champion}: {self._paired}; {self._chances}."

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        told = {"verdict": self.verdict.value, "against": list(self.against), "sentence": self.sentence}
        return {**asdict(self), **told}

    @property
    def _paired(self) -> str:
        low, high = self.errors.low, self.errors.high
        interval = f" [{low:+.3f}, {high:+.3f}]" if low is not None else ""
        luck = "" if self.errors.better or self.errors.worse else ", which may be luck"
        return f"{self.errors.mean:+.3f}{interval} points of absolute error on {self.errors.n:,} shared rows{luck}"

    @property
    def _chances(self) -> str:
        found = self.calibration
        if not found.judged:
            return f"calibration not judged: {found.n:,} rows with a line, {LEAST_CHANCES} are needed"
        return f"calibration error {found.challenger:.3f} beside {found.champion:.3f} on {found.n:,} rows with a line"


def duel(graded: Graded, challenger: str, champion: str) -> Duel:
    """Over the nights on which a player with ten games played and both had spoken."""
    graded = graded.only(graded.nights["early_season"].eq(False).to_numpy(bool))
    ours, theirs = graded.column(challenger), graded.column(champion)
    actual, line = graded.numbers("actual_points"), graded.numbers("line")
    far = np.abs(graded.predicted[:, [ours, theirs]] - actual[:, None])
    shared = ~np.isnan(far).any(axis=1)
    told = graded.chances[:, [ours, theirs]]
    decided = shared & ~np.isnan(told).any(axis=1) & ~np.isnan(line) & (actual != line)
    eces = [Chances.of(told[decided, side], (actual > line)[decided]).ece for side in (0, 1)]
    return Duel(
        str(challenger),
        str(champion),
        Difference.of(far[shared, 0], far[shared, 1]),
        Calibration(int(decided.sum()), *eces),
    )


def champion_of(family: Family) -> SystemId:
    """Who speaks for a family; references have none, as nothing competes with them."""
    if family not in CHAMPIONS:
        raise ValueError(f"{family} systems are what others are held against: they have no champion")
    return CHAMPIONS[family]
