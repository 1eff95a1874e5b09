"""Mean of three systems, weighted by their confidence.

A challenger joins the members only after a promotion: a new member changes the forecast that was graded so far. Shot
zones and similar games are no members: without both, its error was 0.04 to 0.05 points smaller in each of the seasons
2021-22 to 2024-25, and the same in the first months of 2025-26. Until the first tree is trained it abstains.
"""

from operator import lt
from typing import Any

import numpy as np
import pandas as pd

from models.systems.base import (
    COMPONENT_DECIMALS,
    AbstainReason,
    Family,
    Forecasts,
    Learner,
    System,
    SystemId,
    first_reason,
    forecast_frame,
    names_where,
)
from models.systems.rules import step

MEMBERS = (SystemId.MOVING_AVERAGE, SystemId.XGBOOST, SystemId.CATBOOST)
MIN_MEMBERS = 2


def forecast(rows: pd.DataFrame, _learner: Learner | None, before: Forecasts) -> pd.DataFrame:
    """Return the mean of the members that predicted, weighted by confidence."""
    points, confidence = _of_members(before, "predicted_value"), _of_members(before, "confidence_score")
    weights = confidence.div(confidence.sum(axis=1, min_count=1), axis=0)
    too_few = points.notna().sum(axis=1) < MIN_MEMBERS
    return forecast_frame(
        rows,
        (points * weights).sum(axis=1, min_count=1),
        _confidence(points, confidence),
        first_reason(rows.index, {AbstainReason.TOO_FEW_SYSTEMS: too_few}),
        names_where(points.isna()),
        _components(points, weights),
    )


def has_majority(edge: pd.Series, line: pd.Series, before: Forecasts) -> pd.Series:
    """Return True where over half of the members that predicted are on the edge's side of the line."""
    points = _of_members(before, "predicted_value")
    agree = np.sign(points.sub(line, axis=0)).eq(np.sign(edge), axis=0).sum(axis=1)
    return 2 * agree > points.notna().sum(axis=1)


def _of_members(before: Forecasts, column: str) -> pd.DataFrame:
    return pd.DataFrame({str(system): before[system][column] for system in MEMBERS})


def _confidence(points: pd.DataFrame, confidence: pd.DataFrame) -> pd.Series:
    """Return the members' mean confidence, raised where they agree and all of them predicted."""
    agreement = step(points.std(axis=1), lt, {2: 10, 3: 5, 6: -5}, -10)
    return (confidence.mean(axis=1) + agreement + 5.0 * points.notna().all(axis=1)).clip(20, 95)


def _components(points: pd.DataFrame, weights: pd.DataFrame) -> list[list[dict[str, Any]]]:
    values, shares = (frame.round(COMPONENT_DECIMALS).to_numpy().tolist() for frame in (points, weights))
    return [
        [
            {"system": name, "prediction": value, "weight": weight}
            for name, value, weight in zip(points.columns, *row, strict=True)
            if value == value
        ]
        for row in zip(values, shares, strict=True)
    ]


ENSEMBLE = System(SystemId.ENSEMBLE, Family.ENSEMBLE, forecast, has_majority=has_majority)
