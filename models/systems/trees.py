"""How every trained system forecasts; which learner it asks is the month's affair.

There is no fall-back: without a verified model of the month a trained system abstains.
"""

from collections.abc import Callable
from operator import ge, lt
from typing import Any

import numpy as np
import pandas as pd

from models.features import BASE, EXTENDED, FeatureContract
from models.systems.base import (
    NEED_A_LINE,
    PLACES,
    Abstained,
    Family,
    Forecasts,
    Learner,
    System,
    SystemId,
    first_reason,
    forecast_frame,
    is_missing,
    names_where,
)
from models.systems.rules import known_sum, ladder

REQUIRED = BASE.names[:3]  # the averages: a tree would answer without them, and only with the mean of the league
CONFIDENCE = ("feature_quality_score", "points_std_last_10")
TOLD = 5  # the features that moved a prediction most


class UnusableAnswer(ValueError):
    """A learner answered with something that is not one finite number for each row asked."""


def trained(system: SystemId, family: Family, least_edge: float, contract: FeatureContract = BASE) -> System:
    """A system around the month's learner."""
    return System(
        system,
        family,
        least_confidence=60,
        least_edge=least_edge,
        forecast=_asking(system, contract),
        trained=True,
    )


def _asking(
    system: SystemId, contract: FeatureContract
) -> Callable[[pd.DataFrame, Learner | None, Forecasts], pd.DataFrame]:
    def forecast(evenings: pd.DataFrame, learner: Learner | None, _before: Forecasts) -> pd.DataFrame:
        """The learner is asked only of the evenings it can answer for."""
        reasons = {
            Abstained.NO_MODEL: np.full(len(evenings), learner is None),
            Abstained.NO_LINE: evenings.line.isna() & (system in NEED_A_LINE),
            Abstained.MISSING_INPUT: is_missing(evenings, REQUIRED),
        }
        abstained = first_reason(evenings.index, reasons)
        asked = abstained.isna().to_numpy()
        points = np.full(len(evenings), np.nan)
        components: list[list[dict[str, Any]]] = [[] for _ in range(len(evenings))]
        if learner is not None and asked.any():
            points[asked] = _answer(system, learner, evenings[asked])
            told = _strongest(evenings[asked], learner.contributions(evenings[asked]))
            for place, terms in zip(np.flatnonzero(asked), told, strict=True):
                components[place] = terms
        inputs = [*contract.names, CONFIDENCE[0]]
        missing = names_where(evenings[inputs].isna())
        return forecast_frame(evenings, points, _confidence(evenings), abstained, missing, components)

    return forecast


def _answer(system: SystemId, learner: Learner, evenings: pd.DataFrame) -> np.ndarray:
    points = np.asarray(learner.predict(evenings), dtype="float64")
    if points.shape != (len(evenings),) or not np.isfinite(points).all():
        raise UnusableAnswer(
            f"{system}: expected {len(evenings)} finite numbers from the month's model, found an answer of shape "
            f"{points.shape} with {int((~np.isfinite(points)).sum())} that are not finite; train the month again"
        )
    return points


def _confidence(evenings: pd.DataFrame) -> pd.Series:
    """Known features and a steady scorer."""
    quality, spread = (evenings[name] for name in CONFIDENCE)
    parts = {
        "quality": ladder(quality, ge, {90: 10, 80: 7, 70: 5}, 0),
        "spread": ladder(spread, lt, {4: 10, 6: 7, 8: 5}, 0),
    }
    return 50 + known_sum(parts)


def _strongest(evenings: pd.DataFrame, contributions: pd.DataFrame) -> list[list[dict[str, Any]]]:
    """The features that moved each prediction most, strongest first; a feature that is not known is told as null."""
    points = contributions.to_numpy(dtype="float64")
    order = np.argsort(-np.abs(points), axis=1, kind="stable")[:, :TOLD]
    names = np.array(contributions.columns, dtype=object)[order]
    values = np.take_along_axis(evenings[list(contributions.columns)].to_numpy(dtype="float64"), order, axis=1)
    added = np.take_along_axis(points, order, axis=1)
    return [
        [
            {"feature": feature, "value": value if value == value else None, "points": moved}
            for feature, value, moved in zip(*row, strict=True)
        ]
        for row in zip(names.tolist(), values.round(PLACES).tolist(), added.round(PLACES).tolist(), strict=True)
    ]


XGBOOST = trained(SystemId.XGBOOST, Family.TREES, least_edge=1.5)
CATBOOST = trained(SystemId.CATBOOST, Family.TREES, least_edge=1.0)
CATBOOST_EXTENDED = trained(SystemId.CATBOOST_EXTENDED, Family.TREES, least_edge=1.0, contract=EXTENDED)
MARKET_ANCHORED = trained(SystemId.MARKET_ANCHORED, Family.MARKET, least_edge=1.0)
