"""Learners: XGBoost and CatBoost on the features of a contract, with conversion to bytes and back."""

import importlib.metadata
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd

from models.errors import ModelError
from models.features import TYPE, FeatureContract
from models.training.config import PREDICTION_THREADS, CatBoostConfig, XGBoostConfig
from models.training.split import TrainingSplit

if TYPE_CHECKING:  # the learners take half a second to import, and most processes only name them
    import catboost
    import xgboost

AVERAGE_WEIGHTS = {"points_avg_last_5": 0.2, "points_avg_last_10": 0.3, "points_avg_season": 0.5}
Baseline = Callable[[pd.DataFrame], pd.DataFrame]  # parts of a first prediction, one column a feature
VOLATILE = ("train_finish_time", "model_guid")  # metadata that differ between equal CatBoost models


class UnusableModel(ModelError, ValueError):
    """A stored model that must not predict; the message names the reason and the fix."""


class FeatureMismatch(ValueError):
    """Features differ from the contract's in name or order."""


class ArtifactFormat(StrEnum):
    """File formats of artefacts; never a pickle, which runs any code it contains.

    XGBoost writes JSON: its UBJ reader takes a truncated file for one of endless arrays and ends the process.
    """

    XGBOOST = "xgb_json"
    CATBOOST = "cbm"
    RATES = "rates_json"  # XGBoost's JSON beside the parameters of ridges and distributions
    PARAMETERS = "params_json"


# Of the names under which a library may be installed the first that is; without a library there is only a spread.
_XGBOOST = ("xgboost", "xgboost-cpu")
DISTRIBUTIONS = {
    ArtifactFormat.XGBOOST: _XGBOOST,
    ArtifactFormat.RATES: _XGBOOST,
    ArtifactFormat.CATBOOST: ("catboost",),
}


def library_version(artifact_format: ArtifactFormat) -> str:
    """Return the library that reads an artefact; another version once moved a prediction by 8.6 points."""
    for distribution in DISTRIBUTIONS.get(artifact_format, ()):
        with suppress(importlib.metadata.PackageNotFoundError):
            return f"{distribution.removesuffix('-cpu')} {importlib.metadata.version(distribution)}"
    return "spread 1"


def feature_frame(rows: pd.DataFrame, contract: FeatureContract) -> pd.DataFrame:
    """Return the contract's columns as numbers; columns in another order are refused, never reordered silently."""
    columns = [name for name in rows.columns if name in contract.names]
    _check_features(f"the frame for {contract.stamp}", columns, contract)
    return rows[list(contract.names)].astype(TYPE)


@dataclass(frozen=True)
class XGBoostLearner:
    """Gradient boosted trees by XGBoost; equal training gives equal bytes."""

    format: ClassVar[ArtifactFormat] = ArtifactFormat.XGBOOST
    booster: "xgboost.Booster"
    contract: FeatureContract

    @classmethod
    def fit(cls, contract: FeatureContract, config: XGBoostConfig, split: TrainingSplit) -> Self:
        """Fit trees on the training rows and keep as many as are best on the validation rows."""
        import xgboost

        train, validation = (_matrix(part, contract, part.points) for part in (split.train, split.validation))
        booster = xgboost.train(
            config.parameters(),
            train,
            config.trees,
            evals=[(validation, "validation")],
            early_stopping_rounds=config.patience,
            verbose_eval=False,
        )
        best = booster[: booster.best_iteration + 1]
        best.set_attr(best_iteration=None, best_score=None)
        return cls(best, contract)

    @classmethod
    def from_bytes(cls, artifact: bytes, contract: FeatureContract) -> Self:
        """Read a stored learner."""
        import xgboost

        if not artifact:  # XGBoost ends the whole process over it
            raise UnusableModel("XGBoost cannot read an empty file")
        booster = xgboost.Booster({"nthread": PREDICTION_THREADS})
        try:
            booster.load_model(bytearray(artifact))
        except xgboost.core.XGBoostError as error:
            raise UnusableModel(f"XGBoost cannot read it: {str(error).splitlines()[0]}") from error
        _check_features("the XGBoost model", booster.feature_names or [], contract)
        return cls(booster, contract)

    @property
    def trees(self) -> int:
        """Number of trees after early stopping."""
        return self.booster.num_boosted_rounds()

    def to_bytes(self) -> bytes:
        """Return the artefact."""
        return bytes(self.booster.save_raw("json"))

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return the predicted points of each row."""
        return self.booster.predict(_matrix(rows, self.contract)).astype("float64")

    def contributions(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return XGBoost's SHAP values."""
        values = self.booster.predict(_matrix(rows, self.contract), pred_contribs=True)
        return pd.DataFrame(values[:, :-1], rows.index, list(self.contract.names), dtype="float64")


