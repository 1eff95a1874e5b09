"""The rates model of a month and variant: expected minutes, each count's mean, each market's distribution."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd

from models.inference.odds import Numbers
from models.markets import MARKETS, Market
from models.rates.chances import PlayerChances
from models.rates.counts import CountDistribution, Expectation
from models.rates.inputs import MINUTES, minutes_features
from models.rates.minutes import forecast_minutes
from models.rates.ridge import Ridge
from models.rates.terms import STAMP as TERMS_STAMP
from models.rates.terms import terms
from models.training.learners import UnusableModel, XGBoostLearner

CONTRACT = f"{MINUTES.stamp} {TERMS_STAMP}"  # what the numbers of a model mean


@dataclass(frozen=True)
class RatesForecast:
    """Forecasts of rows: minutes, the deviation of his last ten games' minutes, and the mean of each count."""

    minutes: Numbers
    deviation: Numbers
    means: Mapping[str, Numbers]

    def expected(self, market: Market) -> Expectation:
        """Return what a market's distribution is formed from; its mean is the sum of the means of its counts."""
        first, *others = (self.means[count] for count in market.counts)
        return Expectation(sum(others, first), self.minutes, self.deviation)


@dataclass(frozen=True)
class RatesModel:
    """All parts of one month and variant. A market without enough earlier rows has no distribution."""

    minutes: XGBoostLearner
    ridges: Mapping[str, Ridge]
    distributions: Mapping[str, CountDistribution]

    @classmethod
    def from_bytes(cls, artifact: bytes) -> Self:
        """Read a stored model."""
        try:
            parts: dict[str, Any] = json.loads(artifact)
            contract, trees, ridges, distributions = (
                parts[name] for name in ("contract", "minutes", "ridges", "distributions")
            )
            if contract != CONTRACT:
                raise UnusableModel(f"expected features {CONTRACT}, found {contract}; train it again")
            return cls(
                XGBoostLearner.from_bytes(trees.encode(), MINUTES),
                {name: Ridge.from_dict(values) for name, values in ridges.items()},
                {name: CountDistribution.from_dict(values) for name, values in distributions.items()},
            )
        except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
            raise UnusableModel(f"cannot read a rates model: {type(error).__name__}: {error}") from error

    def to_bytes(self) -> bytes:
        """Return the artefact: JSON, with the trees as XGBoost's own JSON."""
        parts = {
            "contract": CONTRACT,
            "minutes": self.minutes.to_bytes().decode(),
            "ridges": {name: ridge.to_dict() for name, ridge in self.ridges.items()},
            "distributions": {name: own.to_dict() for name, own in self.distributions.items()},
        }
        return json.dumps(parts, allow_nan=False, sort_keys=True).encode()

    def forecast(self, rows: pd.DataFrame) -> RatesForecast:
        """Return the forecasts of rows that follow the contract; NaN for players without a history."""
        return forecast_means(self.ridges, rows, forecast_minutes(self.minutes, minutes_features(rows)))

    def explain(self, rows: pd.DataFrame, minutes: Numbers, market: Market) -> pd.DataFrame:
        """Return what each term adds to the mean of a market, in its unit; with `usual`, all columns sum to the mean.

        `minutes` are those of the forecast. The parts of a market that sums counts are sums, too.
        """
        parts = [
            self.ridges[count].contributions(terms(rows, count, minutes)).assign(usual=self.ridges[count].intercept)
            for count in market.counts
        ]
        return sum(parts[1:], parts[0])

    def chances(self, forecast: RatesForecast, markets: Mapping[str, Market] = MARKETS) -> PlayerChances:
        """Return the chances of the markets that have a distribution."""
        expected = {key: forecast.expected(markets[key]) for key in self.distributions}
        return PlayerChances(self.distributions, expected, markets)


def forecast_means(ridges: Mapping[str, Ridge], rows: pd.DataFrame, minutes: Numbers) -> RatesForecast:
    """Return the forecasts of rows whose minutes are forecast already."""
    means = {base: ridge.mean(terms(rows, base, minutes)) for base, ridge in ridges.items()}
    return RatesForecast(minutes, rows["minutes_last_10_deviation"].to_numpy("float64"), means)
