"""The learners: XGBoost and CatBoost over a feature contract, to bytes and back.

A learner answers only frames that carry the contract's features in the contract's order: a predecessor served a vector
of another order to a model that could not tell.
"""

import importlib.metadata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol, Self

import catboost
import numpy as np
import pandas as pd
import xgboost

from models.errors import ModelError
from models.features import FeatureContract
from models.systems.base import Learner
from models.training.config import THREADS, CatBoostConfig, XGBoostConfig

AVERAGES = {"points_avg_last_5": 0.2, "points_avg_last_10": 0.3, "points_avg_season": 0.5}
Start = Callable[[pd.DataFrame], pd.DataFrame]  # what each feature gives to begin with
VOLATILE = ("train_finish_time", "model_guid")  # what CatBoost stamps into a file beside the model


class UnusableModel(ModelError, ValueError):
    """A stored model that must not answer: what is wrong with it, and what mends it."""


class FeaturesRefused(ValueError):
    """Features that are not the contract's, by name and order."""


class ArtifactFormat(StrEnum):
    """How an artefact is written; never as a pickle, which runs whatever it holds.

    XGBoost writes JSON: its reader of UBJ takes a truncated file for one of endless arrays and ends the process.
    """

    XGBOOST = "xgb_json"
    CATBOOST = "cbm"
    PARAMETERS = "params_json"


class Kept(Learner, Protocol):
    """A learner that can be written down and read again."""

    format: ClassVar[ArtifactFormat]

    @property
    def contract(self) -> FeatureContract:
        """What it was fitted on."""
        ...

    @property
    def trees(self) -> int:
        """How many early stopping left."""
        ...

    def to_bytes(self) -> bytes:
        """Equal for equal training."""
        ...


def library_version(kept_as: ArtifactFormat) -> str:
    """What answers for an artefact; one predecessor's model was off by 8.6 points under another version."""
    match kept_as:
        case ArtifactFormat.XGBOOST:
            return f"xgboost {importlib.metadata.version('xgboost')}"
        case ArtifactFormat.CATBOOST:
            return f"catboost {importlib.metadata.version('catboost')}"
        case ArtifactFormat.PARAMETERS:
            return "spread 1"


def features_of(evenings: pd.DataFrame, contract: FeatureContract) -> pd.DataFrame:
    """The contract's columns as numbers; another order is refused, never silently put right."""
    _agree(f"the frame for {contract.stamp}", [name for name in evenings.columns if name in contract.names], contract)
    return evenings[list(contract.names)].astype("float64")


@dataclass(frozen=True)
class XGBoostLearner:
    """Gradient boosted trees by XGBoost."""

    format: ClassVar[ArtifactFormat] = ArtifactFormat.XGBOOST
    booster: xgboost.Booster
    contract: FeatureContract

    @classmethod
    def fit(
        cls,
        contract: FeatureContract,
        config: XGBoostConfig,
        train: pd.DataFrame,
        validation: pd.DataFrame,
        target: str = "points",
    ) -> Self:
        """Trees on `train`, as many as `validation` likes best."""
        booster = xgboost.train(
            config.parameters(),
            _matrix(train, contract, train[target]),
            config.trees,
            evals=[(_matrix(validation, contract, validation[target]), "validation")],
            early_stopping_rounds=config.patience,
            verbose_eval=False,
        )
        best = booster[: booster.best_iteration + 1]
        best.set_attr(best_iteration=None, best_score=None)
        return cls(best, contract)

    @classmethod
    def of_bytes(cls, kept: bytes, contract: FeatureContract) -> Self:
        """The learner as it was stored."""
        if not kept:  # XGBoost ends the whole process over it
            raise UnusableModel("XGBoost cannot read an empty file")
        booster = xgboost.Booster({"nthread": THREADS})
        try:
            booster.load_model(bytearray(kept))
        except xgboost.core.XGBoostError as error:
            raise UnusableModel(f"XGBoost cannot read it: {str(error).splitlines()[0]}") from error
        _agree("the XGBoost model", booster.feature_names or [], contract)
        return cls(booster, contract)

    @property
    def trees(self) -> int:
        """How many early stopping left."""
        return self.booster.num_boosted_rounds()

    def to_bytes(self) -> bytes:
        """Equal for equal training."""
        return bytes(self.booster.save_raw("json"))

    def predict(self, evenings: pd.DataFrame) -> np.ndarray:
        """Points for each row."""
        return self.booster.predict(_matrix(evenings, self.contract)).astype("float64")

    def contributions(self, evenings: pd.DataFrame) -> pd.DataFrame:
        """XGBoost's own SHAP values."""
        values = self.booster.predict(_matrix(evenings, self.contract), pred_contribs=True)
        return pd.DataFrame(values[:, :-1], evenings.index, list(self.contract.names), dtype="float64")


