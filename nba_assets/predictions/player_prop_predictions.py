"""The table of forecasts, made before the games by models that have seen nothing of the month."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Literal

import ibis.expr.types as ir
import pandas as pd

from models.features import BASE
from models.forecast_keys import Edition
from models.inference.forecast import forecast, prediction_ids
from models.inference.recommendation import without_late_picks
from models.picks import PICKS
from models.training.gates import ModelStatus
from nba_assets.analytics.availability import is_out
from nba_assets.kit.calendar import Scope, month_of
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.kit.table_context import ComputedFrame, TableContext, compact
from nba_assets.predictions.forecast_inputs import KEY, forecast_inputs, with_counter_prices
from nba_assets.predictions.month_models import MonthModels, models_of
from nba_assets.predictions.prediction_columns import NO_LATE_PICKS, PREDICTION_COLUMNS, PREDICTION_GRAIN
from nba_resources.dates import DateRange

TIMES = ("known_until", "price_known_at")
COUNTED = ["game_date", "player_lookup", "recommendation"]


def compute_forecasts(frames: Mapping[str, pd.DataFrame], dates: DateRange, context: TableContext) -> ComputedFrame:
    """Forecast month by month, as each month has its own models; what is done is kept compact, as there may be 50."""
    rows, models = with_counter_prices(frames["inputs"]), frames["models"]
    months = rows["game_date"].dt.date.map(month_of)
    forecasts, counted = [], []
    for month, of_month in rows.groupby(months):
        loaded = models_of(models, month, context.objects.read)
        made = _forecasts_of_month(of_month, loaded)
        forecasts.append(compact(context.contract, made, repeated=["features_snapshot"]))
        counted.append(made[COUNTED])
        context.log(f"{month:%Y-%m}: {len(of_month)} players, {len(loaded.learners)} trained models")
    computed = pd.concat(forecasts or [pd.DataFrame(columns=list(context.contract.columns))], ignore_index=True)
    return ComputedFrame(computed, _facts(pd.concat(counted or [computed]), frames["out"]))


@table(
    dataset="nba_predictions",
    grain=list(PREDICTION_GRAIN),
    expected_rows=ExpectedRows.FORECASTS,
    scope=Scope.AFTER_BOOTSTRAP,
    columns=PREDICTION_COLUMNS,
    not_later=(NO_LATE_PICKS,),
    compute_frame=compute_forecasts,
)
def player_prop_predictions(
    ml_feature_store_v2: ir.Table,
    prediction_evidence: ir.Table,
    player_prop_lines: ir.Table,
    game_editions: ir.Table,
    ml_model_registry: ir.Table,
) -> dict[Literal["inputs", "models", "out"], ir.Table]:
    """One row per player, date and system: the forecast, the recommended bet, and what it rests on.

    Covers players who may be bet on. A system that abstains has a row with its reason; players who are out have none.
    """
    rows = forecast_inputs(ml_feature_store_v2, prediction_evidence, player_prop_lines)
    at_tip = game_editions.filter(game_editions.edition == Edition.AT_TIP.value)
    rows = with_columns_of(rows, at_tip.select("game_id", "known_until"), ["game_id"])
    out = prediction_evidence.filter(is_out(prediction_evidence))
    return {
        "inputs": rows.filter("is_prop_eligible"),
        "models": ml_model_registry.filter(ml_model_registry.status == ModelStatus.PRODUCTION.value),
        "out": out.group_by("game_date").aggregate(players=out.count()),
    }


def _forecasts_of_month(rows: pd.DataFrame, models: MonthModels) -> pd.DataFrame:
    """Return every system's rows for the inputs of one month."""
    forecasts = forecast(rows, models.learners, models.spreads)
    values = rows[list(BASE.names)].astype("float64").round(4).astype(object)
    snapshots = [json.dumps(row) for row in values.where(values.notna(), None).to_dict("records")]
    known = rows[[*KEY, *TIMES]].assign(features_snapshot=snapshots)
    forecasts = forecasts.merge(known, on=KEY, how="left")
    model_ids = forecasts["system_id"].map(models.ids).astype(object)
    ids = prediction_ids(forecasts, model_ids)
    forecasts = forecasts.assign(model_id=model_ids.where(model_ids.notna(), None), prediction_id=ids)
    return without_late_picks(forecasts)


def _facts(forecasts: pd.DataFrame, out: pd.DataFrame) -> dict[dt.date, dict[str, int]]:
    """Count forecast players, picks and absent players by date."""
    facts: dict[dt.date, dict[str, int]] = {}
    by_date = {
        "players": forecasts.groupby("game_date")["player_lookup"].nunique(),
        "picks": forecasts["recommendation"].isin(PICKS).groupby(forecasts["game_date"]).sum(),
        "players out": out.set_index("game_date")["players"],
    }
    for name, counts in by_date.items():
        for date, count in counts.items():
            facts.setdefault(pd.Timestamp(date).date(), {})[name] = int(count)
    return facts
