"""Forecasts of every market by the models of a month, each row by its variant."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.markets import MARKETS, Market
from models.rates.inputs import KEYS, checked
from models.rates.model import RatesModel
from models.rates.variants import Variant, variant_of

COLUMNS = (*KEYS, "market", "variant", "minutes", "mean", "median", "value", "deviation", "line", "over", "push")
UNKNOWN = dict.fromkeys(("minutes", "mean", "median", "value", "deviation", "over", "push"), np.nan)


def forecast_markets(
    rows: pd.DataFrame,
    models: Mapping[Variant, RatesModel],
    lines: pd.DataFrame | None = None,
    markets: Mapping[str, Market] = MARKETS,
) -> pd.DataFrame:
    """Return one row for each row and market: minutes, mean, median, value, deviation, chances of over and push.

    `value` is the point forecast: the median, or the mean of a market that has no distribution yet.
    `lines` has the index of `rows` and a column a market. What cannot be forecast is NaN: everything without the
    variant's model or a history, median and chances without a distribution, and chances without a line.
    """
    rows = checked(rows, dict.fromkeys(count for market in markets.values() for count in market.counts))
    lines = (pd.DataFrame(index=rows.index) if lines is None else lines).reindex(columns=[*markets]).astype("float64")
    parts = []
    for name, own in rows.groupby(variant_of(rows)):
        variant = Variant(str(name))
        made = _forecast(own, models.get(variant), lines.loc[own.index], markets)
        parts += [columns.assign(market=key, variant=variant.value) for key, columns in made.items()]
    return pd.concat(parts)[list(COLUMNS)]


def _forecast(
    rows: pd.DataFrame, model: RatesModel | None, lines: pd.DataFrame, markets: Mapping[str, Market]
) -> dict[str, pd.DataFrame]:
    """Return the forecasts of each market by one model; all unknown without one."""
    columns = {key: rows[list(KEYS)].assign(**UNKNOWN, line=lines[key]) for key in markets}
    if model is None:
        return columns
    forecast = model.forecast(rows)
    chances = model.chances(forecast, markets)
    for key, market in markets.items():
        mean = forecast.expected(market).mean
        made = {"minutes": forecast.minutes, "mean": mean, "value": mean}
        if key in chances.distributions:
            over, push, _ = chances.over(key, lines[key].to_numpy())
            deviation = chances.distributions[key].deviation(chances.expected[key])
            median = chances.median(key)
            made |= {"median": median, "value": median, "deviation": deviation, "over": over, "push": push}
        columns[key] = columns[key].assign(**made)
    return columns
