"""Mean of the moving average and two trees, weighted by their confidence.

Where no tree predicts (none is trained yet, or the month has none), shot zones and similar games stand in for the
trees. Beside a tree they do not count: without them the error was 0.04 to 0.05 points smaller in each of the seasons
2021-22 to 2024-25, and the same in the first months of 2025-26. A challenger joins the members only after a promotion:
a new member changes the forecast that was graded so far.
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

TREES = (SystemId.XGBOOST, SystemId.CATBOOST)
MEMBERS = (SystemId.MOVING_AVERAGE, *TREES)
SUBSTITUTES = (SystemId.ZONE_MATCHUP, SystemId.SIMILARITY)  # one for each tree
MIN_MEMBERS = 2


def forecast(rows: pd.DataFrame, _learner: Learner | None, before: Forecasts) -> pd.DataFrame:
    """Return the mean of the systems that count and predicted, weighted by confidence."""
    counts = _counts(before)
    points, confidence = (_of_systems(before, name).where(counts) for name in ("predicted_value", "confidence_score"))
    weights = confidence.div(confidence.sum(axis=1, min_count=1), axis=0)
    too_few = points.notna().sum(axis=1) < MIN_MEMBERS
    return forecast_frame(
        rows,
        (points * weights).sum(axis=1, min_count=1),
        _confidence(points, confidence),
        first_reason(rows.index, {AbstainReason.TOO_FEW_SYSTEMS: too_few}),
        names_where(points.isna() & counts),
        _components(points, weights),
    )


def has_majority(edge: pd.Series, line: pd.Series, before: Forecasts) -> pd.Series:
    """Return True where over half of the systems that count and predicted are on the edge's side of the line."""
    points = _of_systems(before, "predicted_value").where(_counts(before))
    agree = np.sign(points.sub(line, axis=0)).eq(np.sign(edge), axis=0).sum(axis=1)
    return 2 * agree > points.notna().sum(axis=1)


def _counts(before: Forecasts) -> pd.DataFrame:
    """Return for each system True in the rows where it counts: a member everywhere, a substitute without a tree."""
    points = _of_systems(before, "predicted_value")
    no_tree = points[[str(tree) for tree in TREES]].isna().all(axis=1)
    return pd.DataFrame({name: no_tree if name in SUBSTITUTES else True for name in points}, index=points.index)


def _of_systems(before: Forecasts, column: str) -> pd.DataFrame:
    return pd.DataFrame({str(system): before[system][column] for system in (*MEMBERS, *SUBSTITUTES)})


def _confidence(points: pd.DataFrame, confidence: pd.DataFrame) -> pd.Series:
    """Return the mean confidence, raised where the systems agree and three predicted: all members, or substitutes."""
    agreement = step(points.std(axis=1), lt, {2: 10, 3: 5, 6: -5}, -10)
    return (confidence.mean(axis=1) + agreement + 5.0 * (points.count(axis=1) == len(MEMBERS))).clip(20, 95)


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
