"""Forecasts that were graded, and what stands beside them, each table as it is stored."""

import datetime as dt
from typing import Any

from models.forecast_keys import Edition
from models.markets import POINTS
from nba_resources.dates import DateRange
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from .rows import TABLES, filled_rows

FIRST, LAST = dt.date(2024, 12, 1), dt.date(2025, 1, 31)
WINTER = DateRange(FIRST, LAST)
READ = ("prediction_accuracy", "player_prop_predictions", "ml_feature_store_v2", "player_prop_lines")
Row = dict[str, Any]


class Grades:
    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {name: [] for name in READ}

    def forecast(self, player: int, system: str, points: float | None, actual: int | None = 20, **told: Any) -> None:
        date = told.pop("game_date", FIRST)
        key = {"game_date": date, "player_lookup": f"player{player}", "system_id": system}
        key |= {"market": told.pop("market", POINTS), "edition": told.pop("edition", Edition.AT_TIP)}
        chance = {name: told.pop(name) for name in ("over_probability", "push_probability") if name in told}
        state = "DNP" if actual is None else "PLAYED"
        known = {"game_id": "0022400001", "player_id": player, "recommendation": "PASS", "predicted_value": points}
        grade = {"outcome_state": state, "actual_value": actual, "is_pick": "grade" in told} | told
        self.rows["prediction_accuracy"].append(key | known | grade)
        self.rows["player_prop_predictions"].append(key | known | chance)

    def night(self, player: int, line: float | None = None, season: float = 18.0, **told: Any) -> None:
        key = {"game_date": told.pop("game_date", FIRST), "player_lookup": f"player{player}"}
        key |= {"game_id": "0022400001", "player_id": player}
        features = {"points_avg_season": season, "early_season": False, "quality_tier": "gold"}
        self.rows["ml_feature_store_v2"].append(key | features)
        if line is not None:
            self.line(player, line, **key | told)

    def line(self, player: int, line: float, **told: Any) -> None:
        key = {"game_date": FIRST, "player_lookup": f"player{player}", "game_id": "0022400001", "player_id": player}
        market = {
            "market": told.pop("market", POINTS),
            "line": line,
            "line_min": line,
            "line_max": line,
            "n_books": 1,
            "n_books_at_line": 1,
        }
        self.rows["player_prop_lines"].append(key | market | {"over_prob_novig": 0.52} | told)

    def store(self, warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
        for name, rows in self.rows.items():
            contract = TABLES[name].contract
            warehouse.replace(contract, WINTER, filled_rows(contract, rows))
        return warehouse
