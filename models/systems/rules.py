"""Helpers of the rule systems: step functions, and sums of terms that omit and name unknown inputs."""

from collections.abc import Callable, Mapping
from operator import ge, gt, lt
from typing import Any

import numpy as np
import pandas as pd

from models.systems.base import COMPONENT_DECIMALS, MAX_POINTS, AbstainReason, first_reason, forecast_frame, names_where

FORM = ("points_std_last_10", "games_in_last_7_days")  # inputs of `form_confidence`


def step(values: pd.Series, compare: Callable[[Any, float], Any], steps: Mapping[float, float], default: float) -> Any:
    """Return the points of the first step that holds, `default` if none does, NaN where the value is unknown."""
    holds = [compare(values, limit) for limit in steps]
    return pd.Series(np.select(holds, list(steps.values()), default), values.index).where(values.notna())


def fatigue_points(fatigue: pd.Series, below_50: float, below_70: float) -> pd.Series:
    """Return the cost of a low fatigue score; 100 is fresh, and a rested player loses nothing."""
    return step(fatigue, lt, {50: below_50, 70: below_70}, 0.0)


def venue_points(home_away: pd.Series, home: float, away: float) -> pd.Series:
    """Return the points for playing at home or away; 0 on a neutral floor."""
    return step(home_away, ge, {1.0: home, 0.5: 0.0}, away)


def form_confidence(rows: pd.DataFrame) -> pd.Series:
    """Return a confidence that is higher for steady scorers who played recently."""
    parts = {
        "spread": step(rows.points_std_last_10, gt, {6: -15, 4: -8}, 0),
        "played": step(rows.games_in_last_7_days, ge, {3: 10, 2: 5}, -10),
    }
    return (50 + sum_known(parts)).clip(20, 80)


def sum_known(parts: Mapping[str, pd.Series]) -> pd.Series:
    """Return the sum without unknown parts; the caller has to name them."""
    return pd.DataFrame(parts).sum(axis=1)


def forecast_from_terms(
    rows: pd.DataFrame,
    terms: Mapping[str, pd.Series],
    confidence: Any,
    reasons: Mapping[AbstainReason, pd.Series],
    inputs: tuple[str, ...],
) -> pd.DataFrame:
    """Return the sum of known terms, each a component; rows with a reason abstain, and unknown `inputs` are named."""
    points = sum_known(terms)
    limited = points.clip(0, MAX_POINTS)
    limit = (limited - points).where(limited != points)
    rounded = pd.DataFrame({**terms, "limit": limit}).round(COMPONENT_DECIMALS) + 0.0  # no -0.0
    components = [
        [{"term": name, "points": value} for name, value in zip(rounded.columns, row, strict=True) if value == value]
        for row in rounded.to_numpy().tolist()
    ]
    missing = names_where(rows[list(inputs)].isna())
    return forecast_frame(rows, limited, confidence, first_reason(rows.index, reasons), missing, components)
