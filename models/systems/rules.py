"""What the rule systems share: ladders of points, and sums that leave out and name what is not known."""

from collections.abc import Callable, Mapping
from operator import ge, gt, lt
from typing import Any

import numpy as np
import pandas as pd

from models.systems.base import HIGHEST, PLACES, forecast_frame, names_where

FORM = ("points_std_last_10", "games_in_last_7_days")  # what the confidence in plain form rests on


def ladder(values: pd.Series, compare: Callable[[Any, float], Any], rungs: Mapping[float, float], below: float) -> Any:
    """The points of the first rung that holds, `below` where none does, nothing where the value is not known."""
    holds = [compare(values, rung) for rung in rungs]
    return pd.Series(np.select(holds, list(rungs.values()), below), values.index).where(values.notna())


def tired(fatigue: pd.Series, worn_out: float, tiring: float) -> pd.Series:
    """100 is fresh: low scores cost, and a rested player is never punished."""
    return ladder(fatigue, lt, {50: worn_out, 70: tiring}, 0.0)


def venue(home_away: pd.Series, home: float, away: float) -> pd.Series:
    """A neutral floor is nobody's."""
    return ladder(home_away, ge, {1.0: home, 0.5: 0.0}, away)


def confidence_in_form(evenings: pd.DataFrame) -> pd.Series:
    """Steady scorers who have played lately are easier to foresee."""
    parts = {
        "spread": ladder(evenings.points_std_last_10, gt, {6: -15, 4: -8}, 0),
        "played": ladder(evenings.games_in_last_7_days, ge, {3: 10, 2: 5}, -10),
    }
    return (50 + known_sum(parts)).clip(20, 80)


def known_sum(parts: Mapping[str, pd.Series]) -> pd.Series:
    """Leaves out what is not known; the caller names it."""
    return pd.DataFrame(parts).sum(axis=1)


def added_up(
    evenings: pd.DataFrame,
    terms: Mapping[str, pd.Series],
    confidence: pd.Series,
    abstained: pd.Series,
    inputs: tuple[str, ...],
) -> pd.DataFrame:
    """The forecast that is the sum of its known terms, each told in its points."""
    points = known_sum(terms)
    limited = points.clip(0, HIGHEST)
    told = pd.DataFrame({**terms, "limit": (limited - points).where(limited != points)}).round(PLACES) + 0.0  # no -0.0
    names = list(told.columns)
    components = [
        [{"term": name, "points": value} for name, value in zip(names, row, strict=True) if value == value]
        for row in told.to_numpy().tolist()
    ]
    return forecast_frame(
        evenings, limited, confidence, abstained, names_where(evenings[list(inputs)].isna()), components
    )
