"""Made-up rows of the rates models: players with minutes and rates of their own, and games drawn around them."""

import numpy as np
import pandas as pd

from models.markets import BASES
from models.rates.inputs import input_columns
from models.rates.minutes import MinutesConfig
from models.rates.training import RatesConfig

SMALL = RatesConfig(
    minutes=MinutesConfig(trees=8, min_child_weight=20, learning_rate=0.5, least_rows=300), least_rows=300
)
PER_MINUTE = {"points": 0.45, "reb": 0.18, "ast": 0.1, "fg3m": 0.05, "stl": 0.03, "blk": 0.02, "tov": 0.05}
USUAL = {"allowed": 20.0, "league_level": 20.0}


def rates_rows(first: str = "2024-10-01", days: int = 120, players: int = 40, seed: int = 3) -> pd.DataFrame:
    """Return a game of every player on every day, with the columns of the contract, and what happened."""
    chance = np.random.default_rng(seed)
    n = days * players
    usual = np.tile(np.linspace(8, 36, players), days)
    played = np.clip(usual + chance.normal(0, 5, n), 1, 48).round()
    columns = {
        "game_date": np.repeat(pd.date_range(first, periods=days), players),
        "player_lookup": np.tile([f"player{p:02d}" for p in range(players)], days),
        "edition": "at_tip",
        "is_reported": True,
        **dict.fromkeys(input_columns(), np.nan),
        **_around(usual, chance),
        "career_games": 50.0,
        "is_home": np.tile([0.0, 1.0], n // 2),
        "actual_minutes": played,
    }
    for base in BASES:
        count = PER_MINUTE[base] * usual
        columns |= {f"{base}_half_life_{games}": count for games in (4, 15, 50)}
        columns |= {f"{base}_season_average": count, f"{base}_rate_15": count / usual, f"{base}_rate_50": count / usual}
        columns |= {f"{base}_{measure}": level for measure, level in USUAL.items()}
        columns[f"actual_{base}"] = chance.negative_binomial(5, 5 / (5 + PER_MINUTE[base] * played)).astype("float64")
    return pd.DataFrame(columns).sample(frac=1, random_state=seed, ignore_index=True)


def _around(usual: np.ndarray, chance: np.random.Generator) -> dict[str, np.ndarray]:
    """Return averages of minutes near the usual ones."""
    names = ("half_life_4", "half_life_15", "half_life_50", "season_average", "last_5_average", "last_10_average")
    near = {f"minutes_{name}": np.clip(usual + chance.normal(0, 1, len(usual)), 1, 48) for name in names}
    return near | {"minutes_last_10_deviation": chance.uniform(2, 8, len(usual))}