@dataclass(frozen=True)
class CatBoostLearner:
    """Gradient boosted symmetric trees by CatBoost."""

    format: ClassVar[ArtifactFormat] = ArtifactFormat.CATBOOST
    model: catboost.CatBoost
    contract: FeatureContract

    @classmethod
    def fit(
        cls,
        contract: FeatureContract,
        config: CatBoostConfig,
        train: pd.DataFrame,
        validation: pd.DataFrame,
        target: str = "points",
    ) -> Self:
        """Trees on `train`, as many as `validation` likes best."""
        model = catboost.CatBoost(config.parameters())
        seen = _pool(validation, contract, validation[target])
        model.fit(_pool(train, contract, train[target]), eval_set=seen, use_best_model=True)
        for stamp in VOLATILE:
            model.get_metadata()[stamp] = ""
        return cls(model, contract)

    @classmethod
    def of_bytes(cls, kept: bytes, contract: FeatureContract) -> Self:
        """The learner as it was stored."""
        model = catboost.CatBoost()
        try:
            model.load_model(blob=kept)
        except catboost.CatBoostError as error:
            raise UnusableModel(f"CatBoost cannot read it: {str(error).splitlines()[0]}") from error
        _agree("the CatBoost model", model.feature_names_, contract)
        return cls(model, contract)

    @property
    def trees(self) -> int:
        """How many early stopping left."""
        return self.model.tree_count_

    def to_bytes(self) -> bytes:
        """Equal for equal training."""
        return self.model._serialize_model()

    def predict(self, evenings: pd.DataFrame) -> np.ndarray:
        """Points for each row."""
        return self.model.predict(_pool(evenings, self.contract), thread_count=THREADS)

    def contributions(self, evenings: pd.DataFrame) -> pd.DataFrame:
        """CatBoost's own SHAP values."""
        values = self.model.get_feature_importance(
            _pool(evenings, self.contract), type="ShapValues", thread_count=THREADS
        )
        return pd.DataFrame(values[:, :-1], evenings.index, list(self.contract.names))


def from_line(evenings: pd.DataFrame) -> pd.DataFrame:
    """The market's line, not a number where there is none."""
    return evenings[["vegas_points_line"]].astype("float64")


def from_line_or_averages(evenings: pd.DataFrame) -> pd.DataFrame:
    """The line where there is one, and the weighted averages where there is none."""
    line = evenings["vegas_points_line"].astype("float64")
    averages = evenings[list(AVERAGES)].astype("float64").mul(pd.Series(AVERAGES))
    return averages.where(line.isna(), 0.0).assign(vegas_points_line=line.where(line.notna(), 0.0))


@dataclass(frozen=True)
class AnchoredLearner:
    """A start that is good already, and CatBoost for what it misses.

    The line knows more than all other features together, and trees that have to find their way to it from the mean of
    the league lose much of that on the way: on rows with a line their error was 1.019 of the line's, started from it
    1.001 (2022-24), and they are better without a line too.
    """

    format: ClassVar[ArtifactFormat] = ArtifactFormat.CATBOOST
    residual: CatBoostLearner
    start: Start

    @classmethod
    def fit(
        cls,
        contract: FeatureContract,
        config: CatBoostConfig,
        train: pd.DataFrame,
        validation: pd.DataFrame,
        start: Start,
    ) -> Self:
        """Trees on what the start misses, where there is a start."""
        missed = [rows.assign(missed=rows.points - _sum(start(rows))) for rows in (train, validation)]
        known = [rows[rows.missed.notna()] for rows in missed]
        return cls(CatBoostLearner.fit(contract, config, known[0], known[1], target="missed"), start)

    @classmethod
    def of_bytes(cls, kept: bytes, contract: FeatureContract, start: Start) -> Self:
        """The learner as it was stored."""
        return cls(CatBoostLearner.of_bytes(kept, contract), start)

    @property
    def contract(self) -> FeatureContract:
        """What the residual is learned from."""
        return self.residual.contract

    @property
    def trees(self) -> int:
        """How many early stopping left."""
        return self.residual.trees

    def to_bytes(self) -> bytes:
        """Equal for equal training."""
        return self.residual.to_bytes()

    def predict(self, evenings: pd.DataFrame) -> np.ndarray:
        """Start and residual; not a number where there is no start."""
        return _sum(self.start(evenings)).to_numpy() + self.residual.predict(evenings)

    def contributions(self, evenings: pd.DataFrame) -> pd.DataFrame:
        """What each feature added to the start, and moved from there."""
        moved = self.residual.contributions(evenings)
        return moved.add(self.start(evenings).reindex(columns=moved.columns, fill_value=0.0))


def _sum(parts: pd.DataFrame) -> pd.Series:
    return parts.sum(axis=1, skipna=False)


def _agree(what: str, found: Sequence[str], contract: FeatureContract) -> None:
    if tuple(found) == contract.names:
        return
    if lacking := [name for name in contract.names if name not in found]:
        raise FeaturesRefused(f"{what} lacks {lacking} of {contract.stamp}: build the frame from the contract's names")
    place, name = next((n, name) for n, name in enumerate(found) if n >= len(contract) or name != contract.names[n])
    expected = contract.names[place] if place < len(contract) else "no further feature"
    raise FeaturesRefused(f"{what}: expected {expected} as feature {place}, found {name}; keep the contract's order")


def _matrix(rows: pd.DataFrame, contract: FeatureContract, target: Any = None) -> xgboost.DMatrix:
    return xgboost.DMatrix(
        features_of(rows, contract).to_numpy(), label=target, feature_names=list(contract.names), nthread=1
    )


def _pool(rows: pd.DataFrame, contract: FeatureContract, target: Any = None) -> catboost.Pool:
    return catboost.Pool(features_of(rows, contract), label=target)
