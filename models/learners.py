"""The learners: XGBoost and CatBoost over a feature contract, to bytes and back.

A learner answers only frames that carry the contract's features in the contract's order: a predecessor served a vector
of another order to a model that could not tell.
"""

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol, Self

import catboost
import numpy as np
import pandas as pd
import xgboost

from models.config import THREADS, CatBoostConfig, XGBoostConfig
from models.features import FeatureContract
from models.systems.base import Learner

VOLATILE = ("train_finish_time", "model_guid")  # what CatBoost stamps into a file beside the model


class UnusableModel(ValueError):
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


@dataclass(frozen=True)
class AnchoredLearner:
    """The market's line, and a cautious learner of what it misses.

    The line knows more than any feature here; a learner that starts from it can only add, and where it has nothing to
    add it says the line.
    """

    format: ClassVar[ArtifactFormat] = ArtifactFormat.CATBOOST
    residual: CatBoostLearner

    @classmethod
    def fit(
        cls, contract: FeatureContract, config: CatBoostConfig, train: pd.DataFrame, validation: pd.DataFrame
    ) -> Self:
        """Trees on points minus line; only rows with a line are learned from."""
        missed = [rows[rows.line.notna()].assign(missed=lambda r: r.points - r.line) for rows in (train, validation)]
        return cls(CatBoostLearner.fit(contract, config, missed[0], missed[1], target="missed"))

    @classmethod
    def of_bytes(cls, kept: bytes, contract: FeatureContract) -> Self:
        """The learner as it was stored."""
        return cls(CatBoostLearner.of_bytes(kept, contract))

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
        """Line and residual; not a number where there is no line."""
        return evenings["line"].to_numpy("float64") + self.residual.predict(evenings)

    def contributions(self, evenings: pd.DataFrame) -> pd.DataFrame:
        """The line itself, then what moved the prediction away from it."""
        moved = self.residual.contributions(evenings)
        moved.insert(0, "line", evenings["line"].astype("float64"))
        return moved


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
