"""A sound evening: twenty players with forecasts, games known up to yesterday, a model of the month."""

import datetime as dt
from typing import Any

import dagster as dg
import duckdb

from nba_assets.kit.assets import asset_key
from nba_checks import publish
from nba_checks.all import all_checks
from nba_checks.leakage.replay import upstream
from nba_checks.publish import Publish, publishable
from nba_platform.dagster_compat.check_evaluations import TargetMaterialization
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ..nba_platform.rows import TABLES, store

YESTERDAY, NIGHT = dt.date(2024, 12, 9), dt.date(2024, 12, 10)
RULES, BOOSTED = "moving_average_baseline_v1", "catboost_v8"
MADE_OF = {asset_key(TABLES[name].contract) for name in upstream(TABLES, publish.PREDICTIONS)}
GRADES = asset_key(TABLES[publish.GRADES].contract)
BLOCKING = [spec.key for check in all_checks(TABLES) for spec in check.check_specs if spec.blocking]
BEFORE = [key for key in BLOCKING if key.asset_key in MADE_OF]
ALARMS = [key for key in BLOCKING if key.asset_key == GRADES]


def named(key: dg.AssetCheckKey) -> str:
    return key.name


GAMES = [{"game_date": day, "game_id": str(day)} for day in (YESTERDAY, NIGHT)]
PLAYERS = [GAMES[1] | {"player_lookup": f"p{n}", "player_id": n} for n in range(20)]
MODEL = {
    "model_id": "m",
    "system_id": BOOSTED,
    "variant": "at_tip",
    "model_month": dt.date(2024, 12, 1),
    "status": "production",
}
SOUND: dict[str, list[dict[str, Any]]] = {
    "schedule": [game | {"season_type": "regular", "status": "scheduled"} for game in GAMES],
    "player_game_summary": GAMES[:1],
    "ml_feature_store_v2": [row | {"is_prop_eligible": True} for row in PLAYERS],
    "player_prop_predictions": [
        row | {"system_id": RULES, "edition": "at_tip", "predicted_value": 20.0} for row in PLAYERS
    ],
    "ml_model_registry": [MODEL],
}


AGAIN = f"run `nba backfill {NIGHT} --force`"
NO_MODEL = (
    "no model is in production for 2024-12; run `nba train 2024-12`; "
    "`nba models list --month 2024-12` shows why one was rejected"
)


class Evening:
    """A warehouse, and a log of what was written and judged."""

    def __init__(self, warehouse: DuckDBWarehouse, instance: dg.DagsterInstance) -> None:
        self.warehouse, self.instance = warehouse, instance
        self.made: dict[tuple[dg.AssetKey, dt.date], TargetMaterialization] = {}

    def change(self, name: str, *rows: dict[str, Any]) -> None:
        store(self.warehouse, **{name: [*rows]})

    def forget(self, name: str) -> None:
        with duckdb.connect(self.warehouse.path) as engine:
            engine.execute(f"DROP TABLE {TABLES[name].contract.key}")

    def write(self, asset: dg.AssetKey, date: dt.date) -> None:
        self.instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=str(date)))
        latest = self.instance.get_latest_storage_id_by_partition(
            asset, dg.DagsterEventType.ASSET_MATERIALIZATION, {str(date)}
        )
        self.made[asset, date] = TargetMaterialization(storage_id=latest[str(date)], run_id="run", timestamp=0.0)

    def answer(self, key: dg.AssetCheckKey, date: dt.date, passed: bool = True, said: str = "fine") -> None:
        if (key.asset_key, date) not in self.made:
            self.write(key.asset_key, date)
        evaluation = dg.AssetCheckEvaluation(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=passed,
            metadata={},
            partition=str(date),
            description=said,
            target_materialization_data=self.made[key.asset_key, date],
        )
        self.instance.report_runless_asset_event(evaluation)

    def judge(self, *but: dg.AssetCheckKey) -> None:
        """Every check passes but these, which are not asked: forecasts tonight, grades yesterday."""
        for key in BLOCKING:
            if key not in but:
                self.answer(key, YESTERDAY if key in ALARMS else NIGHT)

    def decision(self, date: dt.date = NIGHT, today: dt.date = NIGHT) -> Publish:
        with self.warehouse.session():
            return publishable(self.instance, self.warehouse, TABLES, date, today)
