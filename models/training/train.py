"""Training of one month's models, from rows before the month only."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from models.evaluation.graded_predictions import TIER_NAMES, TIER_STARTS
from models.forecast_keys import Variant
from models.inference.distribution import ResidualSpread
from models.inference.forecast import forecast, no_row
from models.markets import POINTS
from models.systems import SYSTEMS
from models.systems.base import MAX_POINTS, REQUIRE_LINE, Learner, SystemId
from models.training.card_values import json_text, mean, span
from models.training.config import CatBoostConfig, TrainingConfig, XGBoostConfig
from models.training.gates import GateResult, judge, status_after
from models.training.learners import ArtifactFormat, CatBoostLearner, StoredLearner, XGBoostLearner, library_version
from models.training.registry import BASELINES, CONTRACTS, Candidate, ModelCard, artifact_path
from models.training.split import TrainingSplit

WITH_LINE = [system for system in SYSTEMS if system.id in REQUIRE_LINE]
WITHOUT_LINE = [system for system in SYSTEMS if system.id not in REQUIRE_LINE]
TIERS = dict(zip(TIER_NAMES, pairwise((*TIER_STARTS, np.inf)), strict=True))


@dataclass(frozen=True)
class TrainingResult:
    """Candidates of a month, and why the other systems have none."""

    candidates: tuple[Candidate, ...]
    untrained: Mapping[SystemId, str]


def train_month(
    month: dt.date, rows: pd.DataFrame, config: TrainingConfig, incumbents: Mapping[SystemId, Learner] | None = None
) -> TrainingResult:
    """Train every system for the month: a learner for trained systems, a residual spread for all.

    `rows` are forecast inputs of players who then played, with `points`; rows of the month itself and later are dropped
    here. `incumbents` are the month's production models, and no candidate may be clearly worse than them.
    """
    split = TrainingSplit.before(month, rows, config)
    trainer = _MonthTrainer(month, config, split.fingerprint, split, split.with_line(config))
    learners, untrained = trainer.fit_learners()
    predictions = trainer.predict(learners)
    candidates = []
    for system in SYSTEMS:
        if system.id in untrained:
            continue
        predicted = predictions.get(system.id)
        if predicted is None or predicted.empty:
            untrained[system.id] = "no forecast on any validation row"
            continue
        incumbent = (incumbents or {}).get(system.id)
        candidates.append(trainer.candidate(system.id, learners.get(system.id), incumbent, predicted))
    return TrainingResult(tuple(candidates), untrained)


@dataclass(frozen=True)
class _MonthTrainer:
    """A month with its rows, and the same for rows with a line."""

    month: dt.date
    config: TrainingConfig
    fingerprint: str
    split: TrainingSplit
    with_line: TrainingSplit

    @property
    def settings(self) -> dict[SystemId, XGBoostConfig | CatBoostConfig]:
        """Settings of each trained system."""
        config = self.config
        catboost = {SystemId.CATBOOST: config.catboost, SystemId.CATBOOST_EXTENDED: config.extended}
        return {SystemId.XGBOOST: config.xgboost, **catboost, SystemId.MARKET_ANCHORED: config.anchored}

    def split_of(self, system: SystemId) -> TrainingSplit:
        return self.with_line if system in REQUIRE_LINE else self.split

    def fit_learners(self) -> tuple[dict[SystemId, StoredLearner], dict[SystemId, str]]:
        """Return the learners, and why other systems have none."""
        learners: dict[SystemId, StoredLearner] = {}
        untrained: dict[SystemId, str] = {}
        for system, settings in self.settings.items():
            split = self.split_of(system)
            least = self.config.least_rows_with_line if system in REQUIRE_LINE else self.config.least_rows
            if len(split.train) < least:
                untrained[system] = f"{len(split.train):,} training rows, of {least:,} at least"
            elif isinstance(settings, XGBoostConfig):
                learners[system] = XGBoostLearner.fit(CONTRACTS[system], settings, split)
            else:
                learners[system] = CatBoostLearner.fit(CONTRACTS[system], settings, split, BASELINES[system])
        return learners, untrained

    def predict(self, learners: Mapping[SystemId, Learner]) -> dict[SystemId, pd.DataFrame]:
        """Return the validation rows that each system predicts, with `predicted` and `recommendation`."""
        predictions: dict[SystemId, pd.DataFrame] = {}
        for split, systems in ((self.split, WITHOUT_LINE), (self.with_line, WITH_LINE)):
            if split.train.empty:
                continue
            forecasts = forecast(split.validation, learners, {}, systems, explained=no_row)
            for name, own in forecasts.groupby("system_id"):
                own = own.set_index(split.validation.index)
                rows = split.validation.assign(predicted=own.predicted_value, recommendation=own.recommendation)
                predictions[SystemId(str(name))] = rows.dropna(subset="predicted")
        return predictions

    def candidate(
        self, system: SystemId, learner: StoredLearner | None, incumbent: Learner | None, predicted: pd.DataFrame
    ) -> Candidate:
        """Return the card and the artefact of one system."""
        split, contract = self.split_of(system), CONTRACTS[system]
        spread = json_text(asdict(ResidualSpread.fit(predicted.predicted, predicted.points, predicted.line)))
        artifact_format = learner.format if learner else ArtifactFormat.PARAMETERS
        artifact = learner.to_bytes() if learner else spread.encode()
        identity: dict[str, Any] = {
            "artifact_sha256": hashlib.sha256(artifact).hexdigest(),
            "feature_contract": contract.stamp,
            "library_version": library_version(artifact_format),
            "residual_sd": spread,
            "data_fingerprint": self.fingerprint,
            "config_hash": self.config.hash,
        }
        model_id = f"{system}-{self.month:%Y-%m}-{hashlib.sha256(json_text(identity).encode()).hexdigest()[:12]}"
        gates = self._gates(split, learner, incumbent, predicted)
        learned = {**asdict(self.settings[system]), "trees": learner.trees} if learner else {}
        card = ModelCard(
            **identity,
            **span("train", split.train),
            **span("validation", split.validation),
            model_id=model_id,
            system_id=system.value,
            market=POINTS,
            variant=Variant.AT_TIP.value,
            model_month=self.month,
            status=status_after(gates).value,
            artifact_path=artifact_path(system, self.month, model_id, artifact_format),
            artifact_format=artifact_format.value,
            n_train=len(split.train),
            n_validation=len(predicted),
            mae_train=_error(learner.predict(split.train), split.train) if learner else None,
            mae_validation=_error(predicted.predicted, predicted),
            mae_season_average=_error(predicted.points_avg_season, predicted),
            bias_to_line=mean(predicted.predicted - predicted.line),
            gate_results=json_text([asdict(gate) for gate in gates]),
            hyper_parameters=json_text({"validation_dates": self.config.validation_dates, **learned}),
            metrics=json_text(_metrics(predicted)),
        )
        return Candidate(card, artifact)

    def _gates(
        self, split: TrainingSplit, learner: StoredLearner | None, incumbent: Learner | None, predicted: pd.DataFrame
    ) -> list[GateResult]:
        ends = [part.game_date.iloc[n] for part in (split.train, split.validation) for n in (0, -1)]
        in_order = bool(ends == sorted(ends) and ends[1] < ends[2] and ends[-1] < pd.Timestamp(self.month))
        rival = None
        if incumbent is not None:
            rival = pd.Series(np.clip(incumbent.predict(predicted), 0, MAX_POINTS), predicted.index)
        return judge(predicted, in_order, learner is not None, rival)


def _metrics(rows: pd.DataFrame) -> dict[str, dict[str, float | int | None]]:
    """Return errors by population on the validation rows; a mean over everyone hides large differences."""
    season = rows.points_avg_season
    populations = {
        "all": pd.Series(True, rows.index),
        "with_line": rows.line.notna(),
        **{name: (season >= low) & (season < high) for name, (low, high) in TIERS.items()},
    }
    return {
        name: {
            "n": int(chosen.sum()),
            "mae": _error(rows.predicted[chosen], rows[chosen]),
            "mae_season_average": _error(season[chosen], rows[chosen]),
            "mae_line": _error(rows.line[chosen], rows[chosen]),
            "bias": mean((rows.predicted - rows.points)[chosen]),
        }
        for name, chosen in populations.items()
    }


def _error(predicted: Any, rows: pd.DataFrame) -> float | None:
    return mean((predicted - rows.points).abs())
