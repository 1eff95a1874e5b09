"""Five systems heard together, each with the weight of its confidence.

Challengers enter by promotion only: whoever is added here changes the forecast everyone was graded on.
"""

from operator import lt
from typing import Any

import numpy as np
import pandas as pd

from models.systems.base import (
    PLACES,
    Abstained,
    Family,
    Forecasts,
    Learner,
    System,
    SystemId,
    first_reason,
    forecast_frame,
    names_where,
)
from models.systems.rules import ladder

COMPONENTS = (
    SystemId.MOVING_AVERAGE,
    SystemId.ZONE_MATCHUP,
    SystemId.SIMILARITY,
    SystemId.XGBOOST,
    SystemId.CATBOOST,
)
NEEDED = 2


def forecast(evenings: pd.DataFrame, _learner: Learner | None, before: Forecasts) -> pd.DataFrame:
    """The mean of the components that spoke, weighted by confidence."""
    points, confidence = _heard(before, "predicted_points"), _heard(before, "confidence_score")
    weights = confidence.div(confidence.sum(axis=1, min_count=1), axis=0)
    spoke = points.notna().sum(axis=1)
    abstained = first_reason(evenings.index, {Abstained.TOO_FEW_SYSTEMS: spoke < NEEDED})
    mean = (points * weights).sum(axis=1, min_count=1)
    return forecast_frame(
        evenings,
        mean,
        _confidence(points, confidence),
        abstained,
        names_where(points.isna()),
        _told(points, weights),
    )


def backed(edge: pd.Series, line: pd.Series, before: Forecasts) -> pd.Series:
    """Whether more than half of the components that spoke stand on the edge's side; on the line is on neither."""
    points = _heard(before, "predicted_points")
    agree = np.sign(points.sub(line, axis=0)).eq(np.sign(edge), axis=0).sum(axis=1)
    return 2 * agree > points.notna().sum(axis=1)


def _heard(before: Forecasts, column: str) -> pd.DataFrame:
    return pd.DataFrame({str(system): before[system][column] for system in COMPONENTS})


def _confidence(points: pd.DataFrame, confidence: pd.DataFrame) -> pd.Series:
    """Systems that agree, and all of them there."""
    agreement = ladder(points.std(axis=1), lt, {2: 10, 3: 5, 6: -5}, -10)
    return (confidence.mean(axis=1) + agreement + 5.0 * points.notna().all(axis=1)).clip(20, 95)


def _told(points: pd.DataFrame, weights: pd.DataFrame) -> list[list[dict[str, Any]]]:
    names = list(points.columns)
    return [
        [
            {"system": name, "prediction": value, "weight": weight}
            for name, value, weight in zip(names, *row, strict=True)
            if value == value
        ]
        for row in zip(points.round(PLACES).to_numpy().tolist(), weights.round(PLACES).to_numpy().tolist(), strict=True)
    ]


ENSEMBLE = System(
    SystemId.ENSEMBLE, Family.ENSEMBLE, least_confidence=65, least_edge=1.5, forecast=forecast, backed=backed
)
