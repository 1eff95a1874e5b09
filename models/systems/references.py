"""What every system is held against: the season's mean and the market's number."""

import pandas as pd

from models.systems.base import (
    Abstained,
    Family,
    Forecasts,
    Learner,
    System,
    SystemId,
    first_reason,
    is_missing,
)
from models.systems.rules import added_up


def season_average(evenings: pd.DataFrame, _learner: Learner | None, _before: Forecasts) -> pd.DataFrame:
    """His mean of the season; the same confidence in everyone."""
    required = ("points_avg_season",)
    abstained = first_reason(evenings.index, {Abstained.MISSING_INPUT: is_missing(evenings, required)})
    confidence = pd.Series(50.0, evenings.index)
    return added_up(evenings, {"season": evenings.points_avg_season}, confidence, abstained, required)


def market_line(evenings: pd.DataFrame, _learner: Learner | None, _before: Forecasts) -> pd.DataFrame:
    """The line cannot be bet against itself: it never picks, ranks nothing, and so has no confidence."""
    required = ("line",)
    abstained = first_reason(evenings.index, {Abstained.NO_LINE: is_missing(evenings, required)})
    confidence = pd.Series(float("nan"), evenings.index)
    return added_up(evenings, {"line": evenings.line}, confidence, abstained, required)


SEASON_AVERAGE = System(
    SystemId.SEASON_AVERAGE, Family.REFERENCE, least_confidence=45, least_edge=2.0, forecast=season_average
)
MARKET_LINE = System(
    SystemId.MARKET_LINE, Family.REFERENCE, least_confidence=0, least_edge=0, forecast=market_line, picks=False
)
