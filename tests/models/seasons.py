"""Made-up training rows: players with a level of their own, games around it, and lines on half of them."""

import datetime as dt

import numpy as np
import pandas as pd

from models.features import EXTENDED
from models.inference.forecast import ID_COLUMNS, NUMBER_COLUMNS, TEXT_COLUMNS
from models.systems.base import SystemId
from models.training.config import CatBoostConfig, TrainingConfig, XGBoostConfig

MONTH = dt.date(2024, 12, 1)  # 25 of the 40 dates of a past are before it
TINY = TrainingConfig(
    validation_dates=10,
    least_rows=300,
    least_rows_with_line=200,
    xgboost=XGBoostConfig(trees=20, patience=5, max_depth=3, learning_rate=0.3, min_child_weight=5),
    catboost=CatBoostConfig(threads=1, trees=20, patience=5, depth=3, learning_rate=0.3, l2_leaf_reg=3),
    extended=CatBoostConfig(threads=1, trees=20, patience=5, depth=3, learning_rate=0.3, l2_leaf_reg=3),
    anchored=CatBoostConfig(threads=1, trees=10, patience=5, depth=2),
)
LEARNED = (SystemId.XGBOOST, SystemId.CATBOOST, SystemId.CATBOOST_EXTENDED, SystemId.MARKET_ANCHORED)


def training_rows(dates: int = 40, players: int = 30, first: str = "2024-11-06", seed: int = 1) -> pd.DataFrame:
    """Return games on consecutive days, each of every player, in random order; half of them have a line."""
    chance = np.random.default_rng(seed)
    n = dates * players
    level = np.tile(np.linspace(4, 30, players), dates)
    low, high = (np.array([getattr(f, side) for f in EXTENDED]) for side in ("low", "high"))
    features = pd.DataFrame(low + (high - low) * chance.uniform(0.4, 0.6, (n, len(EXTENDED))), columns=EXTENDED.names)
    for name in ("points_avg_last_5", "points_avg_last_10", "points_avg_season", "points_avg_last_60"):
        features[name] = (level + chance.normal(0, 3, n)).clip(0, 60)
    line = np.where(np.arange(n) % 2 == 0, np.floor(level) + 0.5, np.nan)
    others = {
        **{name: np.nan for name in NUMBER_COLUMNS},
        **{name: None for name in TEXT_COLUMNS},
        **{name: "x" for name in ID_COLUMNS},
        "game_date": np.repeat(pd.date_range(first, periods=dates), players),
        "player_lookup": np.tile([f"player{p:02d}" for p in range(players)], dates),
        "player_id": np.tile(np.arange(players), dates),
        "feature_quality_score": 95.0,
        "line": line,
        "is_prop_eligible": True,
        "points": np.maximum(0, np.round(level + chance.normal(0, 6, n))),
    }
    rows = pd.concat([features, pd.DataFrame(others, index=features.index)], axis=1)
    rows["vegas_points_line"] = line
    return rows.sample(frac=1, random_state=seed, ignore_index=True)
