"""Forecast inputs of the example player of the rule book, and a learner that returns given points."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.features import EXTENDED
from models.inference.forecast import ID_COLUMNS, NUMBER_COLUMNS, TEXT_COLUMNS
from models.systems import SYSTEMS_BY_ID
from models.systems.base import Learner, SystemId

EXAMPLE: dict[str, Any] = {
    "game_date": "2024-12-01",
    "player_lookup": "exampleplayer",
    "game_id": "0022400300",
    "player_id": 7,
    "team_abbr": "BOS",
    "opponent_team_abbr": "NYK",
    "player_status": None,
    "points_avg_last_5": 24.2,
    "points_avg_last_10": 22.8,
    "points_avg_season": 21.5,
    "points_std_last_10": 5.1,
    "games_in_last_7_days": 4.0,
    "fatigue_score": 65.0,
    "shot_zone_mismatch_score": 0.943,
    "pace_score": 1.4,
    "usage_spike_score": 1.061,
    "home_away": 0.0,
    "back_to_back": 1.0,
    "pct_paint": 0.30,
    "pct_mid_range": 0.20,
    "pct_three": 0.50,
    "feature_quality_score": 88.0,
    "paint_vs_league": 252 / 420 - 0.590,
    "mid_range_vs_league": 78 / 180 - 0.432,
    "three_vs_league": 195 / 525 - 0.362,
    "similar_games": 5.0,
    "similar_points": 10035 / 420,
    "similar_score": 84.0,
    "similar_points_std": 3.493,
    "line": 19.5,
    "over_price": -110.0,
    "over_book": "alpha",
    "over_counter_price": -120.0,
    "under_price": 105.0,
    "under_book": "beta",
    "under_counter_price": -130.0,
}
COLUMNS = (*ID_COLUMNS, *EXTENDED.names, *NUMBER_COLUMNS, *TEXT_COLUMNS)


def example_rows(*changes: dict[str, Any]) -> pd.DataFrame:
    """Return one row for each set of changes to the example; columns that the example lacks are unknown."""
    unknown = dict.fromkeys(COLUMNS, float("nan")) | dict.fromkeys(TEXT_COLUMNS)
    return pd.DataFrame([unknown | EXAMPLE | change for change in changes or ({},)], columns=list(COLUMNS))


def unknown_player() -> pd.DataFrame:
    """Return the row of a player of whom only the name is known."""
    return example_rows(dict.fromkeys((*EXTENDED.names, *NUMBER_COLUMNS), float("nan")) | dict.fromkeys(TEXT_COLUMNS))


@dataclass
class FakeLearner:
    """A learner that returns `points` and `moved`, and records the rows of each call."""

    points: float | Iterable[float]
    moved: dict[str, float] = field(default_factory=dict)
    calls: list[pd.DataFrame] = field(default_factory=list)

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        self.calls.append(rows)
        return np.full(len(rows), self.points) if isinstance(self.points, float) else np.array(list(self.points))

    def contributions(self, rows: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(self.moved, index=rows.index)


def forecast_of(system: SystemId, rows: pd.DataFrame | None = None, learner: Learner | None = None) -> pd.DataFrame:
    """Return the forecast of one system that reads no other system's, by default of the example."""
    return SYSTEMS_BY_ID[system].forecast(example_rows() if rows is None else rows, learner, {})
