"""References that all systems are compared with: the season average and the market's line."""

import pandas as pd

from models.systems.base import AbstainReason, Family, Forecasts, Learner, System, SystemId, is_missing
from models.systems.rules import forecast_from_terms


def season_average(rows: pd.DataFrame, _learner: Learner | None, _before: Forecasts) -> pd.DataFrame:
    """Forecast the player's season average, with the same confidence for every player."""
    required = ("points_avg_season",)
    reasons = {AbstainReason.MISSING_INPUT: is_missing(rows, required)}
    return forecast_from_terms(rows, {"season": rows.points_avg_season}, 50.0, reasons, required)


def market_line(rows: pd.DataFrame, _learner: Learner | None, _before: Forecasts) -> pd.DataFrame:
    """Forecast the line itself; it has no edge over itself, so it never picks and has no confidence."""
    required = ("line",)
    reasons = {AbstainReason.NO_LINE: is_missing(rows, required)}
    return forecast_from_terms(rows, {"line": rows.line}, float("nan"), reasons, required)


SEASON_AVERAGE = System(SystemId.SEASON_AVERAGE, Family.REFERENCE, season_average)
MARKET_LINE = System(SystemId.MARKET_LINE, Family.REFERENCE, market_line, picks=False)
