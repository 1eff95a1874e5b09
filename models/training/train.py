"""Training: one month's models, from what was known before the month and nothing else."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from models.evaluation.graded import TIER_NAMES, TIER_STARTS
from models.features import FeatureContract
from models.inference.distribution import Spread
from models.inference.forecast import forecast
from models.systems import SYSTEMS
from models.systems.base import HIGHEST, NEED_A_LINE, Learner, SystemId
from models.training.config import CatBoostConfig, TrainingConfig, XGBoostConfig
from models.training.gates import Gate, gates_of, verdict
from models.training.learners import AnchoredLearner, ArtifactFormat, Kept, XGBoostLearner, library_version
from models.training.registry import CONTRACTS, STARTS, Candidate, Card, artifact_path

TIERS = dict(zip(TIER_NAMES, pairwise((*TIER_STARTS, np.inf)), strict=True))
GRAIN = ["game_date", "player_lookup"]
Fit = Callable[[FeatureContract, Any, pd.DataFrame, pd.DataFrame], Kept]


@dataclass(frozen=True)
class Training:
    """What came of a month: its candidates, and why other systems have none."""

    month: dt.date
    fingerprint: str
    candidates: tuple[Candidate, ...] = ()
    untrained: Mapping[SystemId, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """What a month may learn from: rows to fit on, and the newest dates to be judged by."""

    train: pd.DataFrame
    validation: pd.DataFrame

    @classmethod
    def before(cls, month: dt.date, rows: pd.DataFrame, config: TrainingConfig) -> "Past":
        """The one place where the month is cut off: nothing of it, or later, is seen by anything below."""
        dated = rows.assign(game_date=pd.to_datetime(rows.game_date))
        known = dated[dated.game_date < pd.Timestamp(month)]
        return cls._split(known.sort_values(GRAIN, ignore_index=True), config)

    @classmethod
    def _split(cls, known: pd.DataFrame, config: TrainingConfig) -> "Past":
        newest = known.game_date.isin(np.sort(known.game_date.unique())[-config.validation_dates :])
        return cls(known[~newest].reset_index(drop=True), known[newest].reset_index(drop=True))

    def with_line(self, config: TrainingConfig) -> "Past":
        """The same past of rows with a line, which has validation dates of its own.

        The archive has lines for some months only: the newest 30 dates may well hold none.
        """
        known = pd.concat([part[part.line.notna()] for part in (self.train, self.validation)], ignore_index=True)
        return self._split(known, config)

    @property
    def fingerprint(self) -> str:
        """Changes with any value, column or row there is."""
        told = hashlib.sha256()
        for part in (self.train, self.validation):
            for name, values in part.items():
                kept = values.to_numpy() if values.dtype.kind in "fiubM" else values.astype("string").to_numpy(object)
                told.update(f"{name}:{len(part)}".encode())
                told.update(pd.util.hash_array(kept).tobytes())
        return told.hexdigest()[:16]


def fingerprint(month: dt.date, rows: pd.DataFrame, config: TrainingConfig) -> str:
    """What `train_month` would learn from, to tell whether it has to."""
    return Past.before(month, rows, config).fingerprint


def train_month(
    month: dt.date,
    rows: pd.DataFrame,
    config: TrainingConfig,
    incumbents: Mapping[SystemId, Learner] | None = None,
) -> Training:
    """Every system's candidate for the month: trained systems their learner, all of them their spread.

    `rows` are evenings of players who then played, with `points`; those of the month itself and later are cut off
    here. `incumbents` are the month's production models, behind which a candidate must not fall.
    """
    past = Past.before(month, rows, config)
    planned = _Month(month, config, past.fingerprint, past, past.with_line(config))
    learners, untrained = planned.learned()
    everyone, lined = (planned.spoken(own, learners) for own in (planned.past, planned.lined))
    candidates = []
    for system in SYSTEMS:
        if system.id in untrained:
            continue
        spoken = (lined if system.id in NEED_A_LINE else everyone).get(system.id)
        if spoken is None or spoken.empty:
            untrained[system.id] = "no forecast on any validation row"
            continue
        incumbent = (incumbents or {}).get(system.id)
        candidates.append(planned.candidate(system.id, learners.get(system.id), incumbent, spoken))
    return Training(month, past.fingerprint, tuple(candidates), untrained)


@dataclass(frozen=True)
class _Month:
    """A month, its past, and the same of rows with a line."""

    month: dt.date
    config: TrainingConfig
    fingerprint: str
    past: Past
    lined: Past

    def of(self, system: SystemId) -> Past:
        """The past a system learns from and is judged by."""
        return self.lined if system in NEED_A_LINE else self.past

    def learned(self) -> tuple[dict[SystemId, Kept], dict[SystemId, str]]:
        """The learners, and why others have none."""
        learners: dict[SystemId, Kept] = {}
        untrained: dict[SystemId, str] = {}
        for system, lesson in _lessons(self.config).items():
            own = self.of(system)
            if len(own.train) < lesson.least_rows:
                untrained[system] = f"{len(own.train):,} training rows, of {lesson.least_rows:,} at least"
            else:
                learners[system] = lesson.fit(CONTRACTS[system], lesson.config, own.train, own.validation)
        return learners, untrained

    def spoken(self, own: Past, learners: Mapping[SystemId, Learner]) -> dict[SystemId, pd.DataFrame]:
        """What each system says of the validation rows it does not abstain from."""
        if own.train.empty:
            return {}
        silent = {system: _Silent(learner) for system, learner in learners.items()}
        told = forecast(own.validation, silent, {})
        said = {SystemId(str(name)): rows.reset_index(drop=True) for name, rows in told.groupby("system_id")}
        return {
            system: own.validation.assign(predicted=rows.predicted_points, recommendation=rows.recommendation).dropna(
                subset="predicted"
            )
            for system, rows in said.items()
        }

    def candidate(
        self, system: SystemId, learner: Kept | None, incumbent: Learner | None, spoken: pd.DataFrame
    ) -> Candidate:
        """The card and the bytes of one system."""
        own, contract = self.of(system), CONTRACTS[system]
        spread = _json(Spread.fit(spoken.predicted, spoken.points, spoken.line).plain())
        kept_as = learner.format if learner else ArtifactFormat.PARAMETERS
        artifact = learner.to_bytes() if learner else spread.encode()
        identity: dict[str, Any] = {
            "artifact_sha256": hashlib.sha256(artifact).hexdigest(),
            "feature_contract": contract.stamp,
            "library_version": library_version(kept_as),
            "residual_sd": spread,
            "data_fingerprint": self.fingerprint,
            "config_hash": self.config.hash,
        }
        model_id = f"{system}-{self.month:%Y-%m}-{hashlib.sha256(_json(identity).encode()).hexdigest()[:12]}"
        gates = self._gates(own, learner, incumbent, spoken)
        card = Card(
            **identity,
            **_span("train", own.train),
            **_span("validation", own.validation),
            model_id=model_id,
            system_id=system.value,
            model_month=self.month,
            status=verdict(gates).value,
            artifact_path=artifact_path(system, self.month, model_id, kept_as),
            artifact_format=kept_as.value,
            n_train=len(own.train),
            n_validation=len(spoken),
            mae_train=_error(learner.predict(own.train), own.train) if learner else None,
            mae_validation=_error(spoken.predicted, spoken),
            mae_season_average=_error(spoken.points_avg_season, spoken),
            bias_to_line=_mean(spoken.predicted - spoken.line),
            gate_results=_json([gate.plain() for gate in gates]),
            hyper_parameters=_json(self._numbers(system, learner)),
            metrics=_json(_metrics(spoken)),
        )
        return Candidate(card, artifact)

    def _gates(self, own: Past, learner: Kept | None, incumbent: Learner | None, spoken: pd.DataFrame) -> list[Gate]:
        ends = [*(part.game_date.iloc[n] for part in (own.train, own.validation) for n in (0, -1))]
        in_order = bool(ends == sorted(ends) and ends[1] < ends[2] and ends[-1] < pd.Timestamp(self.month))
        rival = None
        if incumbent is not None:
            rival = pd.Series(np.clip(incumbent.predict(spoken), 0, HIGHEST), spoken.index)
        return gates_of(spoken, in_order, learner is not None, rival)

    def _numbers(self, system: SystemId, learner: Kept | None) -> dict[str, Any]:
        split = {"validation_dates": self.config.validation_dates}
        if learner is None:
            return split
        return split | asdict(_lessons(self.config)[system].config) | {"trees": learner.trees}


@dataclass(frozen=True)
class _Silent:
    """A learner that is not asked for its reasons: nobody reads those of validation rows."""

    learner: Learner

    def predict(self, evenings: pd.DataFrame) -> np.ndarray:
        return self.learner.predict(evenings)

    def contributions(self, evenings: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(index=evenings.index)


@dataclass(frozen=True)
class _Lesson:
    """How one system learns, and from how many rows at least."""

    fit: Fit
    config: XGBoostConfig | CatBoostConfig
    least_rows: int


def _lessons(config: TrainingConfig) -> dict[SystemId, _Lesson]:
    enough, lined = config.least_rows, config.least_rows_with_line
    return {
        SystemId.XGBOOST: _Lesson(XGBoostLearner.fit, config.xgboost, enough),
        SystemId.CATBOOST: _Lesson(_starting(SystemId.CATBOOST), config.catboost, enough),
        SystemId.CATBOOST_EXTENDED: _Lesson(_starting(SystemId.CATBOOST_EXTENDED), config.extended, enough),
        SystemId.MARKET_ANCHORED: _Lesson(_starting(SystemId.MARKET_ANCHORED), config.anchored, lined),
    }


def _starting(system: SystemId) -> Fit:
    return partial(AnchoredLearner.fit, start=STARTS[system])


def _metrics(spoken: pd.DataFrame) -> dict[str, dict[str, float | int | None]]:
    """Errors by population, on the validation rows: a mean over everyone hides who it is about."""
    season = spoken.points_avg_season
    populations = {
        "all": pd.Series(True, spoken.index),
        "with_line": spoken.line.notna(),
        **{name: (season >= low) & (season < high) for name, (low, high) in TIERS.items()},
    }
    return {
        name: {
            "n": int(chosen.sum()),
            "mae": _error(spoken.predicted[chosen], spoken[chosen]),
            "mae_season_average": _error(season[chosen], spoken[chosen]),
            "mae_line": _error(spoken.line[chosen], spoken[chosen]),
            "bias": _mean((spoken.predicted - spoken.points)[chosen]),
        }
        for name, chosen in populations.items()
    }


def _span(what: str, rows: pd.DataFrame) -> dict[str, Any]:
    return {f"{what}_start": rows.game_date.iloc[0].date(), f"{what}_end": rows.game_date.iloc[-1].date()}


def _error(predicted: Any, rows: pd.DataFrame) -> float | None:
    return _mean((predicted - rows.points).abs())


def _mean(values: pd.Series) -> float | None:
    """Of what is known, or nothing."""
    mean = float(values.mean())
    return None if np.isnan(mean) else round(mean, 4)


def _json(told: Any) -> str:
    return json.dumps(told, allow_nan=False, sort_keys=True)
