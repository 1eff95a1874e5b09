"""A model and the bookmakers' price together: a point near the line, and a chance near the price's.

A line and a price know much that a model does not. How far to go from them toward the model is a share learned from
earlier months: for the point by market, for the chance over all markets, because a single market has too few priced
rows. The chance has no other parameter: whether prices lean to one side is not learned, as that differs from month to
month.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from models.inference.odds import Numbers
from models.training.learners import UnusableModel

LEAST_ROWS = 1_000
PRIOR_ROWS = 1_500  # a market's own share counts for half when it has as many
HALVINGS = 40
MIN_CHANCE = 1e-4


@dataclass(frozen=True)
class Blend:
    """Shares of the distance from line to model, by market and pooled, and from the price's log odds to the model's."""

    shares: Mapping[str, float]
    pooled_share: float
    chance_share: float
    rows: int

    @classmethod
    def before(cls, month: dt.date, rows: pd.DataFrame) -> Self | None:
        """Fit to the rows before the month; None if too few of them have a price and a result.

        `rows` have `game_date`, `game_id`, `market`, `line`, `median`, `actual`, and the chances of over `price_over`,
        without the bookmaker's margin, and `model_over`, both given that there is no push; unknown chances are NaN.
        """
        earlier = rows[pd.to_datetime(rows.game_date) < pd.Timestamp(month)]
        priced = earlier[["price_over", "model_over"]].notna().all(axis=1) & (earlier.actual != earlier.line)
        decided = earlier[priced & earlier.actual.notna()]
        if len(decided) < LEAST_ROWS:
            return None
        return cls(*_shares(earlier), _chance_share(decided), len(decided))

    @classmethod
    def from_bytes(cls, artifact: bytes) -> Self:
        """Read a stored blend."""
        try:
            return cls(**json.loads(artifact))
        except (json.JSONDecodeError, UnicodeDecodeError, TypeError) as error:
            raise UnusableModel(f"cannot read a blend: {type(error).__name__}: {error}") from error

    def to_bytes(self) -> bytes:
        """Return the artefact: JSON."""
        return json.dumps(asdict(self), allow_nan=False, sort_keys=True).encode()

    def point(self, market: pd.Series, line: Any, median: Any) -> Numbers:
        """Return the line moved toward the model's median by the market's share; NaN without either."""
        share = market.map(self.shares).astype("float64").to_numpy()
        share = np.where(np.isnan(share), self.pooled_share, share)
        offered = np.asarray(line, dtype="float64")
        return offered + share * (np.asarray(median, dtype="float64") - offered)

    def over(self, price_over: Any, model_over: Any) -> Numbers:
        """Return the chance of over, given that there is no push, from the price's and the model's."""
        price = _logit(price_over)
        return _sigmoid(price + self.chance_share * (_logit(model_over) - price))


NOTHING_LEARNED = Blend({}, 0.0, 0.0, rows=0)


def _logit(chance: Any) -> Numbers:
    clipped = np.clip(np.asarray(chance, dtype="float64"), MIN_CHANCE, 1 - MIN_CHANCE)
    return np.log(clipped / (1 - clipped))


def _sigmoid(value: Numbers) -> Numbers:
    return 1 / (1 + np.exp(-value))


def _chance_share(decided: pd.DataFrame) -> float:
    """Return the share with the least log loss, from 0 to 1; each game weighs alike, as its rows share its surprises.

    The loss is convex: its slope, negated here, falls with the share.
    """
    price, over = _logit(decided.price_over), (decided.actual > decided.line).to_numpy()
    distance = _logit(decided.model_over) - price
    weighted = distance / decided.groupby("game_id").line.transform("size").to_numpy()
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        gain = float(weighted @ (over - _sigmoid(price + middle * distance)))
        low, high = (middle, high) if gain > 0 else (low, middle)
    return low


def _shares(rows: pd.DataFrame) -> tuple[dict[str, float], float]:
    """Return each market's share, drawn to the pooled one, and the pooled share.

    The share with the least absolute error is a median: of what happened beyond the line in units of the distance from
    line to model, each row weighing as much as its distance.
    """
    distance, beyond = rows["median"] - rows.line, rows.actual - rows.line
    known = distance.notna() & beyond.notna() & (distance != 0)
    rows, distance, beyond = rows[known], distance[known], beyond[known]
    scale = beyond.abs().groupby(rows.market).transform("mean")
    pooled = _share(beyond / distance, distance.abs() / scale)
    shares = {}
    for market, own in rows.groupby("market"):
        count, share = len(own), _share((beyond / distance)[own.index], distance[own.index].abs())
        shares[str(market)] = (count * share + PRIOR_ROWS * pooled) / (count + PRIOR_ROWS)
    return shares, pooled


def _share(ratio: pd.Series, weight: pd.Series) -> float:
    """Return the weighted median, as a share from 0 to 1; 0 without rows."""
    if not len(ratio):
        return 0.0
    order = np.argsort(ratio.to_numpy(), kind="stable")
    gathered = np.cumsum(weight.to_numpy()[order])
    return float(np.clip(ratio.to_numpy()[order][np.searchsorted(gathered, gathered[-1] / 2)], 0, 1))
