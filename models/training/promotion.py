"""Promotion: the champion of each family of systems, and what a challenger must show to replace it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from models.evaluation.graded_predictions import GradedPredictions
from models.evaluation.scores import Difference, ProbabilityScores
from models.systems.base import Family, SystemId

CHAMPIONS: Mapping[Family, SystemId] = {  # nothing competes with the references, so they have none
    Family.RULES: SystemId.MOVING_AVERAGE,
    Family.TREES: SystemId.CATBOOST,
    Family.MARKET: SystemId.MARKET_ANCHORED,
    Family.ENSEMBLE: SystemId.ENSEMBLE,
}
MIN_SHARED_ROWS = 2_000  # with fewer rows a difference of 0.02 points is noise
MAX_LOSS = 0.02  # points of mean absolute error, for a replacement wanted for other reasons
MAX_ECE = 0.03
MIN_CALIBRATION_ROWS = 500  # rows with a line; with fewer the calibration error is mostly its own noise


class PromotionDecision(StrEnum):
    """Decisions after a comparison with the champion."""

    WINS = "wins against"
    MAY_REPLACE = "may replace"
    STAYS = "stays a challenger"


@dataclass(frozen=True)
class Calibration:
    """Expected calibration errors of both systems on the same `n` rows with a line."""

    n: int
    challenger: float | None
    champion: float | None

    @property
    def judged(self) -> bool:
        """True if there are enough rows to judge."""
        return self.n >= MIN_CALIBRATION_ROWS and self.challenger is not None and self.champion is not None

    @property
    def too_bad(self) -> bool:
        """True if judged, above the limit, and worse than the champion's."""
        return self.judged and (self.challenger or 0) > max(MAX_ECE, self.champion or 0)


@dataclass(frozen=True)
class ChallengerComparison:
    """A challenger and the champion on the same player-games; a negative error difference favours the challenger."""

    challenger: str
    champion: str
    errors: Difference
    calibration: Calibration

    @property
    def objections(self) -> tuple[str, ...]:
        """All reasons against a promotion."""
        reasons = []
        if self.errors.n < MIN_SHARED_ROWS:
            reasons.append(f"{self.errors.n:,} shared rows, {MIN_SHARED_ROWS:,} are needed")
        if self.errors.mean is not None and self.errors.mean > MAX_LOSS:
            reasons.append(f"its errors are {self.errors.mean:+.3f} points larger, {MAX_LOSS:+.2f} at most is allowed")
        if self.calibration.too_bad:
            reasons.append(
                f"calibration error {self.calibration.challenger:.3f}: more than {MAX_ECE} and than the champion's "
                f"{self.calibration.champion:.3f}"
            )
        return tuple(reasons)

    @property
    def decision(self) -> PromotionDecision:
        """A challenger wins with a smaller error, and may replace the champion with a slightly larger one."""
        if self.objections or self.errors.mean is None:
            return PromotionDecision.STAYS
        return PromotionDecision.WINS if self.errors.mean < 0 else PromotionDecision.MAY_REPLACE

    @property
    def sentence(self) -> str:
        """The decision with the numbers it is based on."""
        if self.decision is PromotionDecision.STAYS:
            return f"{self.challenger} {self.decision} to {self.champion}: {'; '.join(self.objections)}."
        low, high, ours = self.errors.low, self.errors.high, self.calibration
        interval = f" [{low:+.3f}, {high:+.3f}]" if low is not None else ""
        chance = "" if self.errors.better or self.errors.worse else ", which may be chance"
        errors = f"{self.errors.mean:+.3f}{interval} points of absolute error on {self.errors.n:,} shared rows{chance}"
        calibration = f"calibration not judged: {ours.n:,} rows with a line, {MIN_CALIBRATION_ROWS} are needed"
        if ours.judged:
            both = f"{ours.challenger:.3f} beside {ours.champion:.3f}"
            calibration = f"calibration error {both} on {ours.n:,} rows with a line"
        return f"{self.challenger} {self.decision} {self.champion}: {errors}; {calibration}."

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison for JSON."""
        result = {"verdict": self.decision.value, "against": list(self.objections), "sentence": self.sentence}
        return {**asdict(self), **result}


def compare_with_champion(graded: GradedPredictions, challenger: str, champion: str) -> ChallengerComparison:
    """Compare both on player-games that both predicted, of players with ten games played."""
    graded = graded.only(graded.player_games["early_season"].eq(False).to_numpy(bool))
    columns = [graded.column_of(system) for system in (challenger, champion)]
    actual, line = graded.values("actual_value"), graded.values("line")
    errors, chances = np.abs(graded.predicted[:, columns] - actual[:, None]), graded.chances[:, columns]
    shared = ~np.isnan(errors).any(axis=1)
    decided = shared & ~np.isnan(chances).any(axis=1) & ~np.isnan(line) & (actual != line)
    eces = [ProbabilityScores.of(chances[decided, side], (actual > line)[decided]).ece for side in (0, 1)]
    return ChallengerComparison(
        str(challenger),
        str(champion),
        Difference.of(errors[shared, 0], errors[shared, 1], graded.games[shared]),
        Calibration(int(decided.sum()), *eces),
    )