@dataclass(frozen=True)
class CatBoostLearner:
    """A good baseline, plus CatBoost's gradient boosted symmetric trees trained on its residuals.

    The line contains more information than all other features together, and trees that start from the league's mean
    lose much of it: on rows with a line their error was 1.019 of the line's, and 1.001 when they started from the line
    (2022-24). They are also better without a line.
    """

    format: ClassVar[ArtifactFormat] = ArtifactFormat.CATBOOST
    model: "catboost.CatBoost"
    contract: FeatureContract
    baseline: Baseline

    @classmethod
    def fit(cls, contract: FeatureContract, config: CatBoostConfig, split: TrainingSplit, baseline: Baseline) -> Self:
        """Fit trees on the residuals of the baseline, where it is known; keep as many as are best in validation."""
        import catboost

        pools = []
        for rows in (split.train, split.validation):
            residual = rows.points - _sum(baseline(rows))
            known = residual.notna()
            pools.append(_pool(rows[known], contract, residual[known]))
        model = catboost.CatBoost(config.parameters())
        model.fit(pools[0], eval_set=pools[1], use_best_model=True)
        for name in VOLATILE:
            model.get_metadata()[name] = ""
        return cls(model, contract, baseline)

    @classmethod
    def from_bytes(cls, artifact: bytes, contract: FeatureContract, baseline: Baseline) -> Self:
        """Read a stored learner."""
        import catboost

        model = catboost.CatBoost()
        try:
            model.load_model(blob=artifact)
        except catboost.CatBoostError as error:
            raise UnusableModel(f"CatBoost cannot read it: {str(error).splitlines()[0]}") from error
        _check_features("the CatBoost model", model.feature_names_, contract)
        return cls(model, contract, baseline)

    @property
    def trees(self) -> int:
        """Number of trees after early stopping."""
        return self.model.tree_count_

    def to_bytes(self) -> bytes:
        """Return the artefact; the baseline is code and not part of it."""
        return self.model._serialize_model()

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return baseline plus residual of each row, NaN where there is no baseline."""
        residual = self.model.predict(_pool(rows, self.contract), thread_count=PREDICTION_THREADS)
        return _sum(self.baseline(rows)).to_numpy() + residual

    def contributions(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature added to the baseline, plus CatBoost's SHAP values of the residual."""
        pool = _pool(rows, self.contract)
        values = self.model.get_feature_importance(pool, type="ShapValues", thread_count=PREDICTION_THREADS)
        moved = pd.DataFrame(values[:, :-1], rows.index, list(self.contract.names))
        return moved.add(self.baseline(rows).reindex(columns=moved.columns, fill_value=0.0))


StoredLearner = XGBoostLearner | CatBoostLearner


def line_baseline(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the market's line, NaN where there is none."""
    return rows[["vegas_points_line"]].astype("float64")


def line_or_averages_baseline(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the line where there is one, else the weighted averages."""
    line = rows["vegas_points_line"].astype("float64")
    averages = rows[list(AVERAGE_WEIGHTS)].astype("float64").mul(pd.Series(AVERAGE_WEIGHTS))
    return averages.where(line.isna(), 0.0).assign(vegas_points_line=line.where(line.notna(), 0.0))


def _sum(parts: pd.DataFrame) -> pd.Series:
    return parts.sum(axis=1, skipna=False)


def _check_features(owner: str, names: Sequence[str], contract: FeatureContract) -> None:
    if tuple(names) == contract.names:
        return
    if missing := [name for name in contract.names if name not in names]:
        raise FeatureMismatch(f"{owner} lacks {missing} of {contract.stamp}: build the frame from the contract's names")
    place, name = next((n, name) for n, name in enumerate(names) if n >= len(contract) or name != contract.names[n])
    expected = contract.names[place] if place < len(contract) else "no further feature"
    raise FeatureMismatch(f"{owner}: expected {expected} as feature {place}, found {name}; keep the contract's order")


def _matrix(rows: pd.DataFrame, contract: FeatureContract, target: Any = None) -> "xgboost.DMatrix":
    import xgboost

    values = feature_frame(rows, contract).to_numpy()
    return xgboost.DMatrix(values, label=target, feature_names=list(contract.names), nthread=1)


def _pool(rows: pd.DataFrame, contract: FeatureContract, target: Any = None) -> "catboost.Pool":
    import catboost

    return catboost.Pool(feature_frame(rows, contract), label=target)
