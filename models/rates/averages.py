"""Plain averages of a market: what every forecast is compared with."""

from collections.abc import Mapping

import pandas as pd

from models.inference.odds import Numbers
from models.markets import Market
from models.system_ids import SystemId

WEIGHTS: Mapping[SystemId, Mapping[str, float]] = {
    SystemId.PLAIN_AVERAGE: {"last_5_average": 0.5, "last_10_average": 0.3, "season_average": 0.2},
    SystemId.SEASON_AVERAGE: {"season_average": 1.0},
}
MEASURES = tuple(WEIGHTS[SystemId.PLAIN_AVERAGE])


def average(system: SystemId, rows: pd.DataFrame, counts: tuple[str, ...]) -> Numbers:
    """Return the average of the sum of some counts; NaN without a game this season."""
    parts = [
        weight * rows[f"{count}_{measure}"].to_numpy("float64")
        for count in counts
        for measure, weight in WEIGHTS[system].items()
    ]
    return sum(parts[1:], parts[0])


def actual(rows: pd.DataFrame, market: Market) -> Numbers:
    """Return what happened: the sum of the market's counts, NaN if one of them is unknown."""
    return rows[[f"actual_{count}" for count in market.counts]].sum(axis=1, skipna=False).to_numpy("float64")
