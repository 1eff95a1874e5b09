"""Graded frames written by hand: a player-game is a player on a date, with a row for each system."""

from typing import Any

import numpy as np
import pandas as pd

from models.evaluation.betting_record import BettingRecord
from models.evaluation.graded_predictions import GradedPredictions
from models.evaluation.scores import Rate
from models.evaluation.subject import POINTS_AT_TIP, Subject
from models.system_ids import SystemId

OURS, OTHER, SEASON, LINE = "ensemble_v1", "catboost_v8", "season_average_v1", "market_line"
DATE = "2024-12-01"
NOTHING = {
    "recommendation": "PASS",
    "grade": None,
    "price_used": np.nan,
    "break_even": np.nan,
    "profit_units": np.nan,
    "close_state": None,
    "close_age_minutes": np.nan,
    "closing_value": np.nan,
    "carried_value": np.nan,
    "over_probability": np.nan,
    "push_probability": np.nan,
}
PAYS, LOSES, NEEDS = 100 / 110, -1.0, 110 / 210  # at -110


def player_game(
    player: int, actual: float | None = 20.0, line: float | None = None, **values: Any
) -> list[dict[str, Any]]:
    """Return a row for each system named in `values`; other values are facts of the player-game."""
    systems = {name.value: values.pop(name) for name in SystemId if name in values}
    facts = {
        "game_date": pd.Timestamp(values.pop("date", DATE)),
        "player_lookup": f"player{player}",
        "game_id": values.pop("game", f"game{player}"),
        "actual_value": np.nan if actual is None else actual,
        "outcome_state": "DNP" if actual is None else "PLAYED",
        "line": np.nan if line is None else line,
        "market_over_probability": np.nan,
        "points_avg_season": 18.0,
        "early_season": False,
    } | values
    return [
        facts | NOTHING | {"system_id": name, "predicted_value": points, "edge": points - facts["line"]}
        for name, points in systems.items()
    ]


def pick(player: int, side: str, grade: str, system: str = OURS, edge: float = 3.0, **values: Any) -> dict[str, Any]:
    """Return one bet at -110 on a line of 20.5."""
    settled = {"WIN": PAYS, "LOSS": LOSES, "PUSH": 0.0, "VOID": 0.0}
    points = 20.5 + (edge if side == "OVER" else -edge)
    (row,) = player_game(player, line=20.5, **{system: points})
    money = {"price_used": -110.0, "break_even": NEEDS, "profit_units": settled.get(grade, np.nan)}
    return row | {"recommendation": side, "grade": grade} | money | values


def graded(*games: list[dict[str, Any]], subject: Subject = POINTS_AT_TIP) -> GradedPredictions:
    return GradedPredictions.from_rows(pd.DataFrame([row for rows in games for row in rows]), subject)


def record(hits: int, n: int, needs: float = 0.534, system: str = OURS, group: str = "all") -> BettingRecord:
    grades = {"WIN": hits, "LOSS": n - hits, "PUSH": 0, "VOID": 0, "PENDING": 0, "UNGRADEABLE": 0}
    rate = Rate(hits, n)
    return BettingRecord(system, group, grades, rate, Rate(0, 0), rate, needs, n, 0, 1.0)
