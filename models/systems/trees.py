"""Forecasts of the trained systems by the learner of the month; without a verified one they abstain."""

from functools import partial
from operator import ge, lt
from typing import Any

import numpy as np
import pandas as pd

from models.features import BASE, EXTENDED, FeatureContract
from models.systems.base import (
    COMPONENT_DECIMALS,
    REQUIRE_LINE,
    AbstainReason,
    Family,
    Forecasts,
    Learner,
    System,
    SystemId,
    first_reason,
    forecast_frame,
    is_missing,
    names_where,
    to_json,
)
from models.systems.rules import step, sum_known

REQUIRED = BASE.names[:3]  # the averages: without them a tree predicts little more than the league's mean
QUALITY, SPREAD = "feature_quality_score", "points_std_last_10"  # inputs of the confidence
SHOWN_FEATURES = 5


class InvalidPrediction(ValueError):
    """A learner returned something other than one finite number for each row."""


def tree_system(system: SystemId, family: Family, contract: FeatureContract = BASE) -> System:
    """Return the system that forecasts with the month's learner."""
    return System(system, family, partial(_forecast, system, contract), trained=True)


def _forecast(
    system: SystemId, contract: FeatureContract, rows: pd.DataFrame, learner: Learner | None, _before: Forecasts
) -> pd.DataFrame:
    reasons = {
        AbstainReason.NO_MODEL: np.full(len(rows), learner is None),
        AbstainReason.NO_LINE: rows.line.isna() & (system in REQUIRE_LINE),
        AbstainReason.MISSING_INPUT: is_missing(rows, REQUIRED),
    }
    abstain_reason = first_reason(rows.index, reasons)
    usable = abstain_reason.isna().to_numpy()
    points = np.full(len(rows), np.nan)
    if learner is not None and usable.any():
        points[usable] = _predict(system, learner, rows[usable])
    missing = names_where(rows[[*contract.names, QUALITY]].isna())
    unexplained: list[list[dict[str, Any]]] = [[]] * len(rows)
    return forecast_frame(rows, points, _confidence(rows), abstain_reason, missing, unexplained)


def with_explanations(
    forecasts: pd.DataFrame, rows: pd.DataFrame, learner: Learner, explained: pd.Series
) -> pd.DataFrame:
    """Add the features that moved each chosen forecast most to `components`.

    They take longer than all else of a forecast together, so only those that somebody will read are computed.
    """
    chosen = (explained & forecasts.predicted_value.notna()).to_numpy()
    if not chosen.any():
        return forecasts
    components = forecasts.components.to_numpy(copy=True)
    components[chosen] = [*map(to_json, _strongest_features(rows[chosen], learner.contributions(rows[chosen])))]
    return forecasts.assign(components=components)


def _predict(system: SystemId, learner: Learner, rows: pd.DataFrame) -> np.ndarray:
    points = np.asarray(learner.predict(rows), dtype="float64")
    if points.shape != (len(rows),) or not np.isfinite(points).all():
        raise InvalidPrediction(
            f"{system}: expected {len(rows)} finite numbers from the month's model, found an array of shape "
            f"{points.shape} with {int((~np.isfinite(points)).sum())} that are not finite; train the month again"
        )
    return points


def _confidence(rows: pd.DataFrame) -> pd.Series:
    """Return a confidence that is higher for complete features and steady scorers."""
    parts = {
        "quality": step(rows[QUALITY], ge, {90: 10, 80: 7, 70: 5}, 0),
        "spread": step(rows[SPREAD], lt, {4: 10, 6: 7, 8: 5}, 0),
    }
    return 50 + sum_known(parts)


def _strongest_features(rows: pd.DataFrame, contributions: pd.DataFrame) -> list[list[dict[str, Any]]]:
    """Return the features that moved each prediction most, strongest first; an unknown value is None."""
    points = contributions.to_numpy(dtype="float64")
    order = np.argsort(-np.abs(points), axis=1, kind="stable")[:, :SHOWN_FEATURES]
    names = np.array(contributions.columns, dtype=object)[order]
    values = np.take_along_axis(rows[list(contributions.columns)].to_numpy(dtype="float64"), order, axis=1)
    moved = np.take_along_axis(points, order, axis=1)
    columns = (names, values.round(COMPONENT_DECIMALS), moved.round(COMPONENT_DECIMALS))
    return [
        [
            {"feature": feature, "value": value if value == value else None, "points": added}
            for feature, value, added in zip(*row, strict=True)
        ]
        for row in zip(*(column.tolist() for column in columns), strict=True)
    ]


XGBOOST = tree_system(SystemId.XGBOOST, Family.TREES)
CATBOOST = tree_system(SystemId.CATBOOST, Family.TREES)
CATBOOST_EXTENDED = tree_system(SystemId.CATBOOST_EXTENDED, Family.TREES, contract=EXTENDED)
MARKET_ANCHORED = tree_system(SystemId.MARKET_ANCHORED, Family.MARKET)
