"""Training of the rates models, month by month: each month from the rows before it, forecast out of sample.

The means are trained on minutes as they were forecast, and the distributions on means as they were forecast: trained on
fitted ones, they would trust them more than they deserve.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from models.inference.odds import Numbers
from models.markets import MARKETS, Market
from models.rates.counts import LEAST_ROWS, CountDistribution, Expectation
from models.rates.inputs import minutes_features
from models.rates.minutes import MinutesConfig, fit_minutes, forecast_minutes
from models.rates.model import RatesForecast, RatesModel, forecast_means
from models.rates.ridge import PENALTY, Ridge, products
from models.rates.terms import REASONS, terms
from models.rates.variants import ORDER
from models.training.learners import XGBoostLearner

SEASON_STARTS = 8  # August: every season begins after it and ends before it


@dataclass(frozen=True)
class RatesConfig:
    """Settings of a training. Means need `least_rows` rows with minutes forecast out of sample."""

    minutes: MinutesConfig = field(default_factory=MinutesConfig)
    penalty: float = PENALTY
    least_rows: int = 2_000


def train_months(
    rows: pd.DataFrame,
    months: Sequence[dt.date],
    config: RatesConfig,
    trained: Mapping[dt.date, XGBoostLearner] | None = None,
    markets: Mapping[str, Market] = MARKETS,
) -> Iterator[tuple[dt.date, RatesModel]]:
    """Yield the model of each of the months, in order, except months with too few rows before them.

    `rows` are those of one variant, with `actual_minutes` and `actual_<count>` of what happened. `trained` are models
    of minutes that exist already, by month: only the others are fitted.
    """
    rows = rows.assign(game_date=pd.to_datetime(rows.game_date)).sort_values(ORDER, ignore_index=True)
    start = rows.game_date.dt.to_period("M").dt.to_timestamp()
    features, played = minutes_features(rows), rows.actual_minutes
    past, asked = _Past(config, markets), {pd.Timestamp(month) for month in months}
    for month in sorted({*start.unique(), *asked}):
        if month > max(asked):
            break
        earlier = int((start < month).sum())
        minutes = (trained or {}).get(month.date()) or fit_minutes(
            features.iloc[:earlier], played.iloc[:earlier], config.minutes
        )
        if minutes is None:
            continue
        ridges = past.ridges()
        if month in asked and ridges:
            yield month.date(), RatesModel(minutes, ridges, past.distributions(month))
        past.add(month, rows[start == month], minutes, ridges)


@dataclass
class _Past:
    """Sums of products for each count, and forecasts made out of sample, of all earlier months."""

    config: RatesConfig
    markets: Mapping[str, Market]
    sums: dict[str, Numbers] = field(default_factory=dict)
    forecasts: list[tuple[pd.Timestamp, RatesForecast, pd.DataFrame]] = field(default_factory=list)
    fitted: dict[pd.Timestamp, dict[str, CountDistribution]] = field(default_factory=dict)

    @property
    def bases(self) -> list[str]:
        return list(dict.fromkeys(count for market in self.markets.values() for count in market.counts))

    def add(
        self, month: pd.Timestamp, rows: pd.DataFrame, minutes: XGBoostLearner, ridges: Mapping[str, Ridge]
    ) -> None:
        """Add the rows of a month, forecast by the models of that month."""
        if rows.empty:
            return
        expected = forecast_minutes(minutes, minutes_features(rows))
        for base in self.bases:
            of_month = products(terms(rows, base, expected), rows[f"actual_{base}"])
            self.sums[base] = self.sums.get(base, 0.0) + of_month
        if ridges:
            forecast = forecast_means(ridges, rows, expected)
            self.forecasts.append((month, forecast, rows[[f"actual_{base}" for base in self.bases]]))

    def ridges(self) -> dict[str, Ridge]:
        """Return the means' models; none before there are rows enough."""
        if not self.sums or self.sums[self.bases[0]][0, 0] < self.config.least_rows:
            return {}
        return {base: Ridge.solve(tuple(REASONS), self.sums[base], self.config.penalty) for base in self.bases}

    def distributions(self, month: pd.Timestamp) -> dict[str, CountDistribution]:
        """Return the distributions, fitted before the month's season; in a first season, before the month.

        A season barely moves them, and they take longer to fit than everything else.
        """
        season = pd.Timestamp(month.year - (month.month < SEASON_STARTS), SEASON_STARTS, 1)
        before = season if self._rows_before(season) >= LEAST_ROWS else month
        if before not in self.fitted:
            self.fitted[before] = dict(self._fit(before))
        return self.fitted[before]

    def _rows_before(self, end: pd.Timestamp) -> int:
        return sum(len(actual) for month, _, actual in self.forecasts if month < end)

    def _fit(self, end: pd.Timestamp) -> Iterator[tuple[str, CountDistribution]]:
        past = [(forecast, actual) for month, forecast, actual in self.forecasts if month < end]
        if not past:
            return
        for key, market in self.markets.items():
            counts = [f"actual_{count}" for count in market.counts]
            expected = Expectation.join([forecast.expected(market) for forecast, _ in past])
            actual = np.concatenate([actual[counts].sum(axis=1, skipna=False) for _, actual in past])
            fitted = CountDistribution.fit(expected, actual.astype("float64"))
            if fitted:
                yield key, fitted
