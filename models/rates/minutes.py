"""Minutes that a player is expected to play if he plays: gradient boosted trees, fitted anew each month."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from models.inference.odds import Numbers
from models.rates.inputs import MINUTES, has_history
from models.training.config import SEED
from models.training.learners import XGBoostLearner

LEAST_MINUTES = 2.0  # a forecast below it would divide a player's rates by next to nothing


@dataclass(frozen=True)
class MinutesConfig:
    """Settings of the trees. They have no validation rows: 125 small trees fit no noise of 20,000 rows."""

    trees: int = 125
    learning_rate: float = 0.08
    max_leaves: int = 15
    min_child_weight: float = 100.0
    colsample_bytree: float = 0.5
    subsample: float = 0.7
    reg_lambda: float = 10.0
    max_bin: int = 63
    least_rows: int = 2_000

    def parameters(self) -> dict[str, Any]:
        """Return the parameters under XGBoost's names; one thread, so that equal rows give equal bytes."""
        own = {name: value for name, value in asdict(self).items() if name not in ("trees", "least_rows")}
        return own | {
            "objective": "reg:squarederror",
            "tree_method": "hist",
            "grow_policy": "lossguide",
            "max_depth": 0,
            "nthread": 1,
            "seed": SEED,
        }


def fit_minutes(features: pd.DataFrame, played: pd.Series, config: MinutesConfig) -> XGBoostLearner | None:
    """Return the model of the minutes played; None if there are too few rows of players with a history."""
    import xgboost

    known = has_history(features).to_numpy()
    if known.sum() < config.least_rows:
        return None
    matrix = xgboost.QuantileDMatrix(
        features.to_numpy("float32")[known],
        label=played.to_numpy("float32")[known],
        feature_names=list(features.columns),
        max_bin=config.max_bin,
        nthread=1,
    )
    return XGBoostLearner(xgboost.train(config.parameters(), matrix, config.trees), MINUTES)


def forecast_minutes(model: XGBoostLearner, features: pd.DataFrame) -> Numbers:
    """Return the expected minutes of each row, NaN for players without a history."""
    expected = np.maximum(model.predict(features), LEAST_MINUTES)
    return np.where(has_history(features), expected, np.nan)
