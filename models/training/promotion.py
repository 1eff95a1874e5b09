"""Promotion: the champion of each family in each market and edition, and what a challenger must show to replace it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from models.evaluation.graded_predictions import GradedPredictions
from models.evaluation.scores import Difference, ProbabilityScores, mean
from models.evaluation.subject import POINTS_AT_TIP, Subject
from models.systems import SYSTEMS
from models.systems.base import Family, SystemId

FAMILIES: Mapping[SystemId, Family] = {system.id: system.family for system in SYSTEMS} | {
    SystemId.RATES: Family.RATES,
    SystemId.MARKET_BLEND: Family.MARKET,
    SystemId.PLAIN_AVERAGE: Family.REFERENCE,
}
# of every market and edition; nothing competes with the references, so they have none
CHAMPIONS: Mapping[Family, SystemId] = {Family.RATES: SystemId.RATES, Family.MARKET: SystemId.MARKET_BLEND}
CHAMPIONS_OF_POINTS_AT_TIP: Mapping[Family, SystemId] = {
    Family.RULES: SystemId.MOVING_AVERAGE,
    Family.TREES: SystemId.CATBOOST,
    Family.RATES: SystemId.RATES,
    Family.MARKET: SystemId.MARKET_ANCHORED,
    Family.ENSEMBLE: SystemId.ENSEMBLE,
}
MIN_SHARED_ROWS = 1_000  # with fewer rows the interval of a usual difference holds zero
MAX_LOSS = 0.004  # of the champion's error, for a replacement wanted for other reasons: 0.02 of five points
MAX_ECE = 0.03
MIN_CALIBRATION_ROWS = 500  # rows with a line; with fewer the calibration error is mostly its own noise


class PromotionDecision(StrEnum):
    """Decisions after a comparison with the champion; only a difference that is shown wins."""

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
    """A challenger and the champion on the same player-games of one market and edition.

    A negative error difference favours the challenger. `champion_error` is on the same rows.
    """

    subject: Subject
    challenger: str
    champion: str
    champion_error: float | None
    errors: Difference
    calibration: Calibration

    @property
    def objections(self) -> tuple[str, ...]:
        """All reasons against a promotion."""
        reasons, unit = [], self.subject.unit
        allowed = MAX_LOSS * (self.champion_error or 0)
        if self.errors.n < MIN_SHARED_ROWS:
            reasons.append(f"{self.errors.n:,} shared rows, {MIN_SHARED_ROWS:,} are needed")
        if self.errors.mean is not None and self.errors.mean > allowed:
            reasons.append(f"its errors are {self.errors.mean:.3f} {unit} larger, {allowed:.3f} at most is allowed")
        if self.calibration.too_bad:
            reasons.append(
                f"calibration error {self.calibration.challenger:.3f}: more than {MAX_ECE} and than the champion's "
                f"{self.calibration.champion:.3f}"
            )
        return tuple(reasons)

    @property
    def decision(self) -> PromotionDecision:
        """A challenger wins with an error shown to be smaller, and may replace the champion if it is hardly larger."""
        if self.objections or self.errors.mean is None:
            return PromotionDecision.STAYS
        return PromotionDecision.WINS if self.errors.better else PromotionDecision.MAY_REPLACE

    @property
    def sentence(self) -> str:
        """The decision with the numbers it is based on."""
        decision = f"{self.decision} to" if self.decision is PromotionDecision.STAYS else self.decision
        names = f"{self.subject}: {self.challenger} {decision} {self.champion}:"
        if self.decision is PromotionDecision.STAYS:
            return f"{names} {'; '.join(self.objections) or 'no row is shared'}."
        low, high, ours = self.errors.low, self.errors.high, self.calibration
        interval = f" [{low:+.3f}, {high:+.3f}]" if low is not None else ""
        chance = "" if self.errors.better or self.errors.worse else ", which may be chance"
        unit, n = self.subject.unit, self.errors.n
        errors = f"{self.errors.mean:+.3f}{interval} {unit} of absolute error on {n:,} shared rows{chance}"
        calibration = f"calibration not judged: {ours.n:,} rows with a line, {MIN_CALIBRATION_ROWS} are needed"
        if ours.judged:
            both = f"{ours.challenger:.3f} beside {ours.champion:.3f}"
            calibration = f"calibration error {both} on {ours.n:,} rows with a line"
        return f"{names} {errors}; {calibration}."

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison for JSON."""
        result = {"verdict": self.decision.value, "against": list(self.objections), "sentence": self.sentence}
        return {**asdict(self), **result}


def champion_of(subject: Subject, system: SystemId) -> SystemId | None:
    """Return the champion that a system competes with, or None for references."""
    champions = CHAMPIONS_OF_POINTS_AT_TIP if subject == POINTS_AT_TIP else CHAMPIONS
    return champions.get(FAMILIES[system])


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
        graded.subject,
        str(challenger),
        str(champion),
        mean(errors[shared, 1]),
        Difference.of(errors[shared, 0], errors[shared, 1], graded.games[shared]),
        Calibration(int(decided.sum()), *eces),
    )
